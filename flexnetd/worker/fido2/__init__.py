"""The worker's door to a key's FIDO2 application: an assertion over a hidraw node, by python-fido2.

    packets   an open node: packets of 64 bytes, each wait bounded, cancelled by the daemon
    library   python-fido2, of three generations: the one module that imports it
    faults    pure: what the key's refusals mean
    door      the one call that the worker uses

Why not python-fido2's own client: it chooses by itself when to ask for a PIN, reads without an end, and changed from
version to version. What it knows of the protocol (messages, PIN protocols, CBOR) has stayed the same from 0.9 to 2.2,
and it takes a connection of ours.

The PIN is asked for by the daemon, not here: a key that wants it says so before anything blinks, the login ends with
KEY_PIN_NEEDED, and a second one brings the PIN along. A PIN that cannot be one costs no try.
"""
