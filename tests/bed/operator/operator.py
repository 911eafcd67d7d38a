"""The operator: portal, gateways, and what stands around them, in one operator's world.

with World(operator_plan()) as world, Operator(world) as operator, Laptop(world) as laptop:
    operator.add_member("anna", "a long password", hmac_secret=SECRET)
    operator.provision(laptop)                      # the operator's package: profile and authority
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from types import TracebackType

from tests.bed.laptop.laptop import Laptop
from tests.bed.operator.gateway import PORT, Gateway
from tests.bed.operator.portal import ORIGIN, QUICK_PASSWORDS, Portal
from tests.bed.servers.start import PAGE_TEXT, start_surroundings
from tests.bed.world import operator_plan as place
from tests.bed.world.process import Program
from tests.bed.world.world import World

PROFILE = "kvsa"
AUTHORITY_FILE = f"/etc/flexnetd/authorities/{PROFILE}.pem"
ENDPOINT_NAMES = {"gateway": place.GATEWAY_NAME, "gateway2": place.GATEWAY2_NAME}


class Operator:
    """Enter it to have it; `gateways` are hosts of the world, in order of preference. Without `more_config` passwords
    are hashed quickly."""

    def __init__(
        self,
        world: World,
        *,
        gateways: Sequence[str] = ("gateway",),
        more_config: str = QUICK_PASSWORDS,
        page_text: str = PAGE_TEXT,
        endpoints: Mapping[str, str] = ENDPOINT_NAMES,
    ) -> None:
        """`endpoints` are the hosts that members' workstations are told, by gateway: names, or addresses."""
        self.portal = Portal(world["portal"], world.folder / "portal", more_config)
        self.gateways = [Gateway(world[name], world.folder / name, endpoints[name]) for name in gateways]
        self.servers: dict[str, Program] = {}
        self._world = world
        self._endpoints = endpoints
        self._page_text = page_text
        self._members = 0
        self._exit = contextlib.ExitStack()

    @property
    def gateway(self) -> Gateway:
        """The first one."""
        return self.gateways[0]

    def __enter__(self) -> Operator:
        with contextlib.ExitStack() as stack:
            self.servers = start_surroundings(self._world, self._page_text)
            self.portal.set_up()
            public_keys = [gateway.prepare() for gateway in self.gateways]
            self.portal.administer(
                *(
                    gateway.admission(self.portal, public_key, number)
                    for number, (gateway, public_key) in enumerate(zip(self.gateways, public_keys, strict=True))
                )
            )
            self.portal.start()
            for gateway in self.gateways:
                stack.callback(gateway.close)
                gateway.receive_certificate(self.portal)
                gateway.start()
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def add_member(
        self,
        name: str,
        password: str,
        *,
        hmac_secret: bytes | None = None,
        otp_key: tuple[str, bytes, bytes] | None = None,
        fido2: str | None = None,
    ) -> None:
        """A member and their key: the HMAC secret of 20 bytes, or public id (modhex), private id and AES key, or what
        `fido2-cred -M` wrote."""
        self._members += 1
        commands = [["user", "add", name, "--password-from", self._secret("password", password)]]
        if hmac_secret is not None:
            commands.append(["key", "enrol-hmac", name, "--secret-from", self._secret("hmac", hmac_secret.hex())])
        if otp_key is not None:
            line = f"{otp_key[0]},{otp_key[1].hex()},{otp_key[2].hex()}"
            commands.append(["key", "enrol-otp", name, "--secret-from", self._secret("otp", line)])
        if fido2 is not None:
            commands.append(["key", "enrol-fido2", name, "--secret-from", self._secret("fido2", fido2)])
        self.portal.administer(*commands)

    def provision(self, laptop: Laptop) -> None:
        """What the operator's package would bring: the profile and whom to trust."""
        laptop.host.run(["mkdir", "-p", "/etc/flexnetd/authorities"])
        laptop.host.write_files({AUTHORITY_FILE: self.portal.authority})
        laptop.write_profile(PROFILE, self.profile())

    def profile(self, *, weakest_factor: str = "yubico-otp") -> str:
        """The profile's TOML."""
        endpoints = ", ".join(f'"{name}:{PORT}"' for name in self._endpoints.values())
        return f"""\
portal = "{ORIGIN}"
weakest_factor = "{weakest_factor}"
[display_name]
de = "KV Beispiel"
[contact.de]
name = "IT-Service der KV Beispiel"
telephone = "+49 391 1234567"
[trust]
ca_file = "{AUTHORITY_FILE}"
[grant]
keys = ["{self.portal.grant_key}"]
[ceiling]
prefixes = ["{place.INTRANET}"]
domains = ["{place.INTRANET_DOMAIN}"]
gateways = [{endpoints}]
longest_session_s = 43200
"""

    def _secret(self, kind: str, line: str) -> str:
        return self.portal.secret(f"{kind}-{self._members}.secret", line)
