"""Sign-in and renewal: begin at the portal, make the proof, finish. The two differ in who vouches for the person (the
password, or the session's token) and in the digest's purpose, nothing else.

A proof is made for exactly one `login` of the portal and sent once. A code that was typed is looked at before the
portal is contacted, so that a slip costs nothing.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable

from flexnetd import __version__
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.typed_code import typed_code
from flexnetd.wire.digest import Purpose, login_digest
from flexnetd.wire.fido2 import client_data, proof_text, relying_party
from flexnetd.wire.portal import LoginBegin, LoginBegun, LoginFinish, RenewalBegin, RenewalFinish
from flexnetd.wire.worker import GrantResult, LoginRequest, Progress, RenewRequest
from flexnetd.worker.portal import Portal
from flexnetd.worker.wait import Wait

TOUCH_S = 15.0

Tell = Callable[[Progress], None]


def sign_in(request: LoginRequest, portal: Portal, wait: Wait, tell: Tell) -> GrantResult:
    """Raises Fault: of the first three hundreds, CANCELLED."""
    typed = _typed_proof(request)
    username = unicodedata.normalize("NFC", request.username)
    tell(Progress.CONTACTING)
    begun = portal.begin_login(LoginBegin(username, request.factor, request.public_key, __version__))
    proof = typed or _touched_proof(Purpose.LOGIN, request, begun, wait, tell)
    tell(Progress.VERIFYING)
    granted = portal.finish_login(
        LoginFinish(
            login=begun.login,
            proof=proof,
            password=_normal(request.password),
            new_password=request.new_password and _normal(request.new_password),
            activation=request.activation,
            posture=request.posture,
        )
    )
    return GrantResult(granted.grant, begun.nonce)


def renew(request: RenewRequest, portal: Portal, wait: Wait, tell: Tell) -> GrantResult:
    """Raises Fault: of the first three hundreds, CANCELLED."""
    typed = _typed_proof(request)
    tell(Progress.CONTACTING)
    begun = portal.begin_renewal(RenewalBegin(request.factor), request.token)
    proof = typed or _touched_proof(Purpose.RENEW, request, begun, wait, tell)
    tell(Progress.VERIFYING)
    granted = portal.finish_renewal(RenewalFinish(begun.login, proof), request.token)
    return GrantResult(granted.grant, begun.nonce)


def _typed_proof(request: LoginRequest | RenewRequest) -> Secret | None:
    """The code as the portal takes it; None for a factor that needs no typing."""
    if not request.factor.typed:
        return None
    return typed_code(request.otp or Secret(""), request.factor)


def _touched_proof(
    purpose: Purpose, request: LoginRequest | RenewRequest, begun: LoginBegun, wait: Wait, tell: Tell
) -> Secret:
    origin = request.portal.origin
    digest = login_digest(purpose, origin, request.username, request.factor, begun.nonce, request.public_key)
    if request.factor is Factor.FIDO2:
        return _asserted(digest, request, begun, wait, tell)
    return _answered(digest, request, wait, tell)


def _asserted(digest: bytes, request: LoginRequest | RenewRequest, begun: LoginBegun, wait: Wait, tell: Tell) -> Secret:
    """Relying party and origin come from the request, that is from the profile: what the portal says does not count."""
    from flexnetd.worker.fido2.door import Question, fido2_proof  # noqa: PLC0415 - heavy, as below

    origin = request.portal.origin
    if begun.fido2 is None:
        raise Fault(Code.PORTAL_ANSWER_MALFORMED, host=relying_party(origin), field="fido2")
    question = Question(begun.fido2, relying_party(origin), client_data(origin, digest), request.pin)
    proof = fido2_proof(question, on_touch=lambda: tell(Progress.TOUCH), cancelled=wait.cancelled)
    return proof_text(proof)


def _answered(digest: bytes, request: LoginRequest | RenewRequest, wait: Wait, tell: Tell) -> Secret:
    # Heavy, and not needed by whoever types a code.
    from flexnetd.worker.key.door import challenge_response  # noqa: PLC0415

    response = challenge_response(
        digest,
        slot=request.slot,
        serial=request.serial,
        timeout_s=TOUCH_S,
        on_touch=lambda: tell(Progress.TOUCH),
        cancelled=wait.cancelled,
    )
    return Secret(base64.b64encode(response).decode())


def _normal(password: Secret) -> Secret:
    """However a keyboard composes an umlaut, it is the same password."""
    return Secret(unicodedata.normalize("NFC", password.reveal()))
