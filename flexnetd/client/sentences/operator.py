"""FN-7xx: the operator's side. These are read by the operator's own staff, so they may use their words."""

from __future__ import annotations

from collections.abc import Mapping

from flexnetd.client.language import msg
from flexnetd.client.sentences.words import Words
from flexnetd.model.codes import Code

OPERATOR: Mapping[Code, Words] = {
    Code.CONFIG_FILE_MALFORMED: Words(
        msg("The configuration {file} is wrong in line {line}: {problem}."),
        msg("Please correct the line and check the file again."),
        msg("Setting: {key}"),
    ),
    Code.CONFIG_FILE_MISSING_KEY: Words(
        msg("The configuration {file} lacks the setting “{key}”."),
        msg("Please add it and check the file again."),
    ),
    Code.CONFIG_FILE_UNREADABLE: Words(
        msg("The configuration {file} cannot be read: {reason}."),
        msg("Please check that the file is there and that the service may read it."),
    ),
    Code.NOT_FOUND: Words(
        msg("There is no {kind} “{name}”."),
        msg("Please check how it is written, or list what there is."),
    ),
    Code.ALREADY_EXISTS: Words(
        msg("There is a {kind} “{name}” already."),
        msg("Please choose another name, or change the one that is there."),
    ),
    Code.INPUT_INVALID: Words(
        msg("“{field}” cannot be used: {problem}."),
        msg("Please correct it and try again."),
    ),
    Code.DATABASE_UNREACHABLE: Words(
        msg("The database cannot be reached: {reason}."),
        msg("Please check that it is running and that its address in the configuration is right."),
    ),
    Code.CERTIFICATE_REFUSED: Words(
        msg("The client certificate was refused."),
        msg("Please check that it comes from this portal’s certificate authority and has not expired."),
    ),
    Code.GATEWAY_UNKNOWN: Words(
        msg("The portal does not know the gateway “{name}”."),
        msg("Please add it at the portal first."),
    ),
}
