"""What the worker is told about a portal: where it is and whom to trust for it, from the profile and nowhere else."""

from __future__ import annotations

from pathlib import Path

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.wire.worker import PortalAccess

LONGEST_CA_FILE = 1024 * 1024


def portal_access(profile: Profile, addresses: tuple[str, ...] = ()) -> PortalAccess:
    """Raises Fault PROFILE_MALFORMED when the profile's file of trust anchors cannot be read."""
    return PortalAccess(profile.portal_origin, _ca_pem(profile), profile.trust.pins, addresses)


def _ca_pem(profile: Profile) -> str:
    if not profile.trust.ca_file:
        return ""
    try:
        with Path(profile.trust.ca_file).open(encoding="ascii") as file:
            return file.read(LONGEST_CA_FILE)
    except (OSError, UnicodeDecodeError):
        raise Fault(
            Code.PROFILE_MALFORMED,
            file=f"{profile.name}.toml",
            line=0,
            key="trust.ca_file",
            problem=f"{profile.trust.ca_file} cannot be read",
        ) from None
