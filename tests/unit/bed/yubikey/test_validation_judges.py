"""More programs that nobody here wrote: yubikit on every generation of keys, and of the other end of a one-time
password ykparse, ykgenerate and the validation server yubiserver."""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexnetd.model.secret import Secret, SecretBytes
from flexnetd.portal.login.proof_yubico_otp import Counters, opened_otp, typed_otp
from tests.bed.await_ import until
from tests.bed.world.host import Host
from tests.bed.world.plan import HostPlan, Plan
from tests.bed.world.world import World
from tests.bed.yubikey.model import YubiKey
from tests.bed.yubikey.plugged_key import PluggedKey
from tests.bed.yubikey.slot import otp_slot
from tests.bed.yubikey.typed_text import bytes_from_modhex

AES = b"sixteen byte key"
PRIVATE_ID = b"secret"
PUBLIC_ID = "vvccccddddee"
SECRET = bytes(range(20))
PORT = 8111


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def key(clock: Clock) -> YubiKey:
    key = YubiKey(clock=clock)
    key.program(1, otp_slot(bytes_from_modhex(PUBLIC_ID), PRIVATE_ID, AES))
    clock.now_s += 60
    return key


# -- yubikit


@pytest.mark.parametrize("firmware", [(2, 2, 0), (4, 3, 7), (5, 4, 3), (5, 7, 1)])
def test_yubikit_programs_and_asks_every_generation(firmware: tuple[int, int, int]) -> None:
    program = Path(__file__).with_name("yubikit_library.py")
    with PluggedKey.plugged_in(firmware=firmware) as plugged:
        plugged.auto_touch(0.05)
        ran = subprocess.run(
            ["/usr/bin/python3", str(program)],
            env=os.environ | plugged.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        touches = plugged.state().touches
    right = hmac.new(SECRET, b"hello", hashlib.sha1).hexdigest()
    touch = (("0", "0"), ("0", "0"), ("1", "1"), ("0", "1")) if firmware >= (3, 0, 0) else (("", ""),) * 4
    assert ran.stdout.splitlines() == [
        f"version {'.'.join(str(part) for part in firmware)}",
        "serial 12345678",
        "empty 0{} 0{}".format(*touch[0]),
        "hmac 0{} 1{}".format(*touch[1]),
        f"answer {right}",
        f"touched {right}",
        "guarded CommandRejectedError",
        "swapped 1{} 1{}".format(*touch[2]),
        "left 0{} 1{}".format(*touch[3]),
    ], ran.stderr
    assert touches == 1


# -- ykparse and ykgenerate


def test_ykparse_reads_what_the_key_types(key: YubiKey, clock: Clock) -> None:
    key.press()
    clock.now_s += 10
    told = subprocess.run(["ykparse", AES.hex(), key.press().strip()[12:]], capture_output=True, text=True, check=True)
    fields = {
        name.strip(): value.strip() for name, _, value in (line.partition(":") for line in told.stdout.split("\n"))
    }
    assert fields["uid"].replace(" ", "") == PRIVATE_ID.hex()
    assert fields["counter"].startswith("1 ")
    assert fields["session use"].startswith("1 ")
    assert fields["crc check"] == "ok"


def generated(private_id: bytes, use: int, session: int) -> str:
    """By ykgenerate: the block alone."""
    words = [AES.hex(), private_id.hex(), f"{use:04x}", "1234", "05", f"{session:02x}"]
    return subprocess.run(["ykgenerate", *words], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(("use", "session"), [(1, 0), (0x0102, 0xFE), (0x7FFF, 0xFF)])
def test_the_portal_opens_what_ykgenerate_made(use: int, session: int) -> None:
    otp = typed_otp(Secret(PUBLIC_ID + generated(PRIVATE_ID, use, session)))
    assert otp is not None
    assert otp.public_id == PUBLIC_ID
    assert opened_otp(otp, SecretBytes(AES), SecretBytes(PRIVATE_ID)) == Counters(use, session)
    assert opened_otp(otp, SecretBytes(bytes(16)), SecretBytes(PRIVATE_ID)) is None
    assert opened_otp(otp, SecretBytes(AES), SecretBytes(b"Secret")) is None


# -- yubiserver


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """A host of its own, alone: the server listens everywhere."""
    with World(Plan(segments=(), hosts=(HostPlan("validation"),))) as world:
        yield world["validation"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "yubiserver.sqlite"
    shutil.copy("/etc/yubiserver/yubiserver.sqlite.init", file)
    for part, *words in (
        ("-y", "anna", PUBLIC_ID, PRIVATE_ID.hex(), AES.hex()),
        ("-p", "portal", "12345678901234567890"),
    ):
        command = ["yubiserver-admin", "-b", str(file), part, "-a", *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for path in (file, *tmp_path.parents[:3], tmp_path):
        path.chmod(0o777)
    return file


@pytest.fixture
def server(host: Host, database: Path) -> Iterator[Host]:
    program = host.start(
        "yubiserver", ["yubiserver", "-d", str(database), "-l", str(database.with_name("log")), "-p", f"{PORT}"]
    )
    until(lambda: host.listens(PORT), what="yubiserver")
    yield host
    program.kill()
    host.run(["sh", "-c", f"kill $(ss -Htlnp 'sport = {PORT}' | sed -n 's/.*pid=\\([0-9]*\\).*/\\1/p')"])
    until(lambda: not host.listens(PORT), what="the server's end")


def judged(server: Host, otp: str, nonce: str = "0123456789abcdef") -> str:
    """What the server says of a one-time password."""
    url = f"http://127.0.0.1:{PORT}/wsapi/2.0/verify?id=1&nonce={nonce}&otp={otp.strip()}"
    answer = server.run(["curl", "-sS", url]).stdout
    told = dict(line.strip().split("=", 1) for line in answer.splitlines() if "=" in line)
    assert told["nonce"] == nonce
    return told["status"]


def test_yubiserver_takes_each_password_once_and_in_order(server: Host, key: YubiKey, clock: Clock) -> None:
    typed = []
    for _ in range(3):
        typed.append(key.press())
        clock.now_s += 5
    assert judged(server, typed[0]) == "OK"
    assert judged(server, typed[0]) == "REPLAYED_OTP"
    assert judged(server, typed[2]) == "OK"
    assert judged(server, typed[1]) == "REPLAYED_OTP"


def test_yubiserver_takes_the_first_password_after_a_new_plugging(server: Host, key: YubiKey, clock: Clock) -> None:
    assert judged(server, key.press()) == "OK"
    key.power_up()
    clock.now_s += 5
    assert judged(server, key.press()) == "OK"


def test_yubiserver_refuses_another_keys_password(server: Host, clock: Clock) -> None:
    other = YubiKey(clock=clock)
    other.program(1, otp_slot(bytes_from_modhex(PUBLIC_ID), PRIVATE_ID, b"another 16 bytes"))
    assert judged(server, other.press()) == "BAD_OTP"
