"""Second factors, and how strong each is.

A factor is *bound* when its proof covers the sign-in's digest, so that a relay cannot swap the WireGuard key under it.
Strength orders them for "the weakest factor accepted" of a profile and of an account.
"""

from __future__ import annotations

from enum import Enum


class Factor(Enum):
    EMERGENCY_CODE = "emergency-code"
    OATH_HOTP = "oath-hotp"
    YUBICO_OTP = "yubico-otp"
    YUBIKEY_HMAC = "yubikey-hmac"
    FIDO2 = "fido2"

    @property
    def bound(self) -> bool:
        return self in {Factor.YUBIKEY_HMAC, Factor.FIDO2}

    @property
    def strength(self) -> int:
        return list(Factor).index(self)

    @property
    def typed(self) -> bool:
        """True when the proof is a code that the person types or the key types for them."""
        return not self.bound


PROVABLE = frozenset(Factor) - {Factor.FIDO2}
"""What this version's worker can prove: whatever is typed, and the challenge-response. A client neither offers nor
chooses anything else, whatever the portal accepts."""
