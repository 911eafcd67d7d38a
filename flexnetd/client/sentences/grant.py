"""FN-4xx: the operator's grant for a session, and the profiles on this computer."""

from __future__ import annotations

from collections.abc import Mapping

from flexnetd.client.language import msg
from flexnetd.client.sentences.words import Words
from flexnetd.model.codes import Code

_NOT_YOURS = msg("Nothing was changed on this computer. This is not your mistake: please tell the IT service.")

GRANT: Mapping[Code, Words] = {
    Code.GRANT_UNSIGNED: Words(
        msg("The portal’s permission for this connection is not signed. FlexNet has not used it."),
        _NOT_YOURS,
    ),
    Code.GRANT_SIGNATURE: Words(
        msg("The portal’s permission for this connection is not genuine. FlexNet has not used it."),
        _NOT_YOURS,
    ),
    Code.GRANT_ABOVE_CEILING: Words(
        msg("The portal asked for more than this computer allows it."),
        _NOT_YOURS,
        msg("Above the profile’s ceiling: {what}, {value}"),
    ),
    Code.GRANT_CONFIG_KEY: Words(
        msg("The portal sent a setting that FlexNet does not accept."),
        _NOT_YOURS,
        msg("Setting “{key}” in line {line}"),
    ),
    Code.GRANT_DUPLICATE: Words(
        msg("The portal sent a setting twice that may be there only once."),
        _NOT_YOURS,
        msg("Setting “{key}” in line {line}"),
    ),
    Code.GRANT_MALFORMED: Words(
        msg("FlexNet did not understand the portal’s permission for this connection."),
        msg("Please install the updates of this computer and sign in again."),
        msg("Field of the grant: {field}"),
    ),
    Code.GRANT_NOT_FOR_US: Words(
        msg("The portal’s permission belongs to another sign-in. FlexNet has not used it."),
        _NOT_YOURS,
        msg("Field of the grant: {field}"),
    ),
    Code.GRANT_OVERLAPS_UNDERLAY: Words(
        msg("The portal sent settings that would cut off the connection itself."),
        _NOT_YOURS,
        msg("Inside the protected prefixes: {what}, {value}"),
    ),
    Code.GRANT_TOO_LARGE: Words(
        msg("The portal’s permission for this connection cannot be right. FlexNet has not used it."),
        _NOT_YOURS,
        msg("The grant is larger than {limit_bytes}"),
    ),
    Code.PROFILE_UNKNOWN_KEY: Words(
        msg("The profile {file} has the unknown setting “{key}” in line {line}."),
        msg("Please have an administrator correct the file or install the operator’s package again."),
    ),
    Code.PROFILE_MALFORMED: Words(
        msg("The profile {file} is wrong in line {line}: {problem}."),
        msg("Please have an administrator correct the file or install the operator’s package again."),
        msg("Setting: {key}"),
    ),
    Code.PROFILE_MISSING_KEY: Words(
        msg("The profile {file} lacks the setting “{key}”."),
        msg("Please have an administrator correct the file or install the operator’s package again."),
    ),
    Code.PROFILE_NOT_FOUND: Words(
        msg("This computer has no access named “{name}”."),
        msg("Please check the name, or have an administrator install the operator’s package."),
        brief=msg("This computer has no access yet."),
    ),
    Code.PROFILE_SIGNATURE: Words(
        msg("The profile {file} is not signed by its operator. It was not installed."),
        msg("Please download the file again from the operator’s own page."),
    ),
    Code.PROFILE_OWNERSHIP: Words(
        msg("The profile {file} could be changed by somebody who is not an administrator. FlexNet does not use it."),
        msg("Please have an administrator give the file to root and take the right to write from everybody else."),
    ),
}
