"""A program of its own: python-fido2 by its own client and server, whichever version this Python has, against the key
at its hidraw node. It says line by line what happened."""

# mypy: ignore-errors

from __future__ import annotations

import os
from hashlib import sha256

from fido2.attestation import Attestation
from fido2.cose import CoseKey
from fido2.ctap import CtapError
from fido2.ctap2 import ClientPin, Ctap2
from fido2.hid import CtapHidDevice

RP = "portal.example"
ES256 = [{"type": "public-key", "alg": -7}]


def main() -> None:
    (device,) = CtapHidDevice.list_devices()
    ctap = Ctap2(device)
    client_hash = sha256(b"registration").digest()
    user = {"id": b"anna", "name": "anna", "displayName": "Anna"}
    made = ctap.make_credential(client_hash, {"id": RP, "name": "FlexNet"}, user, ES256)
    _attestation(made, client_hash)
    credential = made.auth_data.credential_data
    print("registered")

    challenge = sha256(os.urandom(8)).digest()
    allowed = [{"type": "public-key", "id": credential.credential_id}]
    answer = ctap.get_assertion(RP, challenge, allowed)
    answer.verify(challenge, CoseKey.parse(dict(credential.public_key)))
    print("signed")
    try:
        answer.verify(bytes(32), credential.public_key)
    except Exception:  # noqa: BLE001 - each version has another
        print("wrong challenge refused")

    pin = ClientPin(ctap)
    pin.set_pin("1234")
    print("PIN set")
    may = ClientPin.PERMISSION.GET_ASSERTION
    for _ in range(3):
        try:
            pin.get_pin_token("9999", may, RP)
        except CtapError as error:
            print(f"wrong PIN {int(error.code):#x}, {_tries(pin)} left")
    try:
        pin.get_pin_token("1234", may, RP)
    except CtapError as error:
        print(f"blocked until pulled {int(error.code):#x}")


def _attestation(made, client_hash) -> None:
    statement = made.att_statement if hasattr(made, "att_statement") else made.att_stmt  # 0.9 and what came after it
    Attestation.for_type(made.fmt)().verify(statement, made.auth_data, client_hash)


def _tries(pin) -> int:
    told = pin.get_pin_retries()
    return told[0] if isinstance(told, tuple) else told


main()
