"""`flexnet-applet`: an icon in the notification area, and notifications. It waits for signals and for the one moment at
which the clock alone changes something; it never polls.

Whatever wants a person (a password, a touch) the window does: the applet asks it to by org.freedesktop.Application.
Signing out wants nobody, so the applet does it itself; if that fails, the window opens, which says why.
"""

from __future__ import annotations

import sys
import time
from typing import NoReturn

import dbus

from flexnetd.applet.menu import Menu
from flexnetd.applet.model import Act, Before, Entry, remembered, shown
from flexnetd.applet.notifications import Notifications
from flexnetd.applet.session_bus import SessionBus
from flexnetd.applet.tray import Tray
from flexnetd.client import glib
from flexnetd.client.language import language_from_environment, msg
from flexnetd.client.live import Live
from flexnetd.client.moments import next_moment
from flexnetd.client.sentences.facts import printable
from flexnetd.model.fault import Fault

WINDOW = ("org.flexnetd.FlexNet.Window", "/org/flexnetd/FlexNet/Window", "org.freedesktop.Application")
APPLET = "org.flexnetd.FlexNet.Applet"
_QUIET_S = 24 * 3600.0

_NO_SESSION_BUS = msg("This program belongs into a desktop: there is no session bus here.")


class Applet:
    def __init__(self, bus: SessionBus) -> None:
        self._bus, self._language = bus, language_from_environment()
        self._live = Live(self._changed)
        self._before = Before()
        first = shown(self._live.known, self._before, self._language, time.time())
        self._menu = Menu(bus, first.entries, self._entry_chosen)
        self._tray = Tray(bus, first, lambda: self._do(Act.OPEN))
        self._notifications = Notifications(bus, self._do)

    def run(self) -> NoReturn:
        self._live.connect()
        while True:
            now = time.time()
            moment = next_moment(self._live.known, now)
            glib.iterate(_QUIET_S if moment is None else min(moment - now + 0.5, _QUIET_S))
            self._live.deliver()
            if moment is not None and time.time() >= moment:
                self._changed()

    def _changed(self) -> None:
        known, now = self._live.known, time.time()
        self._before = remembered(self._before, known, now)
        now_shown = shown(known, self._before, self._language, now)
        self._tray.show(now_shown)
        self._menu.show(now_shown.entries)
        self._notifications.show(now_shown.notifications)

    def _entry_chosen(self, entry: Entry) -> None:
        if entry.act is Act.SIGN_OUT:
            for profile in self._live.known.profiles:
                if profile.name == entry.profile:
                    self._live.disconnect(profile, self._signed_out)
        elif entry.act is not None:
            self._do(entry.act)

    def _signed_out(self, fault: Fault | None) -> None:
        if fault is not None:
            print(f"sign-out: {fault.code.value}", file=sys.stderr)
            self._do(Act.OPEN)

    def _do(self, act: Act) -> None:
        """By the window, which the bus starts when it is not there."""
        nothing = dbus.Dictionary({}, signature="sv")
        if act is Act.OPEN:
            self._bus.call(WINDOW, "Activate", "a{sv}", (nothing,))
        else:
            none = dbus.Array([], signature="v")
            self._bus.call(WINDOW, "ActivateAction", "sava{sv}", (act.value, none, nothing))


def main() -> int:
    try:
        bus = SessionBus()
    except dbus.DBusException:
        print(printable(language_from_environment().text(_NO_SESSION_BUS)), file=sys.stderr)
        return 1
    if not bus.own(APPLET):
        return 0  # one is enough
    try:
        Applet(bus).run()
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
