"""Every way in which something can go wrong, as a stable code FN-nnn with the names of its facts.

The rules:
- A code never changes its meaning and is never used again for another.
- A code carries facts (names, numbers, addresses), never sentences and never secrets: a daemon has no language. The
  sentences, German and English, stand in `flexnetd/client/sentences/`, one per code; a code without one fails a test.
- The hundreds say where it went wrong: 1 network and portal, 2 sign-in, 3 the key, 4 grant and profile, 5 the tunnel,
  6 the daemon and its callers, 7 the operator's side.
"""

from __future__ import annotations

from enum import Enum


class Code(Enum):
    """`Code.X.value` is "FN-nnn"; `Code.X.facts` the names of the facts that a fault of this code carries."""

    facts: tuple[str, ...]

    def __new__(cls, value: str, *facts: str) -> Code:
        member = object.__new__(cls)
        member._value_ = value
        member.facts = facts
        return member

    # 1 -- network and portal
    PORTAL_UNREACHABLE = "FN-101", "host"
    PORTAL_TOO_SLOW = "FN-102", "host", "seconds"
    PORTAL_CERTIFICATE = "FN-103", "host", "reason"
    PORTAL_REDIRECTS = "FN-104", "host"
    PORTAL_FAILED = "FN-105", "host", "status"
    PORTAL_ANSWER_TOO_LARGE = "FN-106", "host", "limit_bytes"
    PORTAL_ANSWER_MALFORMED = "FN-107", "host", "field"
    NO_NETWORK = ("FN-108",)
    CAPTIVE_PORTAL = "FN-109", "url"
    PORTAL_BUSY = "FN-110", "retry_after_s"
    NAME_NOT_FOUND = "FN-111", "host"
    CLIENT_TOO_OLD = "FN-112", "oldest"
    CLOCK_WRONG = "FN-113", "seconds"
    MAINTENANCE = "FN-114", "ends_at"
    REQUEST_MALFORMED = "FN-115", "field"
    NAMES_WRONG = "FN-116", "host", "address"

    # 2 -- sign-in
    CREDENTIALS_REFUSED = ("FN-201",)
    CODE_ALREADY_USED = ("FN-202",)
    PASSWORD_EXPIRED = ("FN-203",)
    ACTIVATION_NEEDED = ("FN-204",)
    ACCOUNT_DISABLED = ("FN-205",)
    POSTURE_FAILED = "FN-206", "check"
    FACTOR_TOO_WEAK = "FN-207", "factor", "weakest"
    LOGIN_ENDED = ("FN-208",)
    TOO_MANY_TRIES = "FN-210", "retry_after_s"
    CODE_FORMAT = "FN-211", "problem"
    PUBLIC_KEY_USED = ("FN-212",)
    NO_ADDRESS_FREE = ("FN-213",)
    NO_GATEWAY = ("FN-214",)
    SESSION_ENDED = ("FN-215",)
    RENEWAL_LIMIT = "FN-216", "ends_at"
    PASSWORD_TOO_WEAK = "FN-217", "minimum_length"
    ACTIVATION_REFUSED = ("FN-218",)
    KEY_UNCONFIRMED = ("FN-219",)

    # 3 -- the key
    KEY_ABSENT = ("FN-301",)
    KEYS_SEVERAL = "FN-302", "serials"
    KEY_SLOT_EMPTY = "FN-303", "slot"
    KEY_SLOT_WRONG_KIND = "FN-304", "slot"
    KEY_NOT_TOUCHED = "FN-305", "seconds"
    KEY_PULLED = ("FN-306",)
    KEY_NOT_PERMITTED = ("FN-307",)
    KEY_BUSY = ("FN-308",)
    KEY_FAILED = "FN-309", "detail"
    KEY_WITHOUT_HMAC = "FN-310", "problem"
    KEY_OTHER = "FN-311", "wanted", "serials"
    KEY_PIN_NEEDED = ("FN-312",)
    KEY_PIN_WRONG = "FN-313", "tries"
    KEY_PIN_PAUSED = ("FN-314",)
    KEY_PIN_BLOCKED = ("FN-315",)
    KEY_PIN_UNSET = ("FN-316",)
    KEY_NOT_REGISTERED = ("FN-317",)
    KEY_WITHOUT_FIDO2 = "FN-318", "problem"

    # 4 -- grant and profile
    GRANT_UNSIGNED = ("FN-401",)
    GRANT_SIGNATURE = ("FN-402",)
    GRANT_ABOVE_CEILING = "FN-403", "what", "value"
    GRANT_CONFIG_KEY = "FN-404", "key", "line"
    GRANT_DUPLICATE = "FN-405", "key", "line"
    GRANT_MALFORMED = "FN-406", "field"
    GRANT_NOT_FOR_US = "FN-407", "field"
    GRANT_OVERLAPS_UNDERLAY = "FN-408", "what", "value"
    GRANT_TOO_LARGE = "FN-409", "limit_bytes"
    PROFILE_UNKNOWN_KEY = "FN-420", "file", "line", "key"
    PROFILE_MALFORMED = "FN-421", "file", "line", "key", "problem"
    PROFILE_MISSING_KEY = "FN-422", "file", "key"
    PROFILE_NOT_FOUND = "FN-423", "name"
    PROFILE_SIGNATURE = "FN-424", "file"
    PROFILE_OWNERSHIP = "FN-425", "file"

    # 5 -- the tunnel
    GATEWAY_SILENT = "FN-501", "gateways", "seconds"
    CONFLICT = "FN-502", "ours", "theirs"
    WIREGUARD_MISSING = ("FN-503",)
    KERNEL_REFUSED = "FN-504", "what", "errno"
    GUARD_REFUSED = "FN-505", "detail"
    NAMES_UNAVAILABLE = "FN-506", "reason"
    TUNNEL_UNANSWERED = "FN-507", "address"
    INTERFACE_TAKEN = "FN-508", "name"
    PEER_UNKNOWN = "FN-509", "public_key"
    LINK_GONE = "FN-510", "name"
    IPV6_OFF = ("FN-511",)
    UDP_BLOCKED = "FN-512", "gateways", "port"

    # 6 -- the daemon and its callers
    NOT_AUTHORIZED = "FN-601", "action"
    IN_USE = ("FN-602",)
    TOO_MANY_LOGINS = ("FN-603",)
    LOGIN_GONE = ("FN-604",)
    ARGUMENT_INVALID = "FN-605", "argument"
    RECORD_NOT_WRITTEN = "FN-606", "reason"
    DAEMON_ABSENT = ("FN-607",)
    INTERNAL = ("FN-608",)
    WORKER_FAILED = "FN-609", "detail"
    WORKER_UNREACHABLE = ("FN-610",)
    NOT_SIGNED_IN = ("FN-611",)
    CANCELLED = ("FN-612",)
    IMPOSTOR = "FN-613", "uid"
    ALREADY_SIGNED_IN = ("FN-614",)
    ANSWER_TIMED_OUT = ("FN-615",)
    FILE_NOT_WRITTEN = "FN-616", "file", "problem"

    # 7 -- the operator's side
    CONFIG_FILE_MALFORMED = "FN-701", "file", "line", "key", "problem"
    CONFIG_FILE_MISSING_KEY = "FN-702", "file", "key"
    CONFIG_FILE_UNREADABLE = "FN-703", "file", "reason"
    NOT_FOUND = "FN-704", "kind", "name"
    ALREADY_EXISTS = "FN-705", "kind", "name"
    INPUT_INVALID = "FN-706", "field", "problem"
    DATABASE_UNREACHABLE = "FN-707", "reason"
    CERTIFICATE_REFUSED = ("FN-708",)
    GATEWAY_UNKNOWN = "FN-709", "name"


def code_from_text(text: str) -> Code:
    """The code that `text` ("FN-nnn") names; `Code.INTERNAL` for one that this version does not know."""
    try:
        return Code(text)
    except ValueError:
        return Code.INTERNAL
