"""The words in which a session is told: its states, the stages of a login, the kinds of what is asked.

They are part of the D-Bus API: a word never changes its meaning.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """`ONLINE` means: a handshake, and an answer through the tunnel. `WAITING` and `CONFLICT` carry a reason."""

    SIGNED_OUT = "signed-out"
    SIGNING_IN = "signing-in"
    CONNECTING = "connecting"
    ONLINE = "online"
    RECONNECTING = "reconnecting"
    WAITING = "waiting"
    CONFLICT = "conflict"
    SIGNING_OUT = "signing-out"


class Stage(Enum):
    """Where a login stands. `INPUT`: it waits for the prompts' answers. `TOUCH`: the key blinks."""

    INPUT = "input"
    CONTACTING = "contacting"
    TOUCH = "touch"
    VERIFYING = "verifying"
    CONNECTING = "connecting"
    FINISHED = "finished"


class PromptKind(Enum):
    """What a login asks for. The text shown for it comes from the client's own catalogue."""

    USERNAME = "username"
    PASSWORD = "password"
    NEW_PASSWORD = "new-password"
    ACTIVATION = "activation"
    OTP = "otp"
    PIN = "pin"

    @property
    def hidden(self) -> bool:
        return self in {PromptKind.PASSWORD, PromptKind.NEW_PASSWORD, PromptKind.PIN}
