"""org.flexnetd.FlexNet1.Manager: what concerns the whole machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import flexnetd
from flexnetd.daemon.bus.facts import fault_on_bus
from flexnetd.daemon.bus.objects import LATER, Call, Handler, Later, Reader
from flexnetd.daemon.bus.spec import Argument, Emits, Interface, Method, Property
from flexnetd.daemon.bus.values import Descriptor, Variant
from flexnetd.model.bus_names import MANAGER as NAME
from flexnetd.model.bus_names import PROFILE_PATH
from flexnetd.model.fault import Fault

if TYPE_CHECKING:
    from flexnetd.model.notice import Notice
    from flexnetd.model.posture import Verdict

MANAGER = Interface(
    NAME,
    "The daemon and what it has to tell to everybody.",
    methods=(
        Method(
            "GetDiagnostics",
            "A report for the operator's IT service, as an open file: UTF-8 text without secrets.",
            (),
            (Argument("report", "h"),),
        ),
        Method(
            "ImportProfile",
            "Takes in the profile in an open file NAME.flexnet, signed by the operator.",
            (Argument("file", "h"),),
            (Argument("profile", "o"),),
        ),
    ),
    properties=(
        Property("Version", "s", "The daemon's version.", Emits.CONST),
        Property(
            "Notices",
            "a(ssxxasasa{ss})",
            "What the operators announce: id, kind (maintenance, message), start and end in seconds since the epoch, "
            "services affected, services still working, text by language.",
        ),
        Property(
            "Posture",
            "a(sssa{sv})",
            "How this computer kept the duties that the portal asked for at the last sign-in: check, answer "
            "(pass, fail, unknown), reason, evidence. The checks stand in docs/POSTURE.md.",
        ),
        Property("Health", "a(sa{sv})", "What is not as it should be: code and facts."),
    ),
)


class ManagerPart:
    def __init__(
        self,
        notices: Callable[[], tuple[Notice, ...]],
        posture: Callable[[], tuple[Verdict, ...]],
        health: Callable[[], tuple[Fault, ...]],
        diagnostics: Callable[[], bytes],
        import_profile: Callable[[int], str],
    ) -> None:
        """`diagnostics` gives the report; `import_profile` reads a descriptor and gives the profile's name."""
        self.interface = MANAGER
        self._diagnostics, self._import = diagnostics, import_profile
        self.readers: Mapping[str, Reader] = {
            "Version": lambda _caller: flexnetd.__version__,
            "Notices": lambda _caller: [_notice_on_bus(notice) for notice in notices()],
            "Posture": lambda _caller: [_verdict_on_bus(verdict) for verdict in posture()],
            "Health": lambda _caller: [fault_on_bus(fault) for fault in health()],
        }
        self.handlers: Mapping[str, Handler] = {
            "GetDiagnostics": self._get_diagnostics,
            "ImportProfile": self._import_profile,
        }

    def _get_diagnostics(self, call: Call) -> tuple[object, ...] | Later:
        fd = os.memfd_create("flexnet-diagnostics", os.MFD_CLOEXEC)
        try:
            with os.fdopen(os.dup(fd), "wb") as file:
                file.write(self._diagnostics())
            os.lseek(fd, 0, os.SEEK_SET)
            call.answer(Descriptor(fd))
        finally:
            os.close(fd)
        return LATER

    def _import_profile(self, call: Call) -> tuple[object, ...]:
        (file,) = call.arguments
        assert isinstance(file, Descriptor)
        return (PROFILE_PATH + self._import(file.fd),)


def _notice_on_bus(notice: Notice) -> tuple[object, ...]:
    return (
        notice.id,
        notice.kind.value,
        notice.starts_at,
        notice.ends_at,
        list(notice.affected),
        list(notice.still_working),
        dict(notice.text),
    )


def _verdict_on_bus(verdict: Verdict) -> tuple[object, ...]:
    evidence = {name: Variant("s", told) for name, told in verdict.evidence.items()}
    return (verdict.check.value, verdict.answer.value, verdict.reason.value, evidence)
