"""`flexnet status`, `watch` and `notices`: reading, which never asks the person anything."""

from __future__ import annotations

import contextlib
import os
import time
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping

from flexnetd.cli import json_form
from flexnetd.cli.exit_codes import ExitCode
from flexnetd.cli.terminal import Terminal
from flexnetd.client.duties import duty_lines
from flexnetd.client.flexnet import FlexNet, contact_for
from flexnetd.client.language import Language, msg
from flexnetd.client.notice_lines import notice_lines
from flexnetd.client.phrases import STAGES, state_text
from flexnetd.client.sentences import told
from flexnetd.client.sentences.facts import printable, size_text
from flexnetd.client.times import duration_text, time_text
from flexnetd.client.views import Details, Overview, ProfileView
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.session_words import Stage, State

_NO_PROFILE = msg("This computer has no access yet. Please install the operator’s package.")
_NO_NOTICES = msg("There are no notices.")
_USER = msg("User name: {name}")
_ADDRESSES = msg("Address in the network: {addresses}")
_GATEWAY = msg("Gateway: {gateway}")
_HANDSHAKE = msg("Time since the last sign of life: {duration}")
_TRAFFIC = msg("Received {received}, sent {sent}")
_EXTENDABLE = msg("Can be extended until {time} by: {command}")
_SIGN_IN_BY = msg("Sign in by: {command}")
_THIS_COMPUTER = msg("This computer")
_NOTICES = msg("Notices")
_SIGN_IN, _RENEW = "flexnet sign-in", "flexnet renew"


def status(options: Namespace, terminal: Terminal) -> ExitCode:
    flexnet = FlexNet()
    overview = flexnet.overview()
    details = _details_of(flexnet, overview)
    if options.json:
        terminal.say(json_form.line(json_form.status_document(overview, details, terminal.language)))
    else:
        for line in status_lines(overview, details, terminal.language, time.time()):
            terminal.say(line)
    return ExitCode.DONE if _online(overview) else ExitCode.NOT_ONLINE


def watch(options: Namespace, terminal: Terminal) -> ExitCode:
    """A line for every change of a state, or a JSON document for every change; until Ctrl-C."""
    flexnet = FlexNet()
    before: list[str] = []
    for overview in flexnet.watch():
        lines = list(_watch_lines(flexnet, overview, terminal.language, as_json=options.json))
        for line in lines:
            if line not in before:
                terminal.say(line if options.json else f"{time_text_now(terminal.language)}  {line}")
        before = lines
    return ExitCode.DONE


def notices(options: Namespace, terminal: Terminal) -> ExitCode:
    flexnet = FlexNet()
    _ask_for_news(flexnet, terminal)
    overview = flexnet.overview()
    if options.json:
        documents = [json_form.notice_document(notice) for notice in overview.notices]
        terminal.say(json_form.line({"notices": documents}))
        return ExitCode.DONE
    now = time.time()
    lines = [line for notice in overview.notices for line in notice_lines(notice, terminal.language, now)]
    for line in lines or [terminal.language.text(_NO_NOTICES)]:
        terminal.say(line)
    return ExitCode.DONE


def _ask_for_news(flexnet: FlexNet, terminal: Terminal) -> None:
    """Makes the service ask the portals, where its memory is not fresh. What it knows is shown all the same."""
    terminal.work_on(terminal.language.text(STAGES[Stage.CONTACTING]))
    for profile in flexnet.overview().profiles:
        try:
            flexnet.discover(profile, terminal.spin)
        except Fault as fault:
            contact = contact_for(profile.contact, terminal.language.tag)
            terminal.tell_fault(told(fault, terminal.language, contact))
    terminal.rest()


def status_lines(overview: Overview, details: Mapping[str, Details], language: Language, now: float) -> Iterator[str]:
    """What a person reads. `details` by profile name."""
    for profile in overview.profiles:
        yield printable(language.of(profile.display_name) or profile.name)
        for line in _profile_lines(profile, details.get(profile.name), language, now):
            yield "  " + line
    if not overview.profiles:
        yield language.text(_NO_PROFILE)
    yield from _section(language.text(_THIS_COMPUTER), _computer_lines(overview, language, now))
    announced = (line for notice in overview.notices for line in notice_lines(notice, language, now))
    yield from _section(language.text(_NOTICES), announced)


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Nothing at all where there is nothing to say."""
    for number, line in enumerate(lines):
        if number == 0:
            yield heading
        yield "  " + line


def _computer_lines(overview: Overview, language: Language, now: float) -> Iterator[str]:
    for fault in overview.health:
        yield from told(fault, language, now=now).lines
    yield from duty_lines(overview.posture, language)


def time_text_now(language: Language) -> str:
    now = time.time()
    return time_text(language, int(now), now)


def _profile_lines(profile: ProfileView, details: Details | None, language: Language, now: float) -> Iterator[str]:
    session = profile.session
    yield state_text(language, session, details, now)
    if session.reason:
        yield from told(session.reason, language, contact_for(profile.contact, language.tag), now).lines
    if session.state is State.SIGNED_OUT:
        yield language.text(_SIGN_IN_BY, command=_SIGN_IN)
    if details is not None:
        yield from _detail_lines(details, language, now)


def _detail_lines(details: Details, language: Language, now: float) -> Iterator[str]:
    yield language.text(_USER, name=printable(details.user_name))
    if details.addresses:
        yield language.text(_ADDRESSES, addresses=", ".join(map(_without_length, details.addresses)))
    if details.gateway:
        yield language.text(_GATEWAY, gateway=printable(details.gateway))
    if details.handshake_age_s is not None:
        yield language.text(_HANDSHAKE, duration=duration_text(language, details.handshake_age_s))
    yield language.text(
        _TRAFFIC, received=size_text(language, details.received_bytes), sent=size_text(language, details.sent_bytes)
    )
    if details.ends_at and details.renew_until and details.renew_until > details.ends_at:
        until = time_text(language, details.renew_until, now)
        yield language.text(_EXTENDABLE, time=until, command=_RENEW)


def _without_length(address: str) -> str:
    """A host's own address, without the length of its prefix."""
    return address.removesuffix("/32").removesuffix("/128")


def _watch_lines(flexnet: FlexNet, overview: Overview | None, language: Language, *, as_json: bool) -> Iterator[str]:
    if overview is None:
        absent = Fault(Code.DAEMON_ABSENT)
        document = json_form.absent_document(absent, language)
        yield json_form.line(document) if as_json else told(absent, language).lines[0]
        return
    details = _details_of(flexnet, overview)
    if as_json:
        yield json_form.line(json_form.status_document(overview, details, language))
        return
    for profile in overview.profiles:
        state = state_text(language, profile.session, details.get(profile.name), time.time())
        reason = profile.session.reason
        yield f"{profile.name}: {state}" + (f" – {told(reason, language).lines[0]}" if reason else "")


def _details_of(flexnet: FlexNet, overview: Overview) -> dict[str, Details]:
    """The details that this person may know. A session that ends meanwhile has none any more."""
    known = {}
    for profile in overview.profiles:
        if profile.session.owner_uid is not None and _may_know(profile):
            with contextlib.suppress(Fault):
                known[profile.name] = flexnet.details(profile)
    return known


def _may_know(profile: ProfileView) -> bool:
    return profile.session.mine or os.geteuid() == 0


def _online(overview: Overview) -> bool:
    return any(profile.session.state is State.ONLINE and _may_know(profile) for profile in overview.profiles)
