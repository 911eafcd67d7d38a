"""The bundle for the IT service, written on a booted Debian on which secrets lie wherever one might look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed.await_ import until
from tests.bed.nspawn.machine import Machine, booted
from tests.bed.nspawn.product import install, installed_files

pytestmark = pytest.mark.nspawn

PASSWORD = "korrekt-pferd-batterie"
CODE = "cccccckdvvulgjvtkdjtlrtrjjetdlidveutjrdbjrct"
PRIVATE_KEY = "YAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
TOKEN = "f9Kq2mWz7Ls0Xv4Rb8Tn6Yc1Hd3Jg5Pe"
PATIENT = "Erika Mustermann"
FULL_NAME = "Dr. Alice Beispiel"
COMPUTER = "praxis-beispiel"
SECRETS = (PASSWORD, CODE, PRIVATE_KEY, TOKEN, PATIENT, "Mustermann")
NAMES = ("alice", "Beispiel", COMPUTER)


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def workplace(request: pytest.FixtureRequest) -> Iterator[Machine]:
    with (
        installed_files() as files,
        booted(request.param, read_only={str(files): "/product"}) as machine,
    ):
        install(machine, files)
        plant(machine)
        yield machine


def plant(machine: Machine) -> None:
    machine.run(["usermod", "--comment", f"{FULL_NAME},Raum 3", "alice"])
    machine.run(["hostname", COMPUTER])
    machine.write("/etc/flexnetd/profiles.d/token", f"{TOKEN}\n")
    machine.write("/etc/flexnetd/profiles.d/broken.toml", f'token = "{TOKEN}"\n')
    machine.write("/var/lib/flexnetd/state", f"PrivateKey = {PRIVATE_KEY}\n")
    machine.write("/home/alice/patient.txt", f"{PATIENT}\n")
    machine.write("/root/.config/flexnet/user-names.json", '{"kvsa": "a.beispiel"}')
    # What a person typed into the wrong field may have come into the service's own journal.
    said = f"user {CODE} from {COMPUTER}, password={PASSWORD}, key {PRIVATE_KEY}, for {FULL_NAME} (alice)"
    machine.write(
        "/etc/systemd/system/flexnetd.service.d/planted.conf",
        f"[Service]\nExecStartPre=/bin/echo '{said}'\nEnvironment=FLEXNET_PASSWORD={PASSWORD}\n",
    )
    machine.run(["systemctl", "daemon-reload"])
    machine.run(["systemctl", "restart", "flexnetd"])
    until(lambda: CODE in machine.journal("flexnetd.service"), 20, "the code to be in the journal")


def bundle(machine: Machine, file: str, *more: str) -> tuple[str, str]:
    """What it told the person, and what is in the file. By root, who could read everything."""
    command = ["env", f"FLEXNET_PASSWORD={PASSWORD}", f"OTP={CODE}", "flexnet", "doctor", "--bundle", file, *more]
    done = machine.run(command, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stderr, machine.run(["cat", file]).stdout


def test_the_bundle_says_what_the_it_service_needs_and_no_secret_or_name(workplace: Machine) -> None:
    _, text = bundle(workplace, "/root/without-names")
    assert [secret for secret in (*SECRETS, *NAMES) if secret.lower() in text.lower()] == []
    for needed in ("FN-301", "kernel ", "FN-42", "flexnetd 0.1", "127.0.0.1/8", "user <code> from"):
        assert needed in text
    assert "<name>" in text


def test_what_is_in_it_is_told_before(workplace: Machine) -> None:
    told, text = bundle(workplace, "/root/told")
    lines = told.splitlines()
    names = [line.split(":")[0].strip() for line in lines[1:-2]]
    assert lines[0] == "The file /root/told holds:"
    assert names == [line.split()[1] for line in text.splitlines() if line.startswith("===== ")]
    assert lines[-1] == "/root/told is written. Please read it before you send it to the IT service."


def test_names_are_left_in_for_who_wants_them_and_secrets_are_not(workplace: Machine) -> None:
    _, text = bundle(workplace, "/root/with-names", "--with-names")
    assert [name for name in NAMES if name not in text] == []
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_person_writes_one_in_their_own_name(workplace: Machine) -> None:
    command = ["flexnet", "doctor", "--bundle", "/home/alice/bundle"]
    workplace.run_as("alice", command, check=False, environment={"LANG": "de_DE.UTF-8"})
    assert workplace.run(["stat", "--format=%U %a", "/home/alice/bundle"]).stdout == "alice 600\n"
    text = workplace.run(["cat", "/home/alice/bundle"]).stdout
    assert [secret for secret in (*SECRETS, *NAMES) if secret.lower() in text.lower()] == []


def test_a_file_that_is_there_is_not_written_over_also_not_through_a_link(workplace: Machine) -> None:
    workplace.write("/root/precious", "precious")
    workplace.run(["ln", "-sf", "/root/precious", "/tmp/trap"])
    done = workplace.run(["flexnet", "doctor", "--bundle", "/tmp/trap"], check=False)
    assert done.returncode == 2
    assert "The file /tmp/trap could not be written: it exists already. (FN-616)" in done.stderr
    assert workplace.run(["cat", "/root/precious"]).stdout == "precious"
