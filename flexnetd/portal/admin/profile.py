"""`flexnet-admin profile`: the profile that members of this portal get, by the operator's package.

It follows from the configuration and the gateways: origin, grant key, operator, and as the ceiling exactly what
sessions are given now. Who is going to widen the network or to add a gateway widens the profile first, by a new
package. What is told was read back by the reader that members' computers use.
"""

from __future__ import annotations

import argparse
import base64
import json
from collections.abc import Iterator, Mapping, Sequence

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile_file import read_profile
from flexnetd.portal.admin.desk import Desk
from flexnetd.portal.config import PortalConfig
from flexnetd.portal.storage.gateways import GatewayState, all_gateways
from flexnetd.wire.portal import OperatorContact


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("profile", help="the profile for members' computers, on standard output")
    parser.add_argument("name", help="its name: small letters, digits and _")
    parser.set_defaults(run=_profile)


def _profile(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    with desk.look() as (connection, _now):
        known = all_gateways(connection)
    endpoints = tuple(one.endpoint for one in known if one.state is not GatewayState.DOWN)
    text = profile_text(desk.config, desk.keys.grant_public_key, endpoints, arguments.name)
    try:
        read_profile(text, f"{arguments.name}.toml")
    except Fault as fault:
        problem = str(fault.facts.get("problem", "missing"))
        raise Fault(Code.INPUT_INVALID, field=str(fault.facts.get("key") or "name"), problem=problem) from None
    yield from text.splitlines()


def profile_text(config: PortalConfig, grant_key: bytes, endpoints: Sequence[str], name: str) -> str:
    """TOML. The authority of the portal's certificate lies beside the profile, under its name."""
    weakest = min(config.factors, key=lambda factor: factor.strength)
    contacts = "\n".join(_contact(language, one) for language, one in config.operator.contact.items())
    return f"""\
# /etc/flexnetd/profiles.d/{name}.toml: which portal, whom to trust for it, and the most that it may ask of a computer.
portal = {_toml(config.origin)}
weakest_factor = {_toml(weakest.value)}

[display_name]
{_lines(config.operator.name)}
{contacts}
[trust]
ca_file = "/etc/flexnetd/authorities/{name}.pem"

[grant]
keys = [{_toml(base64.b64encode(grant_key).decode())}]

[ceiling]
prefixes = {_toml([str(prefix) for prefix in config.network.prefixes])}
domains = {_toml(list(config.network.domains))}
gateways = {_toml(list(endpoints))}
longest_session_s = {config.sessions.total_s}
"""


def _contact(language: str, contact: OperatorContact) -> str:
    told = {
        "name": contact.name,
        "telephone": contact.telephone,
        "email": contact.email,
        "hours": contact.hours,
    }
    return f"\n[contact.{language}]\n" + _lines({key: text for key, text in told.items() if text}) + "\n"


def _lines(texts: Mapping[str, str]) -> str:
    return "\n".join(f"{key} = {_toml(text)}" for key, text in texts.items())


def _toml(value: str | list[str]) -> str:
    """JSON's texts and lists of texts are TOML's too."""
    return json.dumps(value, ensure_ascii=False)
