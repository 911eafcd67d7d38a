"""The real portal, over TLS on loopback, for tests: `flexnet-portal serve` in a process of its own with a temporary
SQLite database, a user with an HMAC key, and a gateway that confirms (a thread which speaks the agents' protocol).

    with portal_on_loopback(folder) as portal:
        portal.origin, portal.ca_file, portal.grant_public_key     # what a profile names
        portal.hmac_key.answer(digest)                             # the base64 proof of the enrolled key
        portal.gateway.confirming = False                          # from now on the gateway is silent
        portal.admin("user", "lock", "alice")                      # flexnet-admin
        portal.stop(); portal.start()                              # the same portal again

Nothing is patched: what is configured here an operator could configure. FIDO2 is accepted, too.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import hashlib
import hmac
import http.client
import json
import secrets
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from flexnetd.portal.admin import main as admin
from flexnetd.portal.config_file import read_config
from flexnetd.portal.config_template import Answers, configuration
from flexnetd.portal.keys import read_keys
from flexnetd.portal.login.proof_yubico_otp import crc16, modhex
from flexnetd.portal.setting_up import set_up
from flexnetd.wire.gateway import LONGEST_PEERS, Applied, Peer, PeerList
from flexnetd.wire.json_codec import decode, encode
from tests.bed.fido2_key import Fido2Key

USERNAME = "alice"
PASSWORD = "correct horse battery staple"
POOL = "10.90.0.0/24"
START_WITHIN_S = 20

_QUICK = """
[passwords]
argon2-memory-kib = 64
argon2-passes = 1
"""


@dataclass
class HmacKey:
    """A YubiKey in challenge-response mode, as far as the portal can tell."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(20))

    def answer(self, digest: bytes) -> str:
        return base64.b64encode(hmac.new(self.secret, digest, hashlib.sha1).digest()).decode()


@dataclass
class OtpKey:
    """A YubiKey that types Yubico OTPs; each `press` has greater counters than the one before."""

    public_id: str = field(default_factory=lambda: modhex(secrets.token_bytes(6)))
    private_id: bytes = field(default_factory=lambda: secrets.token_bytes(6))
    aes_key: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    use_counter: int = 1
    session_counter: int = 0

    def press(self) -> str:
        self.session_counter += 1
        if self.session_counter > 0xFF:
            self.session_counter, self.use_counter = 0, self.use_counter + 1
        return self.typed(self.use_counter, self.session_counter)

    def typed(self, use_counter: int, session_counter: int) -> str:
        plain = (
            self.private_id
            + use_counter.to_bytes(2, "little")
            + secrets.token_bytes(3)
            + bytes([session_counter])
            + secrets.token_bytes(2)
        )
        plain += (crc16(plain) ^ 0xFFFF).to_bytes(2, "little")
        encryptor = Cipher(algorithms.AES(self.aes_key), modes.ECB()).encryptor()
        return self.public_id + modhex(encryptor.update(plain) + encryptor.finalize())

    @property
    def enrolment(self) -> str:
        """The line that `flexnet-admin key enrol-otp` reads."""
        return f"{self.public_id},{self.private_id.hex()},{self.aes_key.hex()}"


class GatewayOnLoopback:
    """Holds the peers that the portal says, and confirms them while `confirming`."""

    def __init__(self, name: str, port: int, authority: Path, certificate: Path, private_key: Path) -> None:
        self.name = name
        self.confirming = True
        self.revision: int | None = None
        self.peers: dict[bytes, Peer] = {}
        self._port = port
        self._context = ssl.create_default_context(cafile=str(authority))
        self._context.load_cert_chain(certificate, private_key)
        self._changed = threading.Condition()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"gateway {name}", daemon=True)
        self._connection: http.client.HTTPSConnection | None = None

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):
                # The plain socket's: that of TLS would have the thread read on as if nothing had been encrypted.
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        self._thread.join(10)

    def await_peers(self, holds: Callable[[dict[bytes, Peer]], bool], timeout_s: float = 10) -> None:
        """Raises AssertionError when the peers do not become so in time."""
        with self._changed:
            assert self._changed.wait_for(lambda: holds(self.peers), timeout_s), self.peers

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """One request with this gateway's certificate on a connection of its own."""
        connection = self._connect()
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("127.0.0.1", self._port, timeout=40, context=self._context)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._connection = self._connect()
            try:
                while not self._ended.is_set():
                    self._once(self._connection)
            except (OSError, http.client.HTTPException):
                self._ended.wait(0.05)  # the portal is away; ask again
            finally:
                self._connection.close()

    def _once(self, connection: http.client.HTTPSConnection) -> None:
        since = "" if self.revision is None else f"?since={self.revision}"
        connection.request("GET", f"/v1/gateway/peers{since}")
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise http.client.HTTPException(f"{answer.status}")
        told = decode(PeerList, body, LONGEST_PEERS)
        with self._changed:
            self.revision = told.revision
            self.peers = {peer.public_key: peer for peer in told.peers}
            self._changed.notify_all()
        if self.confirming:  # what is confirmed has happened
            connection.request("POST", "/v1/gateway/applied", encode(Applied(told.revision)))
            connection.getresponse().read()


class PortalUnderTest:
    def __init__(self, folder: Path, host: str, more_config: str, database: str = "", pool: str = POOL) -> None:
        self.folder = folder
        self.config_file = folder / "portal.toml"
        self.port, self.gateway_port = _free_ports(2)
        self.origin = f"https://{host}:{self.port}"
        self.ca_file = folder / "portal-ca.pem"
        self.hmac_key = HmacKey()
        self.party = host
        """FIDO2's relying party."""
        self.gateways: list[GatewayOnLoopback] = []
        self.log = folder / "portal.log"
        self._process: subprocess.Popen[bytes] | None = None
        answers = Answers(
            origin=self.origin,
            operator="KV Beispiel",
            telephone="+49 391 1234567",
            listen=f"127.0.0.1:{self.port}",
            gateway_listen=f"127.0.0.1:{self.gateway_port}",
            pool=pool,
            pool6="fd90::/64",
            prefixes=("10.91.0.0/16", "fd91::/48"),
            resolvers=("10.91.0.53",),
            domains=("kvsaonline.example",),
            check="10.91.0.80:80",
        )
        tables = more_config if "[passwords]" in more_config else more_config + _QUICK
        text = configuration(answers).replace('"sqlite:///portal.db"', f'"{database or "sqlite:///portal.db"}"')
        self.config_file.write_text(text.replace("factors = [", 'factors = ["fido2", ') + tables)
        self.config = read_config(self.config_file)
        for _line in set_up(self.config, ("localhost", "127.0.0.1")):
            pass
        keys = read_keys(self.config.key_encryption_key, self.config.grant_key)
        self.grant_public_key = keys.grant_public_key

    def sibling(self) -> PortalUnderTest:
        """A second portal process behind the same origin, with the same keys and database; not started yet. Its
        gateways are those of the first one."""
        made = copy.copy(self)
        made.port, made.gateway_port = _free_ports(2)
        made.config_file = self.folder / f"portal-{made.port}.toml"
        made._process = None
        text = self.config_file.read_text()
        for old, new in ((self.port, made.port), (self.gateway_port, made.gateway_port)):
            text = text.replace(f'address = "127.0.0.1:{old}"', f'address = "127.0.0.1:{new}"')
        made.config_file.write_text(text)
        return made

    @property
    def gateway(self) -> GatewayOnLoopback:
        return self.gateways[0]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Returns when both listeners answer."""
        command = [sys.executable, "-m", "flexnetd.portal.main", "serve", "--config", str(self.config_file)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], START_WITHIN_S)
        line = self._process.stdout.readline() if readable else b""
        if not line.startswith(b"ready:"):
            self.kill()
            raise AssertionError(f"the portal did not start: {self.log.read_text()}")

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def admin(self, *arguments: str) -> list[str]:
        """The lines that `flexnet-admin` tells, run in this process. Raises Fault."""
        return list(admin.run(["--config", str(self.config_file), *arguments]))

    def add_user(self, name: str, password: str = PASSWORD) -> None:
        self.admin("user", "add", name, "--password-from", self._file(password))

    def enrol_hmac(self, user: str, key: HmacKey) -> str:
        """The key's id."""
        return self.admin("key", "enrol-hmac", user, "--secret-from", self._file(key.secret.hex()))[0].split()[1]

    def enrol_otp(self, user: str, key: OtpKey) -> str:
        """The key's id."""
        return self.admin("key", "enrol-otp", user, "--secret-from", self._file(key.enrolment))[0].split()[1]

    def enrol_fido2(self, user: str, key: Fido2Key) -> str:
        """The key's id."""
        enrolment = self._file(key.enrolment(self.party, user=user))
        return self.admin("key", "enrol-fido2", user, "--secret-from", enrolment)[0].split()[1]

    def add_gateway(self, name: str, start: bool = True) -> GatewayOnLoopback:
        certificate, private_key = self.folder / f"{name}.pem", self.folder / f"{name}-key.pem"
        public_key = base64.b64encode(secrets.token_bytes(32)).decode()
        wanted = ("--public-key", public_key, "--endpoint", f"{name}.example:51820")
        files = ("--certificate-out", str(certificate), "--key-out", str(private_key))
        self.admin("gateway", "add", name, *wanted, *files)
        made = GatewayOnLoopback(name, self.gateway_port, self.config.agents_authority, certificate, private_key)
        self.gateways.append(made)
        if start:
            made.start()
        return made

    def ask(
        self,
        method: str,
        path: str,
        message: object = None,
        token: str = "",
        headers: dict[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, the answer's JSON ({} when it has none) and the headers. `message`: a wire message, or bytes;
        `source`: the address of 127.0.0.0/8 from which to ask."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=30, context=context, source_address=(source, 0)
        )
        body = message if isinstance(message, bytes) or message is None else encode(message)
        told = dict(headers or {})
        if token:
            told["Authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, body, told)
            answer = connection.getresponse()
            raw = answer.read()
            return answer.status, json.loads(raw) if raw else {}, {k.lower(): v for k, v in answer.getheaders()}
        finally:
            connection.close()

    def _file(self, line: str) -> str:
        """A file that holds this line, as `flexnet-admin` reads secrets."""
        file = self.folder / "secret.txt"
        file.write_text(line)
        return str(file)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None


@contextlib.contextmanager
def portal_on_loopback(
    folder: Path,
    host: str = "127.0.0.1",
    more_config: str = "",
    gateways: int = 1,
    database: str = "",
    pool: str = POOL,
) -> Iterator[PortalUnderTest]:
    """`host` is the name in the origin (its certificate also names localhost and 127.0.0.1); `more_config` is TOML that
    is added to the configuration, for example "[sessions]\\nlength-s = 5\\n"; `database` a URL instead of SQLite's."""
    portal = PortalUnderTest(folder, host, more_config, database, pool)
    portal.add_user(USERNAME)
    portal.enrol_hmac(USERNAME, portal.hmac_key)
    portal.start()
    try:
        for number in range(1, gateways + 1):
            portal.add_gateway(f"gw{number}")
        yield portal
    finally:
        for gateway in portal.gateways:
            gateway.end()
        portal.stop()


def _free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
