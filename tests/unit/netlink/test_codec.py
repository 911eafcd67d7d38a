"""The door to pyroute2 loads little of it and leaves the rest as it was."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def in_a_fresh_process(program: str) -> object:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import json, sys\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("module", ["asyncio", "pyroute2", "pyroute2.iproute", "pyroute2.ndb.main"])
def test_the_codec_does_not_load(module: str) -> None:
    assert in_a_fresh_process(f"import flexnetd.netlink.codec; print(json.dumps({module!r} in sys.modules))") is False


def test_the_doors_module_loads_no_codec() -> None:
    loads = "import flexnetd.wireguard.door, flexnetd.wireguard.device, flexnetd.netlink.socket"
    assert in_a_fresh_process(f"{loads}; print(json.dumps('pyroute2.netlink' in sys.modules))") is False


def test_whoever_imports_pyroute2_later_gets_the_real_one() -> None:
    assert in_a_fresh_process(
        "import flexnetd.netlink.codec as codec; import pyroute2;"
        "from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg;"
        "print(json.dumps([hasattr(pyroute2, 'IPRoute'), ifinfmsg is codec.LinkMessage]))"
    ) == [True, True]


def test_the_codec_takes_pyroute2_as_it_finds_it() -> None:
    assert in_a_fresh_process(
        "import pyroute2; import flexnetd.netlink.codec as codec;"
        "print(json.dumps([hasattr(sys.modules['pyroute2'], 'IPRoute'), codec.LinkMessage.__name__]))"
    ) == [True, "ifinfmsg"]
