"""What is a member's own: keys, which can be locked, and sessions, which can be ended. Never anybody else's.

Each change stands in the audit log, in the transaction that makes it.
"""

from __future__ import annotations

from litestar import get, post
from sqlalchemy import Connection

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.login.attempt import note
from flexnetd.portal.pages.answers import Answer, other_page, signed_out
from flexnetd.portal.pages.devices import Device, devices
from flexnetd.portal.pages.forms import Form
from flexnetd.portal.pages.paths import in_each_language
from flexnetd.portal.pages.rendering import rendered
from flexnetd.portal.pages.visiting import SIGNED_IN, Visit, looked, submitted
from flexnetd.portal.storage import accounts, page_sessions
from flexnetd.portal.storage import sessions as stored
from flexnetd.portal.storage.accounts import AccountState, User
from flexnetd.portal.storage.sessions import SessionState
from flexnetd.portal.web.messages import Call

_MOST_ENDED = 10


@get(in_each_language("keys"))
async def keys(request: Call) -> Answer:
    done = request.query_params.get("done", "")
    return await looked(
        request, lambda visit: rendered(visit, "keys", done=done, devices=_devices(visit)), members=True
    )


@get(in_each_language("keys/{key_id:str}/lock"))
async def lock_question(request: Call, key_id: str) -> Answer:
    return await looked(request, lambda visit: _lock_question(visit, key_id), members=True)


@post(in_each_language("keys/{key_id:str}/lock"), status_code=200)
async def lock(request: Call, key_id: str) -> Answer:
    return await submitted(request, lambda visit, _form: _lock(visit, key_id), members=True)


@get(in_each_language("sessions"))
async def sessions(request: Call) -> Answer:
    done = request.query_params.get("done", "")
    return await looked(request, lambda visit: _sessions(visit, done), members=True)


@post(in_each_language("sessions/{session_id:str}/end"), status_code=200)
async def end(request: Call, session_id: str) -> Answer:
    answer = await submitted(request, lambda visit, _form: _end(visit, session_id), members=True)
    request.app.state["portal"].watch.ring()
    return answer


@post(in_each_language("sign-ins/end"), status_code=200)
async def end_other_sign_ins(request: Call) -> Answer:
    return await submitted(request, _end_others, members=True)


def _devices(visit: Visit) -> list[Device]:
    with visit.portal.database.reading() as connection:
        now = visit.portal.database.now(connection)
        return devices(accounts.keys_of(connection, visit.member.user_id), now)


def _device(visit: Visit, key_id: str) -> Device:
    """Raises Fault NOT_FOUND, also for somebody else's."""
    found = next((device for device in _devices(visit) if device.has(key_id)), None)
    if found is None:
        raise Fault(Code.NOT_FOUND, kind="key", name=key_id)
    return found


def _lock_question(visit: Visit, key_id: str) -> Answer:
    device = _device(visit, key_id)
    if not device.active:
        return other_page(visit.address("keys"))
    left = sum(one.active and not one.emergency_code for one in _devices(visit) if one.id != device.id)
    return rendered(visit, "lock", device=device, left=left)


def _lock(visit: Visit, key_id: str) -> Answer:
    device = _device(visit, key_id)
    member = visit.member
    with visit.portal.database.writing() as connection:
        user = _member(visit, connection)
        for key in device.keys:
            if key.state is AccountState.ACTIVE:
                accounts.set_key_state(connection, user.id, key.id, AccountState.LOCKED)
                note(visit.portal, connection, user, "lock-key", f"key {key.id}")
    if device.has(member.key_id):  # the sign-in that was made with it has ended
        return signed_out(visit.address("sign-in?done=locked"), SIGNED_IN)
    return other_page(visit.address("keys?done=locked"))


def _sessions(visit: Visit, done: str) -> Answer:
    portal, member = visit.portal, visit.member
    with portal.database.reading() as connection:
        now = portal.database.now(connection)
        found = stored.sessions_of(connection, member.user_id, _MOST_ENDED)
        others = page_sessions.count_other_page_sessions(
            connection, member.user_id, member.token, portal.config.pages.idle_s, now
        )
    running = [one for one in found if one.state is not SessionState.ENDED and one.ends_at > now]
    over = [one for one in found if one not in running]
    return rendered(visit, "sessions", done=done, running=running, over=over, others=others)


def _end(visit: Visit, session_id: str) -> Answer:
    """Raises Fault NOT_FOUND, also for somebody else's."""
    portal = visit.portal
    with portal.database.writing() as connection:
        found = stored.session_by_id(connection, session_id)
        if found.user_id != visit.member.user_id:
            raise Fault(Code.NOT_FOUND, kind="session", name=session_id)
        if found.state is not SessionState.ENDED:
            user = _member(visit, connection)
            stored.end_session(connection, found.id, portal.config.sessions, portal.database.now(connection))
            note(portal, connection, user, "end-session", f"session {found.id}")
    return other_page(visit.address("sessions?done=ended"))


def _end_others(visit: Visit, _form: Form) -> Answer:
    member = visit.member
    with visit.portal.database.writing() as connection:
        user = _member(visit, connection)
        if page_sessions.end_other_page_sessions(connection, member.user_id, member.token):
            note(visit.portal, connection, user, "end-page-sign-ins")
    return other_page(visit.address("sessions?done=others"))


def _member(visit: Visit, connection: Connection) -> User:
    user = accounts.user_by_id(connection, visit.member.user_id)
    assert user is not None, "a sign-in goes with its user"
    return user
