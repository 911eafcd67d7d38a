"""A FIDO2 authenticator in software, beside the OTP application of the same key. CTAP 2.1 with PIN; no U2F.

    cbor            the encoding, canonical, as far as CTAP needs it
    pin             the two protocols by which a PIN travels, and how often it may be wrong
    authenticator   credentials, fingers, answers; takes and gives CTAP2 messages
    ctaphid         messages in packets of 64 bytes, over channels

Written from the specification alone, without python-fido2 and libfido2: those are its judges.
Nothing here was confirmed by hardware where this says "assumed".
"""
