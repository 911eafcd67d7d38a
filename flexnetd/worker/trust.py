"""TLS to the portal, trusting what the request names and nothing else.

TLS 1.3 at least. The trust is the profile's authority, or its pins, never the system's store: a certificate authority
that the operator did not choose has no say. The host name must fit in either case. Nothing is sent before all of that
holds, so a password never reaches whom it is not meant for.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.worker import PortalAccess
from flexnetd.worker.certificate import read_certificate
from flexnetd.worker.wait import READABLE, WRITABLE, Wait

# X509_V_ERR_*, openssl/x509_vfy.h
_REASONS: Mapping[int, str] = {
    9: "not-yet-valid",
    10: "expired",
    18: "unknown-authority",
    19: "unknown-authority",
    20: "unknown-authority",
    21: "unknown-authority",
    62: "host-name",
    64: "host-name",
}


def secured(plain: socket.socket, host: str, access: PortalAccess, wait: Wait) -> ssl.SSLSocket:
    """The connection with TLS on it, its other side proven. Takes `plain` over; closes it when it fails.

    Raises Fault: PORTAL_CERTIFICATE (reasons: expired, not-yet-valid, unknown-authority, host-name, pin, malformed,
    refused, no-tls), CANCELLED; TimeoutError; OSError.
    """
    with plain:
        context = _context(access, host)
        tls = context.wrap_socket(
            plain, server_hostname=host, do_handshake_on_connect=False, suppress_ragged_eofs=False
        )
    try:
        _shake_hands(tls, host, wait)
        _check_pins(tls, host, access)
    except BaseException:
        tls.close()
        raise
    return tls


def _context(access: PortalAccess, host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if access.ca_pem:
        try:
            context.load_verify_locations(cadata=access.ca_pem)
        except (ssl.SSLError, ValueError):
            raise _refused(host, "authority-malformed") from None
    elif access.pins:
        # Who the other side is, is then judged by _check_pins, before a byte is sent.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _shake_hands(tls: ssl.SSLSocket, host: str, wait: Wait) -> None:
    while True:
        try:
            return tls.do_handshake()
        except ssl.SSLWantReadError:
            wait.until(tls.fileno(), READABLE)
        except ssl.SSLWantWriteError:
            wait.until(tls.fileno(), WRITABLE)
        except ssl.SSLCertVerificationError as wrong:
            raise _refused(host, _REASONS.get(wrong.verify_code, "refused")) from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError):
            raise ConnectionResetError from None
        except ssl.SSLError:
            raise _refused(host, "no-tls") from None


def _check_pins(tls: ssl.SSLSocket, host: str, access: PortalAccess) -> None:
    if not access.pins:
        return
    try:
        certificate = read_certificate(tls.getpeercert(binary_form=True) or b"")
    except ValueError:
        raise _refused(host, "malformed") from None
    now = time.time()
    if certificate.pin not in access.pins:
        raise _refused(host, "pin")
    if not certificate.is_for(host):
        raise _refused(host, "host-name")
    if now < certificate.not_before:
        raise _refused(host, "not-yet-valid")
    if now > certificate.not_after:
        raise _refused(host, "expired")


def _refused(host: str, reason: str) -> Fault:
    return Fault(Code.PORTAL_CERTIFICATE, host=host, reason=reason)
