"""Introspection data, with documentation, made from the interfaces' own description.

https://dbus.freedesktop.org/doc/dbus-specification.html#introspection-format
"""

from __future__ import annotations

from collections.abc import Iterable

from flexnetd.daemon.bus.spec import Argument, Interface

_DOCTYPE = (
    '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n'
    ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n'
)
_DOC = "org.gtk.GDBus.DocString"
_EMITS = "org.freedesktop.DBus.Property.EmitsChangedSignal"


def introspection_xml(interfaces: Iterable[Interface], children: Iterable[str]) -> str:
    """The XML of an object with these interfaces and these child nodes (names, not paths)."""
    body = "".join(_interface(interface) for interface in interfaces)
    nodes = "".join(f'  <node name="{_quoted(child)}"/>\n' for child in children)
    return f"{_DOCTYPE}<node>\n{body}{nodes}</node>\n"


def _interface(interface: Interface) -> str:
    methods = "".join(
        f'    <method name="{method.name}">\n{_doc(method.doc)}'
        f"{_arguments(method.inputs, 'in')}{_arguments(method.outputs, 'out')}    </method>\n"
        for method in interface.methods
    )
    properties = "".join(
        f'    <property name="{prop.name}" type="{prop.signature}" access="read">\n{_doc(prop.doc)}'
        f"{_annotation(_EMITS, prop.emits.value)}    </property>\n"
        for prop in interface.properties
    )
    signals = "".join(
        f'    <signal name="{signal.name}">\n{_doc(signal.doc)}{_arguments(signal.arguments, "")}    </signal>\n'
        for signal in interface.signals
    )
    annotation = _annotation(_DOC, interface.doc, "    ")
    return f'  <interface name="{interface.name}">\n{annotation}{methods}{properties}{signals}  </interface>\n'


def _arguments(arguments: Iterable[Argument], direction: str) -> str:
    way = f' direction="{direction}"' if direction else ""
    return "".join(f'      <arg name="{a.name}" type="{a.signature}"{way}/>\n' for a in arguments)


def _doc(text: str) -> str:
    return _annotation(_DOC, text)


def _annotation(name: str, value: str, indent: str = "      ") -> str:
    return f'{indent}<annotation name="{name}" value="{_quoted(value)}"/>\n'


def _quoted(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(character, entity)
    return text
