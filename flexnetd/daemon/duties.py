"""How this computer keeps the duties of a workplace: asked of the worker when a portal's policy wants to know.

The packet filter's rules are read here, since only CAP_NET_ADMIN may, and handed on as they are: what other people's
programs say is parsed by the worker. The portal is told check and answer; the evidence stays on this computer.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping

from flexnetd.daemon.discovery import Discoveries
from flexnetd.daemon.tunnel_thread import TunnelThread
from flexnetd.daemon.worker_client import Outcome, WorkerClient
from flexnetd.model.fault import Fault
from flexnetd.model.posture import Verdict
from flexnetd.model.profile import Profile
from flexnetd.wire.portal import Discovery
from flexnetd.wire.worker import LONGEST_RULESET, PostureRequest, PostureResult

NFT = "/usr/sbin/nft"
NFT_TIMEOUT_S = 5.0
LOOKED_AT = ("required", "warned")
MOST_EVIDENCE = 16
LONGEST_EVIDENCE = 200

Told = Callable[[Mapping[str, str]], None]


class Duties:
    """`changed` is called when `verdicts` are others than before."""

    def __init__(
        self, client: WorkerClient, thread: TunnelThread, discoveries: Discoveries, changed: Callable[[], None]
    ) -> None:
        self._client, self._thread, self._discoveries, self._changed = client, thread, discoveries, changed
        self.verdicts: tuple[Verdict, ...] = ()

    def look(self, profile: Profile, owner_uid: int, done: Told) -> None:
        """`done` gets the answers by check, as they travel; {} where the portal wants to know nothing, or where they
        could not be had: it judges that itself."""

        def discovered(found: Discovery | Fault) -> None:
            policy = found.posture if isinstance(found, Discovery) else {}
            wanted = frozenset(check for check, word in policy.items() if word in LOOKED_AT)
            if wanted:
                self._thread.run(read_ruleset, lambda rules: self._ask(rules, owner_uid, wanted, done))
            else:
                self._keep((), done)

        self._discoveries.discover(profile, discovered)

    def _ask(self, rules: str | Exception, owner_uid: int, wanted: frozenset[str], done: Told) -> None:
        if isinstance(rules, Exception):
            raise rules

        def answered(outcome: Outcome) -> None:
            verdicts = outcome.verdicts if isinstance(outcome, PostureResult) else ()
            self._keep(tuple(_bounded(verdict) for verdict in verdicts if verdict.check.value in wanted), done)

        self._client.start(PostureRequest(rules, owner_uid), answered)

    def _keep(self, verdicts: tuple[Verdict, ...], done: Told) -> None:
        if self.verdicts != verdicts:
            self.verdicts = verdicts
            self._changed()
        done({verdict.check.value: verdict.answer.value for verdict in verdicts})


def read_ruleset() -> str:
    """What `nft -j -t list ruleset` prints, without the contents of named sets; "" when it prints nothing of use."""
    try:
        done = subprocess.run(
            [NFT, "-j", "-t", "list", "ruleset"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=NFT_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    text = done.stdout.decode("utf-8", "replace")
    return text if len(text) <= LONGEST_RULESET else ""


def _bounded(verdict: Verdict) -> Verdict:
    """The worker is believed nothing, and evidence goes to everybody on the bus."""
    evidence = [(name[:LONGEST_EVIDENCE], told[:LONGEST_EVIDENCE]) for name, told in verdict.evidence.items()]
    return Verdict(verdict.check, verdict.answer, verdict.reason, dict(evidence[:MOST_EVIDENCE]))
