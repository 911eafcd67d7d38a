"""A FIDO2 key as the portal sees it: the software authenticator behind the two messages that matter, always touched.

key = Fido2Key()
key.enrolment("portal.example")                 # what fido2-cred -M would write
key.answer(begun.fido2, origin, digest)         # the proof
"""

from __future__ import annotations

import base64
import os
import struct
from hashlib import sha256
from typing import Any

from flexnetd.wire.fido2 import Fido2Ask, Fido2Proof, client_data, proof_text, relying_party
from tests.bed.yubikey.fido import cbor
from tests.bed.yubikey.fido.authenticator import Authenticator, Command


class Fido2Key:
    def __init__(self) -> None:
        self.authenticator = Authenticator()
        self.credential = b""

    def enrolment(self, party: str, *, user: str = "alice") -> str:
        """A new credential, as the lines that `flexnet-admin key enrol-fido2` reads."""
        client_hash = os.urandom(32)
        kinds = [{"alg": -7, "type": "public-key"}]
        made = self._touched(
            Command.MAKE, {1: client_hash, 2: {"id": party}, 3: {"id": user.encode(), "name": user}, 4: kinds}
        )
        length = struct.unpack(">H", made[2][53:55])[0]
        self.credential = made[2][55 : 55 + length]
        told = (cbor.encode(made[2]), self.credential, made[3]["sig"])
        lines = [base64.b64encode(client_hash).decode(), party, "packed"]
        return "\n".join([*lines, *(base64.b64encode(one).decode() for one in told)]) + "\n"

    def proof(self, ask: Fido2Ask, party: str, data: bytes, *, verified: bool = False) -> Fido2Proof:
        """An assertion over this client data. `verified`: as if the PIN had been given."""
        allowed = [{"id": number, "type": "public-key"} for number in ask.credentials]
        if verified:
            self.authenticator.pin.given = lambda *_: True  # type: ignore[method-assign]
        answer = self._touched(Command.ASSERT, {1: party, 2: sha256(data).digest(), 3: allowed})
        return Fido2Proof(answer[1]["id"], answer[2], data, answer[3])

    def answer(self, ask: Fido2Ask | None, origin: str, digest: bytes) -> str:
        assert ask is not None
        proof = self.proof(ask, relying_party(origin), client_data(origin, digest))
        return proof_text(proof).reveal()

    def _touched(self, command: int, arguments: dict[int, Any]) -> Any:
        assert self.authenticator.ask(bytes([command]) + cbor.encode(arguments)) is None
        assert self.authenticator.touch()
        answer = self.authenticator.answer()
        assert answer is not None
        assert answer[0] == 0
        return cbor.decode(answer[1:])
