"""The one door to python-fido2, of Debian 12 (0.9), of Debian 13 (1.2) and of today (2.2): the CTAP2 messages that we
need. Frozen values leave it, and its exceptions become ours.

It logs every packet at level DEBUG, the PIN's cipher text among them; a worker has no handler for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.worker.fido2.packets import PACKET_BYTES, PacketLine

try:
    from fido2.ctap import CtapError
    from fido2.ctap2 import ClientPin, Ctap2  # type: ignore[attr-defined]
    from fido2.hid import CtapHidDevice
except ImportError:  # the distribution's package is not installed
    raise Fault(Code.KEY_WITHOUT_FIDO2, problem="library") from None


@dataclass(frozen=True, slots=True)
class Assertion:
    credential: bytes
    authenticator_data: bytes
    signature: bytes


class Refused(Exception):  # noqa: N818 - what happened
    """The key's answer is a status other than "well"."""

    def __init__(self, status: int) -> None:
        super().__init__(f"0x{status:02x}")
        self.status = status


class Nonsense(Exception):  # noqa: N818
    """The key's answer is none."""


@dataclass(frozen=True, slots=True)
class _Descriptor:
    """What the library wants to know of a node."""

    path: str
    vid: int = 0
    pid: int = 0
    report_size_in: int = PACKET_BYTES
    report_size_out: int = PACKET_BYTES
    product_name: str | None = None
    serial_number: str | None = None


class Fido2Key:
    """A key at the end of `line`. Every call raises Refused, Nonsense, and whatever the line does."""

    def __init__(self, line: PacketLine, path: str) -> None:
        self._ctap: Any = _told(lambda: Ctap2(CtapHidDevice(_as_any(_Descriptor(path)), _as_any(line))))

    @property
    def wants_pin(self) -> bool:
        """Even where nobody else asks for it."""
        return bool(self._ctap.info.options.get("alwaysUv"))

    @property
    def has_pin(self) -> bool:
        return bool(self._ctap.info.options.get("clientPin"))

    def pin_tries(self) -> int:
        told: Any = _told(lambda: ClientPin(self._ctap).get_pin_retries())
        return int(told[0] if isinstance(told, tuple) else told)

    def has(self, party: str, credential: bytes) -> bool:
        """Asked without a touch."""
        try:
            _told(lambda: self._ctap.get_assertion(party, bytes(32), _list(credential), options={"up": False}))
        except Refused:
            return False
        return True

    def assertion(self, party: str, client_hash: bytes, credential: bytes, pin: str | None) -> Assertion:
        """After a touch."""
        proof, protocol = (None, None) if pin is None else self._pin_proof(party, client_hash, pin)
        answer: Any = _told(
            lambda: self._ctap.get_assertion(
                party, client_hash, _list(credential), pin_uv_param=proof, pin_uv_protocol=protocol
            )
        )
        told = answer.credential or {"id": credential}
        return Assertion(bytes(told["id"]), bytes(answer.auth_data), bytes(answer.signature))

    def _pin_proof(self, party: str, client_hash: bytes, pin: str) -> tuple[bytes, int]:
        client: Any = _told(lambda: ClientPin(self._ctap))
        token = _told(lambda: client.get_pin_token(pin, ClientPin.PERMISSION.GET_ASSERTION, party))
        return client.protocol.authenticate(token, client_hash), client.protocol.VERSION


def _list(credential: bytes) -> list[dict[str, object]]:
    return [{"type": "public-key", "id": credential}]


def _as_any(value: object) -> Any:
    """The library checks neither class; it calls what we have."""
    return value


def _told(ask: Any) -> Any:
    try:
        return ask()
    except CtapError as error:
        raise Refused(int(error.code)) from None
    except (Fault, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - of hostile answers it raises anything, plain Exception among them
        raise Nonsense(type(error).__name__) from None
