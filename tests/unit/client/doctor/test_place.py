"""What stands in files: routes, profiles, keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexnetd.client.doctor import place
from flexnetd.model.codes import Code

HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
LOCAL = "eth0\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
DEFAULT = "wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
DOWN = "wlan0\t00000000\t0102A8C0\t0002\t0\t0\t600\t00000000\t0\t0\t0\n"
ZERO = "0" * 32
DEFAULT_6 = f"{ZERO} 00 {ZERO} 00 fe80{'0' * 27}1 00000400 00000001 00000000 00000003     eth0\n"
REJECTED_6 = f"{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200       lo\n"
LOCAL_6 = f"fe80{'0' * 28} 40 {ZERO} 00 {ZERO} 00000100 00000001 00000000 00000001     eth0\n"
KEYBOARD = bytes.fromhex("05010906a101")
FIDO = bytes.fromhex("06d0f10901a1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("proc/net", "sys/class/hidraw", "sys/bus/usb/devices", "dev"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def write_routes(root: Path, ipv4: str, ipv6: str = "") -> None:
    (root / "proc/net/route").write_text(HEAD + ipv4, encoding="ascii")
    (root / "proc/net/ipv6_route").write_text(ipv6, encoding="ascii")


def plug(root: Path, number: int, *, report: bytes = KEYBOARD, vendor: str = "00001050") -> Path:
    """As the kernel shows it: USB device, its interface, the HID device, the node."""
    usb = root / f"sys/devices/usb1/1-{number}"
    hid = usb / f"1-{number}:1.0/0003:1050:0407.000{number}"
    (hid / f"hidraw/hidraw{number}").mkdir(parents=True)
    (usb / "product").write_text("YubiKey OTP+FIDO+CCID\n", encoding="ascii")
    (usb / "idVendor").write_text(f"{vendor[-4:]}\n", encoding="ascii")
    (usb / "uevent").write_text("DEVTYPE=usb_device\nPRODUCT=1050/407/543\n", encoding="ascii")
    (hid / "uevent").write_text(f"HID_ID=0003:{vendor}:00000407\n", encoding="ascii")
    (hid / "report_descriptor").write_bytes(report)
    (hid / f"hidraw/hidraw{number}/device").symlink_to(hid)
    (root / f"sys/class/hidraw/hidraw{number}").symlink_to(hid / f"hidraw/hidraw{number}")
    (root / f"sys/bus/usb/devices/1-{number}").symlink_to(usb)
    node = root / f"dev/hidraw{number}"
    node.touch(0o600)
    return node


@pytest.mark.parametrize(
    ("ipv4", "ipv6", "devices"),
    [
        (LOCAL + DEFAULT, "", ("wlan0",)),
        (LOCAL, DEFAULT_6, ("eth0",)),
        (DEFAULT, DEFAULT_6, ("wlan0", "eth0")),
        ("", "", ()),
        (LOCAL, LOCAL_6, ()),
        (DOWN, "", ()),
        ("", REJECTED_6, ()),
    ],
)
def test_the_interfaces_with_a_default_route(root: Path, ipv4: str, ipv6: str, devices: tuple[str, ...]) -> None:
    write_routes(root, ipv4, ipv6)
    assert place.default_devices(root) == devices


def test_a_machine_without_ipv6_has_those_of_ipv4(root: Path) -> None:
    (root / "proc/net/route").write_text(HEAD + DEFAULT, encoding="ascii")
    assert place.default_devices(root) == ("wlan0",)


def test_routes_that_cannot_be_read_are_not_none_at_all(root: Path) -> None:
    assert place.default_devices(root) is None


def test_a_yubikey_is_found_by_its_slots_with_the_firmware_that_usb_tells(root: Path) -> None:
    plug(root, 1, vendor="0000046D")
    plug(root, 2, report=FIDO)
    plug(root, 3)
    (node,) = place.key_nodes(root) or ()
    assert (node.node, node.product, node.release) == ("/dev/hidraw3", "YubiKey OTP+FIDO+CCID", "5.4.3")
    assert place.keys_on_usb(root) == ("YubiKey OTP+FIDO+CCID",) * 2


@pytest.mark.parametrize(("mode", "permitted"), [(0o600, False), (0o660, False), (0o666, True), (0o664, False)])
def test_the_worker_may_open_a_node_of_its_group_or_of_everybodys(root: Path, mode: int, permitted: bool) -> None:
    """The group is root's here; with the worker's it is tried in a whole system."""
    plug(root, 1).chmod(mode)
    (node,) = place.key_nodes(root) or ()
    assert (node.permitted, node.mode) == (permitted, f"root {mode:04o}")


def test_where_the_system_tells_nothing_of_keys_that_is_not_none(root: Path, tmp_path: Path) -> None:
    assert place.key_nodes(root) == ()
    assert place.key_nodes(tmp_path / "elsewhere") is None


def test_profiles_are_read_and_a_bad_one_is_named(root: Path) -> None:
    folder = root / "etc/flexnetd/profiles.d"
    folder.mkdir(parents=True)
    example = Path(__file__).parents[4] / "packaging/profile-example/example.toml"
    (folder / "good.toml").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "bad.toml").write_text("portal = 1\n", encoding="ascii")
    (folder / "token").write_text("not a profile", encoding="ascii")
    found = place.local_profiles(root)
    assert [profile.name for profile in found.good] == ["good"]
    assert [fault.code for fault in found.faults] in ([Code.PROFILE_MALFORMED], [Code.PROFILE_MISSING_KEY])


def test_a_way_is_the_computers_own_address_on_it() -> None:
    assert place.way_to("127.0.0.1", 51820) == "127.0.0.1"
    assert place.way_to("no address", 51820) == ""
