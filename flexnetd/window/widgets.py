"""Shows a View. One page of parts, from the notices down to whom to call; a part is made anew only when its share of
the view is another, so that what somebody types is never lost to a signal.

A new page moves the keyboard's focus to what has to be done next (the first empty entry, else the main button), and the
focused widget is described by the headline: so a screen reader speaks every stage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flexnetd.model.secret import Secret
from flexnetd.window.desk import AGAIN
from flexnetd.window.toolkit import Adw, GLib, Gtk, Pango
from flexnetd.window.view import Act, Button, Card, CardKind, Field, Mark, View

WIDEST_PX = 440
BUTTON_PX = 240
MARK_PX = 72
LONG = 28
"""Letters of a headline that still fits in large type."""
_MIDDLE = ("notices", "head", "form", "cards", "details", "buttons")
_QUIET = {Act.EXAMINE}
_COLOURS = {
    Mark.ON: "success",
    Mark.ENDING: "warning",
    Mark.PROBLEM: "error",
    Mark.KEY: "accent",
    Mark.OFF: "dim-label",
    Mark.OTHER: "dim-label",
}
_CARD_COLOURS = {CardKind.NOTICE: "accent", CardKind.DUTY: "warning", CardKind.IN_ORDER: "success"}
"""Beside the shape, never alone."""
_UNSPOKEN = Gtk.AccessibleRole.PRESENTATION
"""For pictures that say what the words beside them say."""

Pressed = Callable[[Button], None]
Typed = Callable[[Mapping[str, Secret]], None]


class Page:
    """`root` is the widget. `pressed` gets every button but SUBMIT, `typed` a complete form, `chosen` a profile."""

    def __init__(self, pressed: Pressed, typed: Typed, chosen: Callable[[str], None]) -> None:
        self._pressed, self._typed, self._chosen = pressed, typed, chosen
        self._view: View | None = None
        self._entries: list[tuple[str, Any]] = []
        self._main: Any = None
        self._complaint: Any = None
        self._values: list[Any] = []
        self.title = Adw.WindowTitle(title="FlexNet")
        self._header = Adw.HeaderBar(title_widget=self.title)
        self._chooser: Any = None
        self._parts = {name: _column(12) for name in _MIDDLE}
        middle = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=24, vexpand=True, valign=Gtk.Align.CENTER)
        for name in _MIDDLE:
            middle.append(self._parts[name])
        self._parts["help"] = _column(2)
        column = _column(16)
        column.append(middle)
        column.append(self._parts["help"])
        _margins(column, 24)
        clamp = Adw.Clamp(maximum_size=WIDEST_PX, tightening_threshold=WIDEST_PX, child=column)
        scrolled = Gtk.ScrolledWindow(child=clamp, vexpand=True, hscrollbar_policy=Gtk.PolicyType.NEVER)
        self.root = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        self.root.append(self._header)
        self.root.append(scrolled)

    def show(self, view: View) -> None:
        before, self._view = self._view, view
        if before == view:
            return
        self.title.set_title("FlexNet" if view.profiles else view.title)
        if before is None or before.profiles != view.profiles:
            self._show_chooser(view)
        if before is None or before.notices != view.notices:
            _fill(self._parts["notices"], [_card(card) for card in view.notices])
        if before is None or _of_head(before) != _of_head(view):
            _fill(self._parts["head"], _head(view))
        if before is None or before.cards != view.cards:
            _fill(self._parts["cards"], [_card(card) for card in view.cards])
        if before is None or before.help != view.help:
            _fill(self._parts["help"], [_label(line, "caption") for line in view.help])
        self._show_form(before, view)
        self._show_details(before, view)
        if before is None or before.buttons != view.buttons:
            self._show_buttons(view)
        if before is None or (before.headline, before.form_number) != (view.headline, view.form_number):
            self._focus(view)

    # -- parts

    def _show_chooser(self, view: View) -> None:
        if self._chooser is not None:
            self._header.remove(self._chooser)
            self._chooser = None
        if view.profiles:
            names = [name for name, _ in view.profiles]
            labels = Gtk.StringList.new([label for _, label in view.profiles])
            self._chooser = Gtk.DropDown(model=labels, selected=view.chosen)
            self._chooser.connect("notify::selected", lambda drop, _: self._chosen(names[drop.get_selected()]))
            self._header.pack_start(self._chooser)

    def _show_form(self, before: View | None, view: View) -> None:
        if before is None or (before.form, before.form_number) != (view.form, view.form_number):
            self._entries = []
            column = _column(12)
            for field in view.form:
                self._add_entries(column, field)
            _fill(self._parts["form"], [column] if view.form else [])
        if before is None or (before.complaint, before.attempt) != (view.complaint, view.attempt):
            self._complain(view.complaint)

    def _add_entries(self, column: Any, field: Field) -> None:
        """Entries of GTK itself: a screen reader is not told of the focus in libadwaita 1.2's rows."""
        again = ((field.name + AGAIN, field.again),) if field.again else ()
        for name, label in ((field.name, field.label), *again):
            entry = Gtk.PasswordEntry(show_peek_icon=True) if field.hidden else Gtk.Entry()
            entry.set_text(field.text)
            entry.connect("activate", lambda _, name=name: self._entered(name))
            caption = _label(label, "caption-heading", centred=False)
            caption.set_mnemonic_widget(entry)
            pair = _column(4)
            pair.append(caption)
            pair.append(entry)
            column.append(pair)
            self._entries.append((name, entry))

    def _complain(self, complaint: str) -> None:
        part = self._parts["form"]
        if self._complaint is not None:
            if self._complaint.get_parent() is part:
                part.remove(self._complaint)
            self._complaint = None
        if not complaint:
            return
        line = Gtk.Box(spacing=8, accessible_role=Gtk.AccessibleRole.ALERT)
        line.append(Gtk.Image(icon_name="dialog-warning-symbolic", valign=Gtk.Align.START, accessible_role=_UNSPOKEN))
        line.append(_label(complaint, "error", centred=False))
        part.append(line)
        self._complaint = line
        for _, entry in self._entries:
            entry.update_property([Gtk.AccessibleProperty.DESCRIPTION], [complaint])
        if self._entries:
            GLib.idle_add(self._refocus)

    def _refocus(self) -> bool:
        """After a complaint the last hidden entries are empty again, and typing goes on at the first of them."""
        hidden = [entry for _, entry in self._entries if isinstance(entry, Gtk.PasswordEntry)]
        for entry in hidden:
            entry.set_text("")
        (hidden or [entry for _, entry in self._entries])[0].grab_focus()
        return False

    def _show_details(self, before: View | None, view: View) -> None:
        labels = [label for label, _ in view.details]
        if before is not None and labels == [label for label, _ in before.details]:
            for row, (_, value) in zip(self._values, view.details, strict=True):
                row.set_subtitle(GLib.markup_escape_text(value))
            return
        self._values = [Adw.ActionRow(title=label, subtitle=GLib.markup_escape_text(v)) for label, v in view.details]
        expander = Adw.ExpanderRow(title=view.details_label)
        for row in self._values:
            row.add_css_class("property")  # the value is what counts, from libadwaita 1.3 on
            row.set_subtitle_lines(3)
            expander.add_row(row)
        group = Adw.PreferencesGroup()
        group.add(expander)
        _fill(self._parts["details"], [group] if view.details else [])

    def _show_buttons(self, view: View) -> None:
        self._main = None
        stack = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=8, halign=Gtk.Align.CENTER)
        for button in sorted(view.buttons, key=lambda button: not button.main):
            # GTK 4.8 speaks the label of a plain button twice, with its underscore.
            label = Gtk.Label(label=button.label, use_underline=True)
            widget = Gtk.Button(child=label, width_request=BUTTON_PX)
            label.set_mnemonic_widget(widget)
            widget.add_css_class("pill")
            if button.main:
                widget.add_css_class("suggested-action")
            elif button.act in _QUIET:
                widget.add_css_class("flat")
            if button.main or self._main is None:
                self._main = widget
            widget.connect("clicked", lambda _, button=button: self._clicked(button))
            stack.append(widget)
        _fill(self._parts["buttons"], [stack] if view.buttons else [])

    # -- what the person does

    def _clicked(self, button: Button) -> None:
        if button.act is Act.SUBMIT:
            self._submit()
        else:
            self._pressed(button)

    def _entered(self, name: str) -> None:
        """Enter goes on to the next empty entry, and submits when there is none."""
        empty = [entry for other, entry in self._entries if other != name and not entry.get_text()]
        if empty:
            empty[0].grab_focus()
        else:
            self._submit()

    def _submit(self) -> None:
        self._typed({name: Secret(entry.get_text()) for name, entry in self._entries})

    def _focus(self, view: View) -> None:
        empty = [entry for _, entry in self._entries if not entry.get_text()]
        target = next(iter(empty), self._main)
        if target is None:
            return
        target.update_property([Gtk.AccessibleProperty.DESCRIPTION], [view.spoken])
        GLib.idle_add(lambda: target.grab_focus() and False)


def _of_head(view: View) -> tuple[object, ...]:
    return view.mark, view.context, view.headline, view.body, view.remark, view.spinning


def _head(view: View) -> list[Any]:
    if view.spinning:
        mark = Gtk.Spinner(spinning=True, width_request=MARK_PX, height_request=MARK_PX, halign=Gtk.Align.CENTER)
    else:
        mark = Gtk.Image(icon_name=view.mark.value, pixel_size=MARK_PX, accessible_role=_UNSPOKEN)
        if view.mark in _COLOURS:
            mark.add_css_class(_COLOURS[view.mark])
    headline = _label(view.headline, "title-1" if len(view.headline) <= LONG else "title-2")
    context = [_label(view.context, "caption-heading")] if view.context else []
    remark = [_label(view.remark, "caption")] if view.remark else []
    return [mark, *context, headline, *(_label(text, "body") for text in view.body), *remark]


def _card(card: Card) -> Any:
    box = Gtk.Box(spacing=12)
    box.add_css_class("card")
    image = Gtk.Image(icon_name=card.kind.value, pixel_size=20, valign=Gtk.Align.START, accessible_role=_UNSPOKEN)
    if card.kind in _CARD_COLOURS:
        image.add_css_class(_CARD_COLOURS[card.kind])
    column = _column(4)
    column.set_hexpand(True)
    column.append(_label(card.title, "heading", centred=False))
    for line in card.lines:
        column.append(_label(line, "body", centred=False))
    for part in (image, column):
        _margins(part, 12)
        box.append(part)
    image.set_margin_end(0)
    column.set_margin_start(0)
    return box


def _label(text: str, style: str, *, centred: bool = True) -> Any:
    """A word that is wider than the window is broken: it may be the operator's, and would make the window as wide."""
    breaks = Pango.WrapMode.WORD_CHAR
    label = Gtk.Label(label=text, wrap=True, wrap_mode=breaks, selectable=False, xalign=0.5 if centred else 0.0)
    label.set_justify(Gtk.Justification.CENTER if centred else Gtk.Justification.LEFT)
    label.add_css_class(style)
    return label


def _column(spacing: int) -> Any:
    return Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=spacing)


def _margins(widget: Any, pixels: int) -> None:
    for side in ("top", "bottom", "start", "end"):
        widget.set_property(f"margin-{side}", pixels)


def _fill(box: Any, children: list[Any]) -> None:
    while (child := box.get_first_child()) is not None:
        box.remove(child)
    for child in children:
        box.append(child)
    box.set_visible(bool(children))
