"""What docs/PORTAL-PROTOCOL.md and docs/OPERATING.md say is so."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

from litestar.handlers import HTTPRouteHandler

from flexnetd.portal.admin.main import parser
from flexnetd.portal.config_file import config_from_text
from flexnetd.portal.web import client_app, gateway_app

DOCS = Path(__file__).parents[3] / "docs"
OPERATING = (DOCS / "OPERATING.md").read_text()
(SAMPLE,) = re.findall(r"```toml\n(.*?)```", OPERATING, re.DOTALL)


def test_the_sample_configuration_is_valid_and_shows_the_defaults() -> None:
    config = config_from_text(SAMPLE, Path("/etc/flexnet-portal/portal.toml"))
    needed = re.sub(r"(?ms)^\[(sessions|logins|limits|passwords|posture|clients)\].*?(?=^\[|\Z)", "", SAMPLE)
    defaults = config_from_text(needed, config.file)
    for table in ("sessions", "login_lifetime_s", "limits", "passwords", "clients"):
        assert getattr(config, table) == getattr(defaults, table), table


def test_every_command_shown_is_understood() -> None:
    joined = OPERATING.replace("\\\n", " ")
    shown = [line for line in joined.splitlines() if line.strip().startswith("flexnet-admin")]
    assert len(shown) > 10
    for line in shown:
        words = shlex.split(line, comments=True)[1:]
        # As installed, the command adds this by itself.
        config = [] if "--config" in words else ["--config", "FILE"]
        assert isinstance(parser().parse_args([*config, *words]), argparse.Namespace)


def test_every_route_is_in_the_table_and_the_other_way_round() -> None:
    text = (DOCS / "PORTAL-PROTOCOL.md").read_text()
    told = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", text, re.MULTILINE))
    served = {
        f"{method} {path}"
        for module in (client_app, gateway_app)
        for handler in vars(module).values()
        if isinstance(handler, HTTPRouteHandler)
        for method in handler.http_methods
        for path in handler.paths
    }
    assert told == served
