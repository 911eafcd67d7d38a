"""A scripted FlexNet service on a private bus: the far end for tests of the clients.

It speaks the D-Bus API of docs/DBUS.md and does what its `Script` says, step by step; what it was told it writes down,
one JSON object a line, for the test to read. It knows nothing of the real daemon, so that both ends cannot be wrong in
the same way.

The steps of a login:
    ["ask", ["username", "password"]]   prompts; goes on when they are answered
    ["stage", "touch"]                  a stage
    ["await", WORD]                     goes on when the test says `service.say(WORD)`
    ["hold"]                            nothing more until the person cancels
    ["finish", "FN-305", {"seconds": 15}]   the end; "" is success, after which the session is online
    ["die"]                             the process ends without a word
"""

# ruff: noqa: ARG002 - every object is read alike, though not every one looks at interface and reader
# mypy: disable-error-code="misc"
# dbus-python's decorators are untyped.
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import dbus
import dbus.lowlevel
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop

NAME = "org.flexnetd.FlexNet1"
ROOT = "/org/flexnetd/FlexNet1"
PROPERTIES = "org.freedesktop.DBus.Properties"
REPOSITORY = Path(__file__).resolve().parents[2]
NOBODY = 0xFFFFFFFF
HIDDEN = {"password", "new-password", "pin"}

CONTACT = {
    "de": {"name": "IT-Service", "telephone": "0391 627-7000", "email": "it@kvsa.example", "hours": "Mo–Fr 8–16 Uhr"},
    "en": {"name": "IT service", "telephone": "+49 391 627-7000", "email": "it@kvsa.example", "hours": "8 to 16"},
}


@dataclass(frozen=True)
class Script:
    """`reason` is (code, facts). `refuse` maps a method to the (code, facts) that it is refused with. `names` are those
    of profiles by language, where they are not just "Network NAME"."""

    profiles: Sequence[str] = ("kvsa",)
    login: Sequence[Sequence[Any]] = ()
    state: str = "signed-out"
    owner_uid: int = NOBODY
    reason: Sequence[Any] = ("", {})
    ends_in_s: int = 3600
    notices: Sequence[Sequence[Any]] = ()
    health: Sequence[Sequence[Any]] = ()
    posture: Sequence[Sequence[Any]] = ()
    server_time_ahead_s: int = 0
    refuse: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    contact: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: CONTACT)


class PrivateBus:
    """A dbus-daemon of type system in `folder`. Anybody may own our name, so that an impostor can be tried."""

    def __init__(self, folder: Path) -> None:
        self.address = f"unix:path={folder}/bus"
        config = folder / "bus.conf"
        config.write_text(
            textwrap.dedent(f"""\
                <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
                 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
                <busconfig>
                  <type>system</type>
                  <listen>{self.address}</listen>
                  <auth>EXTERNAL</auth>
                  <policy context="default">
                    <allow user="*"/><allow own="*"/>
                    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
                  </policy>
                </busconfig>
            """),
            encoding="utf-8",
        )
        command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline(), "the bus did not start"

    def close(self) -> None:
        """May be called again."""
        assert self._process.stdout is not None
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()


class ScriptedFlexnetd:
    """The service's process. `uid` other than ours makes it an impostor."""

    def __init__(self, bus: PrivateBus, script: Script, folder: Path, uid: int | None = None) -> None:
        self._log = folder / f"told-{time.monotonic_ns()}"
        self._log.touch()
        self._log.chmod(0o666)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bed.scripted_flexnetd", json.dumps(asdict(script)), str(self._log)],
            cwd=REPOSITORY,
            env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus.address, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            user=uid,
            text=True,
        )
        assert _pipe(self._process.stdout).readline() == "ready\n", "the scripted service did not start"

    @property
    def told(self) -> list[dict[str, Any]]:
        """What it was told so far, in order."""
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]

    def say(self, word: str) -> None:
        """A word that an "await" step waits for, or "state STATE CODE"."""
        _pipe(self._process.stdin).write(word + "\n")
        _pipe(self._process.stdin).flush()

    def freeze(self) -> None:
        """It is there, and answers nothing any more, as a stopped process does."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self._process.terminate()
        self.thaw()
        self._process.wait()
        _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()


@contextmanager
def scripted(folder: Path, script: Script, uid: int | None = None) -> Iterator[tuple[PrivateBus, ScriptedFlexnetd]]:
    """A private bus with the service on it."""
    bus = PrivateBus(folder)
    try:
        service = ScriptedFlexnetd(bus, script, folder, uid)
        try:
            yield bus, service
        finally:
            service.close()
    finally:
        bus.close()


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


# -- the service's own process


def glib() -> Any:
    """PyGObject, which warns when it is imported: only in this process."""
    from gi.repository import GLib  # noqa: PLC0415

    return GLib


def variants(values: Mapping[str, Any]) -> Any:
    """a{sv} with the API's types: integers as x."""
    typed = {k: dbus.Int64(v) if isinstance(v, int) else v for k, v in values.items()}
    return dbus.Dictionary(typed, signature="sv")


def fault(code: str, facts: Mapping[str, Any]) -> dbus.DBusException:
    error = dbus.DBusException(json.dumps({"code": code, "facts": facts}), name=NAME + ".Error.Scripted")
    error.include_traceback = False
    return error


class Exported(dbus.service.Object):
    """An object with properties, told by `read(interface, uid)`."""

    def __init__(self, world: World, path: str) -> None:
        super().__init__(world.connection, path)
        self.world, self.path = world, path

    def read(self, interface: str, uid: int) -> dict[str, Any]:
        raise NotImplementedError

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}", sender_keyword="sender")
    def GetAll(self, interface: str, sender: str = "") -> Any:
        return dbus.Dictionary(self.read(interface, self.world.uid_of(sender)), signature="sv")

    def changed(self, interface: str, to: str = "") -> None:
        message = dbus.lowlevel.SignalMessage(self.path, PROPERTIES, "PropertiesChanged")
        values = dbus.Dictionary(self.read(interface, NOBODY), signature="sv")
        values.pop("Mine", None)
        self.world.emit(message, to, "sa{sv}as", interface, values, dbus.Array([], signature="s"))


class Manager(Exported):
    def read(self, interface: str, uid: int) -> dict[str, Any]:
        notices = [
            (i, kind, start, end, dbus.Array(a, signature="s"), dbus.Array(w, signature="s"), text)
            for i, kind, start, end, a, w, text in self.world.script.notices
        ]
        posture = [(*words, variants(evidence)) for *words, evidence in self.world.script.posture]
        health = [(code, variants(facts)) for code, facts in self.world.script.health]
        return {
            "Version": "9.9",
            "Notices": dbus.Array(notices, signature="(ssxxasasa{ss})"),
            "Posture": dbus.Array(posture, signature="(sssa{sv})"),
            "Health": dbus.Array(health, signature="(sa{sv})"),
        }

    @dbus.service.method("org.freedesktop.DBus.ObjectManager", out_signature="a{oa{sa{sv}}}", sender_keyword="sender")
    def GetManagedObjects(self, sender: str = "") -> Any:
        uid = self.world.uid_of(sender)
        objects = {ROOT: {NAME + ".Manager": self.read("", uid)}}
        for profile in self.world.profiles:
            objects[profile.path] = {i: profile.read(i, uid) for i in (NAME + ".Profile", NAME + ".Session")}
        return objects

    @dbus.service.method(NAME + ".Manager", in_signature="h", out_signature="o")
    def ImportProfile(self, file: Any) -> Any:
        self.world.refuse("ImportProfile")
        with os.fdopen(file.take(), encoding="utf-8") as source:
            self.world.write_down({"imported": source.read()})
        return dbus.ObjectPath(ROOT + "/profile/imported")

    @dbus.service.method(NAME + ".Manager", out_signature="h")
    def GetDiagnostics(self) -> Any:
        descriptor = os.memfd_create("diagnostics")
        os.write(descriptor, b"all is well\n")
        os.lseek(descriptor, 0, os.SEEK_SET)
        return dbus.types.UnixFd(descriptor)


class Profile(Exported):
    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, f"{ROOT}/profile/{name}")
        self.name = name

    def read(self, interface: str, uid: int) -> dict[str, Any]:
        if interface.endswith(".Session"):
            return {
                "State": self.world.state,
                "Reason": dbus.Struct((self.world.reason[0], variants(self.world.reason[1])), signature="sa{sv}"),
                "Since": dbus.Int64(1_700_000_000),
                "OwnerUid": dbus.UInt32(self.world.owner_uid),
                "Mine": dbus.Boolean(uid == self.world.owner_uid),
            }
        return {
            "Name": self.name,
            "DisplayName": self.world.script.names.get(
                self.name, {"de": f"Netz {self.name}", "en": f"Network {self.name}"}
            ),
            "PortalOrigin": "https://portal.kvsa.example",
            "Contact": dbus.Dictionary(self.world.script.contact, signature="sa{ss}"),
            "Factors": dbus.Array(["yubikey-hmac", "yubico-otp"], signature="s"),
        }

    @dbus.service.method(NAME + ".Profile", out_signature="a{sv}")
    def Discover(self) -> Any:
        self.world.refuse("Discover")
        now = int(time.time()) + self.world.script.server_time_ahead_s
        told = {"operator": dbus.Dictionary({"de": "KVSA"}, signature="ss"), "server_time": dbus.Int64(now)}
        factors = dbus.Array(["yubikey-hmac"], signature="s")
        return dbus.Dictionary({**told, "factors": factors, "poll_after_s": dbus.UInt32(60)}, signature="sv")

    @dbus.service.method(NAME + ".Profile", in_signature="a{sv}", out_signature="o", sender_keyword="sender")
    def SignIn(self, options: Any, sender: str = "") -> Any:
        return self._login("SignIn", options, sender)

    @dbus.service.method(NAME + ".Profile", in_signature="a{sv}", out_signature="o", sender_keyword="sender")
    def Renew(self, options: Any, sender: str = "") -> Any:
        return self._login("Renew", options, sender)

    def _login(self, member: str, options: Any, sender: str) -> Any:
        plain = {str(k): int(v) if isinstance(v, int) else str(v) for k, v in options.items()}
        self.world.write_down({"method": member, "profile": self.name, "options": plain})
        self.world.refuse(member)
        return dbus.ObjectPath(Login(self.world, sender).path)

    @dbus.service.method(NAME + ".Profile", sender_keyword="sender")
    def Disconnect(self, sender: str = "") -> None:
        self.world.write_down({"method": "Disconnect", "uid": self.world.uid_of(sender)})
        self.world.refuse("Disconnect")
        self.world.become("signed-out", NOBODY)

    @dbus.service.method(NAME + ".Session", out_signature="a{sv}", sender_keyword="sender")
    def GetDetails(self, sender: str = "") -> Any:
        if self.world.uid_of(sender) not in {0, self.world.owner_uid}:
            raise fault("FN-601", {"action": ""})
        texts = {"user_name": "m.muster", "gateway": "gw1.kvsa.example:51820", "transport": "udp"}
        ends_at = int(time.time()) + self.world.script.ends_in_s
        lists = {"addresses": ["10.8.0.7/32", "fd00::7/128"], "prefixes": ["10.9.0.0/16"], "domains": ["kvsa.example"]}
        return dbus.Dictionary(
            {
                **texts,
                **{k: dbus.Array(v, signature="s") for k, v in lists.items()},
                "ends_at": dbus.Int64(ends_at),
                "renew_until": dbus.Int64(ends_at + 7200),
                "handshake_age_s": dbus.UInt32(5),
                "received_bytes": dbus.UInt64(1536),
                "sent_bytes": dbus.UInt64(5 * 2**32),
            },
            signature="sv",
        )


class Login(Exported):
    """Plays the script's steps for the connection that began it."""

    count = 0

    def __init__(self, world: World, owner: str) -> None:
        Login.count += 1
        super().__init__(world, f"{ROOT}/login/{Login.count}")
        self.owner = owner
        self.stage, self.prompts = "input", list[str]()
        self.steps = iter(world.script.login)
        self.over = False
        world.current = self
        glib().idle_add(self.go_on)

    def read(self, interface: str, uid: int) -> dict[str, Any]:
        prompts = [(kind, kind, "", dbus.Boolean(kind in HIDDEN)) for kind in self.prompts]
        return {"Stage": self.stage, "Prompts": dbus.Array(prompts, signature="(sssb)")}

    def go_on(self) -> bool:
        """Plays until a step waits for something."""
        self.awaited = ""
        for step in self.steps:
            if self._play(*step):
                break
        return False

    def _play(self, word: str, *arguments: Any) -> bool:
        match word:
            case "ask":
                self._show("input", arguments[0])
            case "stage":
                self._show(arguments[0], [])
                return False
            case "await":
                self.awaited = arguments[0]
            case "finish":
                self.finish(*arguments)
            case "die":
                os._exit(1)
        return True

    def _show(self, stage: str, prompts: list[str]) -> None:
        self.stage, self.prompts = stage, prompts
        self.changed(NAME + ".Login", self.owner)

    def finish(self, code: str, facts: Mapping[str, Any]) -> None:
        """Only the first end counts: a login that is over cannot be cancelled."""
        if self.over:
            return
        self.over = True
        if not code:
            self.world.become("online", self.world.uid_of(self.owner))
        message = dbus.lowlevel.SignalMessage(self.path, NAME + ".Login", "Finished")
        self.world.emit(message, self.owner, "sa{sv}", code, variants(facts))
        self.remove_from_connection()

    @dbus.service.method(NAME + ".Login", in_signature="a{sv}")
    def Answer(self, answers: Any) -> None:
        self.world.write_down({"answers": {str(k): str(v) for k, v in answers.items()}})
        if any(not text for text in answers.values()):
            raise fault("FN-605", {"argument": next(str(k) for k, v in answers.items() if not v)})
        glib().idle_add(self.go_on)

    @dbus.service.method(NAME + ".Login")
    def Cancel(self) -> None:
        self.world.write_down({"cancelled": True})
        self.finish("FN-612", {})


class World:
    """Everything that the service knows."""

    def __init__(self, connection: Any, script: Script, log: Path) -> None:
        self.connection, self.script, self._log = connection, script, log
        self.state, self.owner_uid, self.reason = script.state, script.owner_uid, script.reason
        self.current: Login | None = None
        self.profiles = [Profile(self, name) for name in script.profiles]
        Manager(self, ROOT)

    def uid_of(self, sender: str) -> int:
        return int(self.connection.get_unix_user(sender))

    def refuse(self, member: str) -> None:
        if member in self.script.refuse:
            raise fault(*self.script.refuse[member])

    def write_down(self, told: Mapping[str, Any]) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(told) + "\n")

    def become(self, state: str, owner_uid: int, reason: Sequence[Any] = ("", {})) -> None:
        self.state, self.owner_uid, self.reason = state, owner_uid, reason
        for profile in self.profiles:
            profile.changed(NAME + ".Session")

    def emit(self, message: Any, to: str, signature: str, *values: Any) -> None:
        if to:
            message.set_destination(to)
        message.append(*values, signature=signature)
        self.connection.send_message(message)

    def hear(self, word: str) -> None:
        match word.split():
            case ["state", state, *code]:
                self.become(state, self.owner_uid, (code[0] if code else "", {}))
            case _ if self.current and self.current.awaited == word:
                self.current.go_on()
            case _:
                raise ValueError(f"nobody awaits {word!r}")


def main() -> None:
    script, log = Script(**json.loads(sys.argv[1])), Path(sys.argv[2])
    connection = dbus.SystemBus(private=True, mainloop=DBusGMainLoop())
    world = World(connection, script, log)
    connection.request_name(NAME, dbus.bus.NAME_FLAG_DO_NOT_QUEUE)
    loop = glib().MainLoop()

    def heard(*_: Any) -> bool:
        word = sys.stdin.readline()
        if word:
            world.hear(word.strip())
        else:
            loop.quit()
        return bool(word)

    glib().io_add_watch(sys.stdin, glib().PRIORITY_DEFAULT, glib().IO_IN | glib().IO_HUP, heard)
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
