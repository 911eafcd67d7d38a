"""What this computer tells everybody about itself: its routes, its profiles, the keys that are plugged in.

Nothing here waits and nothing needs a right. What cannot be read is None, which is not the same as empty.
"""

from __future__ import annotations

import contextlib
import grp
import os
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.model.profile_file import read_profile

PROFILE_FOLDERS = ("etc/flexnetd/profiles.d", "var/lib/flexnetd/profiles.d")
LONGEST_FILE = 1024 * 1024
WORKER_GROUP = "flexnetd-worker"
YUBICO = 0x1050
"""The vendor number of YubiKeys."""

_KEYBOARD = bytes.fromhex("05010906")
"""How the report descriptor of the interface begins on which a YubiKey's slots answer."""
_REJECT = 0x200
"""linux/route.h, RTF_REJECT: the kernel's own "no route" entries."""


@dataclass(frozen=True, slots=True)
class KeyNode:
    """A plugged-in YubiKey. `release` is what it tells of its firmware on USB. `permitted`: the worker may open it."""

    node: str
    product: str
    release: str
    permitted: bool
    mode: str


@dataclass(frozen=True, slots=True)
class LocalProfiles:
    good: tuple[Profile, ...]
    faults: tuple[Fault, ...]


def default_devices(root: Path) -> tuple[str, ...] | None:
    """The interfaces with a default route of either family, by the kernel's own tables: proc_net_route(5)."""
    try:
        routes = _lines(root / "proc/net/route")[1:]
        ipv6 = root / "proc/net/ipv6_route"
        routes_6 = _lines(ipv6) if ipv6.exists() else []
    except OSError:
        return None
    found = [device for route in routes for device in _default_device(route)]
    found += [device for route in routes_6 for device in _default_device_6(route)]
    return tuple(dict.fromkeys(found))


def local_profiles(root: Path) -> LocalProfiles:
    """The profiles that everybody may read. What the service imported for itself may not be among them."""
    good: dict[str, Profile] = {}
    faults: list[Fault] = []
    for file in _profile_files(root):
        try:
            profile = read_profile(_text(file), str(file))
        except Fault as fault:
            faults.append(fault)
        except (OSError, UnicodeDecodeError):
            faults.append(Fault(Code.PROFILE_OWNERSHIP, file=str(file)))
        else:
            good.setdefault(profile.name, profile)
    return LocalProfiles(tuple(good.values()), tuple(faults))


def authority_of(profile: Profile) -> str:
    """The trust anchors that the profile names, as PEM; "" for one with pins. Raises Fault PROFILE_MALFORMED."""
    file = profile.trust.ca_file
    try:
        return _text(Path(file)) if file else ""
    except (OSError, UnicodeDecodeError):
        problem = f"{file} cannot be read"
        raise Fault(
            Code.PROFILE_MALFORMED, file=f"{profile.name}.toml", line=0, key="trust.ca_file", problem=problem
        ) from None


def way_to(address: str, port: int) -> str:
    """The computer's own address on the way to that one, as the kernel would choose it; "" without a way. Connecting a
    datagram socket sends nothing."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, port))
            return str(probe.getsockname()[0])
    except OSError:
        return ""


def key_nodes(root: Path) -> tuple[KeyNode, ...] | None:
    """The YubiKeys whose slots can be asked. None where the system does not tell."""
    folder = root / "sys/class/hidraw"
    if not folder.is_dir():
        return None if not (root / "sys/bus/usb/devices").is_dir() else ()
    found = (_key_node(root, entry) for entry in sorted(folder.iterdir(), key=lambda entry: entry.name))
    return tuple(node for node in found if node is not None)


def keys_on_usb(root: Path) -> tuple[str, ...]:
    """What every YubiKey calls itself, also one without slots."""
    found = (device.parent for device in (root / "sys/bus/usb/devices").glob("*/idVendor") if _is_yubico(device))
    return tuple(sorted(_word(device / "product") or "YubiKey" for device in found))


def _key_node(root: Path, entry: Path) -> KeyNode | None:
    try:
        if _vendor(entry / "device/uevent") != YUBICO:
            return None
        if not (entry / "device/report_descriptor").read_bytes().startswith(_KEYBOARD):
            return None
        state = (root / "dev" / entry.name).stat()
    except OSError:
        return None
    # .../1-2 (the USB device) / 1-2:1.0 (its interface) / the HID device
    usb = (entry / "device").resolve().parents[1]
    return KeyNode(
        f"/dev/{entry.name}",
        _word(usb / "product") or "YubiKey",
        _release(usb / "uevent"),
        _opens(state),
        f"{_owner(state.st_gid)} {stat.S_IMODE(state.st_mode):04o}",
    )


def _opens(state: os.stat_result) -> bool:
    """Whether the worker may read and write the node: by its group, as the udev rule of the package sets it."""
    if state.st_mode & 0o006 == 0o006:
        return True
    return state.st_mode & 0o060 == 0o060 and _owner(state.st_gid) == WORKER_GROUP


def _owner(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _release(uevent: Path) -> str:
    """A YubiKey's firmware is its release number on USB: PRODUCT=1050/407/543 is 5.4.3."""
    for line in _lines(uevent):
        name, _, value = line.partition("=")
        release = value.rpartition("/")[2]
        if name == "PRODUCT" and len(release) == 3:
            return ".".join(str(int(digit, 16)) for digit in release)
    return ""


def _vendor(uevent: Path) -> int | None:
    """From the line HID_ID=0003:00001050:00000407: bus, vendor, product."""
    for line in _lines(uevent):
        name, _, value = line.partition("=")
        if name == "HID_ID" and value.count(":") == 2:
            return int(value.split(":")[1], 16)
    return None


def _is_yubico(vendor: Path) -> bool:
    return _word(vendor) == f"{YUBICO:04x}"


def _profile_files(root: Path) -> Iterator[Path]:
    for folder in PROFILE_FOLDERS:
        with contextlib.suppress(OSError):
            yield from sorted(file for file in (root / folder).iterdir() if file.suffix == ".toml")


def _default_device(route: str) -> Iterator[str]:
    """Iface Destination Gateway Flags RefCnt Use Metric Mask ...; destination and mask zero, flag 1 = up."""
    match route.split():
        case [device, "00000000", _, flags, _, _, _, "00000000", *_] if int(flags, 16) & 1:
            yield device


def _default_device_6(route: str) -> Iterator[str]:
    """Destination, its length, source, its length, next hop, metric, references, use, flags, device."""
    match route.split():
        case [destination, "00", _, "00", _, _, _, _, flags, device] if (
            not int(destination, 16) and int(flags, 16) & 1 and not int(flags, 16) & _REJECT and device != "lo"
        ):
            yield device


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="ascii", errors="replace").splitlines()


def _text(file: Path) -> str:
    with file.open(encoding="utf-8") as source:
        return source.read(LONGEST_FILE)


def _word(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
