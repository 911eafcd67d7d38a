"""`flexnet-window`: the application, one instance, started by D-Bus too. Its actions sign-in, renew and sign-out are
what the applet asks for: the window comes to the front and begins.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from typing import Any

from flexnetd.client.language import language_from_environment
from flexnetd.window.activity import Purpose
from flexnetd.window.autostart import ENTRY, start_applet_with_desktop
from flexnetd.window.desk import Desk
from flexnetd.window.examination import Examination
from flexnetd.window.toolkit import Adw, Gio, GLib, Gtk
from flexnetd.window.view import Act, Button
from flexnetd.window.widgets import Page

APPLICATION_ID = "org.flexnetd.FlexNet.Window"
SIZE_PX = (480, 700)
PROFILE_SUFFIX = ".flexnet"
TRAY = "org.kde.StatusNotifierWatcher"
QUIET_S = 24 * 3600
"""As long as GLib may wait; a moment may lie further ahead than it can count."""


class FlexNetWindow:
    def __init__(self) -> None:
        self.application = Adw.Application(application_id=APPLICATION_ID)
        self._desk = Desk(language_from_environment(), self._view_changed, self._arrived, _first_success)
        self._examination = Examination(self._desk.heard)
        self._page = Page(self._pressed, self._desk.submit, self._desk.choose)
        self._window: Any = None
        self._chooser: Any = None
        self._delivering = False
        self._timer = 0
        self.application.connect("activate", lambda _: self._present())
        for purpose in (Purpose.SIGN_IN, Purpose.RENEW, Purpose.SIGN_OUT):
            action = Gio.SimpleAction.new(purpose.value, None)
            action.connect("activate", lambda *_, purpose=purpose: self._asked_for(purpose))
            self.application.add_action(action)

    def _present(self) -> None:
        if self._window is None:
            width, height = SIZE_PX
            self._window = Adw.ApplicationWindow(
                application=self.application, default_width=width, default_height=height, content=self._page.root
            )
            self._window.set_title("FlexNet")
            self._window.set_icon_name(APPLICATION_ID)
            self._window.add_controller(self._escape())
            self._page.show(self._desk.view())
            GLib.idle_add(self._connect)  # after the first frame
            self._watch_tray()
        self._window.present()

    def _escape(self) -> Any:
        """Escape means the button that cancels or goes back."""
        keys = Gtk.ShortcutController()
        trigger = Gtk.ShortcutTrigger.parse_string("Escape")
        keys.add_shortcut(Gtk.Shortcut.new(trigger, Gtk.CallbackAction.new(lambda *_: self._escaped())))
        return keys

    def _escaped(self) -> bool:
        away = [button for button in self._desk.view().buttons if button.act in {Act.CANCEL, Act.BACK}]
        for button in away:
            self._pressed(button)
        return bool(away)

    def _watch_tray(self) -> None:
        Gio.bus_watch_name(
            Gio.BusType.SESSION,
            TRAY,
            Gio.BusNameWatcherFlags.NONE,
            lambda *_: self._desk.tray_is_there(there=True),
            lambda *_: self._desk.tray_is_there(there=False),
        )

    def _connect(self) -> bool:
        self._desk.connect()
        return False

    def _asked_for(self, purpose: Purpose) -> None:
        self._present()
        self._desk.begin(purpose)

    def _pressed(self, button: Button) -> None:
        match button.act:
            case Act.SIGN_IN | Act.RENEW | Act.SIGN_OUT:
                self._desk.begin(Purpose(button.act.value))
            case Act.CANCEL:
                self._desk.cancel()
            case Act.BACK:
                self._examination.stop()
                self._desk.back()
            case Act.EXAMINE:
                if self._desk.examine():
                    self._examination.start()
            case Act.IMPORT:
                self._choose_file(button.label.replace("_", ""))
            case Act.RETRY:
                self._desk.retry()
            case Act.OPEN_PAGE:
                Gtk.show_uri(self._window, button.target, 0)
            case Act.SUBMIT:
                pass  # the page hands over what was typed

    def _choose_file(self, title: str) -> None:
        chooser = Gtk.FileChooserNative(
            title=title, transient_for=self._window, modal=True, action=Gtk.FileChooserAction.OPEN
        )
        profiles = Gtk.FileFilter()
        profiles.add_pattern("*" + PROFILE_SUFFIX)
        profiles.set_name("*" + PROFILE_SUFFIX)
        chooser.add_filter(profiles)
        chooser.connect("response", self._file_chosen)
        self._chooser = chooser  # GTK does not hold it
        chooser.show()

    def _file_chosen(self, chooser: Any, response: int) -> None:
        self._chooser = None
        if response == Gtk.ResponseType.ACCEPT:
            self._desk.import_profile(chooser.get_file().get_path() or "")

    # -- the main loop

    def _arrived(self) -> None:
        if not self._delivering:
            self._delivering = True
            GLib.idle_add(self._deliver)

    def _deliver(self) -> bool:
        self._delivering = False
        self._desk.deliver()
        return False

    def _view_changed(self) -> None:
        self._page.show(self._desk.view())
        if self._timer:
            GLib.source_remove(self._timer)
            self._timer = 0
        next_look_s = self._desk.next_look()
        if next_look_s is not None:
            self._timer = GLib.timeout_add_seconds(int(min(next_look_s, QUIET_S)) + 1, self._time_has_come)

    def _time_has_come(self) -> bool:
        self._timer = 0
        self._view_changed()
        return False


def _first_success() -> None:
    """The applet starts with the desktop from now on, and at once."""
    if start_applet_with_desktop() is not None:
        with contextlib.suppress(TypeError, GLib.Error):  # TypeError: the entry's program is not installed
            Gio.DesktopAppInfo.new(ENTRY).launch([], None)


def main(arguments: Sequence[str] | None = None) -> int:
    GLib.set_prgname(APPLICATION_ID)
    return int(FlexNetWindow().application.run(list(arguments) if arguments is not None else sys.argv))


if __name__ == "__main__":
    sys.exit(main())
