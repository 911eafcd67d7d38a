"""The public key of a private one, where no kernel derives it: user-space devices, and a gateway's own file.

The long way by `public_bytes`: cryptography 38, which Debian 12 has, knows no shorter one.
"""

from __future__ import annotations


def derived_public_key(private_key: bytes) -> bytes:
    """X25519 (RFC 7748); 32 bytes of 32 bytes."""
    # Loaded when it is needed: it is heavy, and kernels derive by themselves.
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    public_key = X25519PrivateKey.from_private_bytes(private_key).public_key()
    return public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
