"""The JSON of `--json`: versioned, described by docs/status.schema.json.

Times are seconds since the epoch, durations seconds, sizes bytes. A fault is its code and facts, with the sentences in
the person's language for showing; programs go by the code.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from flexnetd.client.duties import advice_text, duty_text
from flexnetd.client.language import Language
from flexnetd.client.sentences import Reason, facts_of, told
from flexnetd.client.views import Details, Overview, ProfileView
from flexnetd.model.fault import Fault
from flexnetd.model.notice import Notice
from flexnetd.model.posture import Verdict

VERSION = 1


def line(document: Mapping[str, Any]) -> str:
    return json.dumps({"version": VERSION, **document}, ensure_ascii=False)


def status_document(overview: Overview, details: Mapping[str, Details], language: Language) -> dict[str, Any]:
    """`details` by profile name, for the sessions whose details this person may know."""
    return {
        "service": {"version": overview.version},
        "profiles": [
            profile_document(profile, language) | {"details": _details(details.get(profile.name))}
            for profile in overview.profiles
        ],
        "notices": [notice_document(notice) for notice in overview.notices],
        "health": [fault_document(fault, language) for fault in overview.health],
        "posture": [verdict_document(verdict, language) for verdict in overview.posture],
    }


def absent_document(fault: Fault, language: Language) -> dict[str, Any]:
    return {"fault": fault_document(fault, language)}


def profile_document(profile: ProfileView, language: Language) -> dict[str, Any]:
    session = profile.session
    return {
        "name": profile.name,
        "display_name": dict(profile.display_name),
        "portal": profile.portal_origin,
        "contact": {tag: dataclasses.asdict(contact) for tag, contact in profile.contact.items()},
        "factors": [factor.value for factor in profile.factors],
        "state": session.state.value,
        "reason": fault_document(session.reason, language) if session.reason else None,
        "since": session.since,
        "owner_uid": session.owner_uid,
        "mine": session.mine,
    }


def notice_document(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "kind": notice.kind.value,
        "starts_at": notice.starts_at,
        "ends_at": notice.ends_at,
        "affected": list(notice.affected),
        "still_working": list(notice.still_working),
        "text": dict(notice.text),
    }


def verdict_document(verdict: Verdict, language: Language) -> dict[str, Any]:
    return {
        "check": verdict.check.value,
        "answer": verdict.answer.value,
        "reason": verdict.reason.value,
        "evidence": dict(verdict.evidence),
        "sentence": duty_text(verdict, language),
        "next_step": advice_text(verdict, language),
    }


def fault_document(reason: Reason, language: Language) -> dict[str, Any]:
    words = told(reason, language)
    return {
        "code": words.code,
        "facts": dict(facts_of(reason)),
        "sentence": words.sentence,
        "next_step": words.next_step,
    }


def _details(details: Details | None) -> dict[str, Any] | None:
    return dataclasses.asdict(details) if details else None
