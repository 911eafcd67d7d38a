"""Asks the daemon for all properties of a profile's session, again and again until its input ends; prints the waits in
ms.

One question every 2 ms, and at least 300."""

from __future__ import annotations

import json
import select
import sys
import time

import dbus

from flexnetd.model.bus_names import BUS_NAME, PROFILE_PATH, SESSION

LEAST = 300
PAUSE_S = 0.002


def main() -> None:
    bus = dbus.SystemBus()
    properties = dbus.Interface(bus.get_object(BUS_NAME, PROFILE_PATH + sys.argv[1]), "org.freedesktop.DBus.Properties")
    waits: list[float] = []
    print("asking", flush=True)
    ended = False
    while not ended or len(waits) < LEAST:
        start = time.perf_counter()
        properties.GetAll(SESSION)
        waits.append((time.perf_counter() - start) * 1000)
        if ended:
            time.sleep(PAUSE_S)
        else:
            ended = bool(select.select([sys.stdin], [], [], PAUSE_S)[0])
    print(json.dumps(waits))


if __name__ == "__main__":
    main()
