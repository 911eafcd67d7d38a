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


USUAL = (Factor.YUBIKEY_HMAC, Factor.FIDO2, Factor.YUBICO_OTP, Factor.OATH_HOTP, Factor.EMERGENCY_CODE)
"""In which order a factor is chosen for a person who chose none. Not by strength: where a portal takes both bound ones,
members have the key that was handed out for challenge-response, and FIDO2 is for those who say so."""
