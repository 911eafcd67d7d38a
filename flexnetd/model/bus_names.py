"""The D-Bus API's names, shared by the daemon that offers them and the clients that ask.

Version 1, system bus; docs/DBUS.md describes it. A new version gets a new name and runs beside this one.
"""

from __future__ import annotations

BUS_NAME = "org.flexnetd.FlexNet1"
ROOT_PATH = "/org/flexnetd/FlexNet1"
PROFILE_PATH = ROOT_PATH + "/profile/"
LOGIN_PATH = ROOT_PATH + "/login/"

MANAGER = BUS_NAME + ".Manager"
PROFILE = BUS_NAME + ".Profile"
SESSION = BUS_NAME + ".Session"
LOGIN = BUS_NAME + ".Login"

ERROR_PREFIX = BUS_NAME + ".Error."
"""An error's name is this and the code's name in CamelCase: `org.flexnetd.FlexNet1.Error.InUse`. Its message is the
code and its facts as JSON: {"code": "FN-602", "facts": {}}."""

ACTION_SIGN_IN = "org.flexnetd.sign-in"
ACTION_DISCONNECT = "org.flexnetd.disconnect"
ACTION_MANAGE_PROFILES = "org.flexnetd.manage-profiles"
ACTION_DIAGNOSTICS = "org.flexnetd.diagnostics"


def error_name(code_name: str) -> str:
    """The D-Bus error name of `Code.<code_name>`."""
    return ERROR_PREFIX + "".join(word.capitalize() for word in code_name.split("_"))
