"""What /sys and /dev show of a plugged-in key, in umockdev's device description language.

The tree is a real one's: USB device, its keyboard interface, the HID device, the hidraw node. Each plugging gets a HID
device of its own number, as the kernel does it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.bed.yubikey.usb_face import (
    FIDO_REPORT,
    KEYBOARD_REPORT,
    PRODUCT_OTP,
    PRODUCT_OTP_FIDO,
    VENDOR,
    configuration_descriptor,
    device_descriptor,
)

_BUS = "/devices/pci0000:00/0000:00:14.0/usb1"


@dataclass(frozen=True, slots=True)
class Place:
    """Which port of the bus: 1, 2 ...; `plugging` counts over the whole bed."""

    number: int
    plugging: int

    @property
    def hidraw(self) -> str:
        return f"hidraw{self.number - 1}"

    @property
    def usb(self) -> str:
        """Under /dev."""
        return f"bus/usb/001/{self.number + 1:03d}"

    @property
    def usb_syspath(self) -> str:
        return f"{_BUS}/1-{self.number}"

    @property
    def hid_syspath(self) -> str:
        return f"{self.interface_syspath}/0003:{VENDOR:04X}:{PRODUCT_OTP:04X}.{self.plugging:04X}"

    @property
    def fido_hidraw(self) -> str:
        return f"hidraw{self.number + 19}"

    @property
    def fido_interface_syspath(self) -> str:
        return f"{self.usb_syspath}/1-{self.number}:1.1"

    @property
    def fido_hid_syspath(self) -> str:
        return f"{self.fido_interface_syspath}/0003:{VENDOR:04X}:{PRODUCT_OTP_FIDO:04X}.{self.plugging + 0x8000:04X}"

    @property
    def fido_hidraw_syspath(self) -> str:
        return f"{self.fido_hid_syspath}/hidraw/{self.fido_hidraw}"

    @property
    def interface_syspath(self) -> str:
        return f"{self.usb_syspath}/1-{self.number}:1.0"

    @property
    def hidraw_syspath(self) -> str:
        return f"{self.hid_syspath}/hidraw/{self.hidraw}"


def descriptions(place: Place, firmware: tuple[int, int, int], otp: bool) -> tuple[str, ...]:
    """Parents first."""
    descriptors = (device_descriptor(firmware) + configuration_descriptor()).hex()
    release = firmware[0] << 8 | firmware[1] << 4 | firmware[2]
    report = KEYBOARD_REPORT if otp else FIDO_REPORT
    product = f"{VENDOR:x}/{PRODUCT_OTP:x}/{release:x}"
    usb = _record(
        place.usb_syspath,
        f"N: {place.usb}=00",
        "E: SUBSYSTEM=usb",
        "E: DEVTYPE=usb_device",
        "E: BUSNUM=001",
        f"E: DEVNUM={place.number + 1:03d}",
        f"E: DEVNAME=/dev/{place.usb}",
        f"E: PRODUCT={product}",
        "A: busnum=1\\n",
        f"A: devnum={place.number + 1}\\n",
        "A: speed=12\\n",
        "A: bConfigurationValue=1\\n",
        f"A: idVendor={VENDOR:04x}\\n",
        f"A: idProduct={PRODUCT_OTP:04x}\\n",
        "A: manufacturer=Yubico\\n",
        "A: product=YubiKey OTP\\n",
        f"H: descriptors={descriptors}",
    )
    interface = _record(
        place.interface_syspath,
        "E: SUBSYSTEM=usb",
        "E: DEVTYPE=usb_interface",
        f"E: PRODUCT={product}",
        "E: DRIVER=usbhid",
        "A: bInterfaceNumber=00\\n",
    )
    hid = _record(
        place.hid_syspath,
        "E: SUBSYSTEM=hid",
        "E: DRIVER=hid-generic",
        f"E: HID_ID=0003:{VENDOR:08X}:{PRODUCT_OTP:08X}",
        "E: HID_NAME=Yubico YubiKey OTP",
        f"H: report_descriptor={report.hex()}",
    )
    hidraw = _record(
        place.hidraw_syspath,
        f"N: {place.hidraw}=00",
        "L: device=../../",
        "E: SUBSYSTEM=hidraw",
        f"E: DEVNAME=/dev/{place.hidraw}",
        "E: MAJOR=240",
        f"E: MINOR={place.number - 1}",
    )
    return usb, interface, hid, hidraw


def fido_descriptions(place: Place) -> tuple[str, ...]:
    """Of the second interface; its USB device stands already."""
    interface = _record(
        place.fido_interface_syspath,
        "E: SUBSYSTEM=usb",
        "E: DEVTYPE=usb_interface",
        "E: DRIVER=usbhid",
        "A: bInterfaceNumber=01\\n",
    )
    hid = _record(
        place.fido_hid_syspath,
        "E: SUBSYSTEM=hid",
        "E: DRIVER=hid-generic",
        f"E: HID_ID=0003:{VENDOR:08X}:{PRODUCT_OTP_FIDO:08X}",
        "E: HID_NAME=Yubico YubiKey OTP+FIDO",
        f"H: report_descriptor={FIDO_REPORT.hex()}",
    )
    hidraw = _record(
        place.fido_hidraw_syspath,
        f"N: {place.fido_hidraw}=00",
        "L: device=../../",
        "E: SUBSYSTEM=hidraw",
        f"E: DEVNAME=/dev/{place.fido_hidraw}",
        "E: MAJOR=240",
        f"E: MINOR={place.number + 19}",
    )
    return interface, hid, hidraw


def _record(syspath: str, *lines: str) -> str:
    return "\n".join([f"P: {syspath}", *lines, ""])
