"""The standard interfaces of D-Bus that our objects have besides their own.

https://dbus.freedesktop.org/doc/dbus-specification.html#standard-interfaces ; Peer is answered by libdbus itself.
"""

from __future__ import annotations

from flexnetd.daemon.bus.spec import Argument, Interface, Method, Signal

PROPERTIES = Interface(
    "org.freedesktop.DBus.Properties",
    "Reading the properties. None can be written.",
    methods=(
        Method(
            "Get",
            "One property.",
            (Argument("interface_name", "s"), Argument("property_name", "s")),
            (Argument("value", "v"),),
        ),
        Method(
            "GetAll",
            "Every property of an interface.",
            (Argument("interface_name", "s"),),
            (Argument("properties", "a{sv}"),),
        ),
        Method(
            "Set",
            "Refused for every property: PropertyReadOnly.",
            (Argument("interface_name", "s"), Argument("property_name", "s"), Argument("value", "v")),
        ),
    ),
    signals=(
        Signal(
            "PropertiesChanged",
            "Some properties changed; those in `invalidated_properties` are to be read anew by whom they concern.",
            (
                Argument("interface_name", "s"),
                Argument("changed_properties", "a{sv}"),
                Argument("invalidated_properties", "as"),
            ),
        ),
    ),
)

INTROSPECTABLE = Interface(
    "org.freedesktop.DBus.Introspectable",
    "What an object offers, as XML, with documentation.",
    methods=(Method("Introspect", "The XML of this object.", (), (Argument("xml_data", "s"),)),),
)

OBJECT_MANAGER = Interface(
    "org.freedesktop.DBus.ObjectManager",
    "Every object below this one: the profiles, and the caller's own logins.",
    methods=(
        Method(
            "GetManagedObjects",
            "The objects with their interfaces and properties; other people's logins are left out.",
            (),
            (Argument("objects", "a{oa{sa{sv}}}"),),
        ),
    ),
    signals=(
        Signal(
            "InterfacesAdded",
            "An object came. A login's is told to the connection that began it, and to nobody else.",
            (Argument("object", "o"), Argument("interfaces", "a{sa{sv}}")),
        ),
        Signal(
            "InterfacesRemoved",
            "An object went.",
            (Argument("object", "o"), Argument("interfaces", "as")),
        ),
    ),
)

STANDARD = (PROPERTIES, INTROSPECTABLE)
