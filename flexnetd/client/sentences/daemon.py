"""FN-6xx: the FlexNet service on this computer, and who may ask it for what."""

from __future__ import annotations

from collections.abc import Mapping

from flexnetd.client.language import msg
from flexnetd.client.sentences.words import Words
from flexnetd.model.codes import Code

DAEMON: Mapping[Code, Words] = {
    Code.NOT_AUTHORIZED: Words(
        msg("You are not allowed to do this on this computer: {action}."),
        msg("Please do it at the computer itself, or ask its administrator."),
        brief=msg("You are not allowed to do this on this computer."),
    ),
    Code.IN_USE: Words(
        msg("Somebody else is signed in on this computer at the moment."),
        msg("Please ask that person to sign out first."),
    ),
    Code.TOO_MANY_LOGINS: Words(
        msg("A sign-in is already under way."),
        msg("Please finish or cancel that one first."),
    ),
    Code.LOGIN_GONE: Words(
        msg("This sign-in is over."),
        msg("Please sign in again."),
    ),
    Code.ARGUMENT_INVALID: Words(
        msg("An entry cannot be used: {argument}."),
        msg("Please correct it and try again."),
    ),
    Code.RECORD_NOT_WRITTEN: Words(
        msg("This computer could not note down the session. So no connection was made."),
        msg("Please restart the computer and sign in again."),
        msg("Record of the session: {reason}"),
    ),
    Code.DAEMON_ABSENT: Words(
        msg("The FlexNet service of this computer is not running."),
        msg("Please restart the computer. An administrator can also start it: systemctl start flexnetd"),
    ),
    Code.INTERNAL: Words(
        msg("Something unexpected went wrong in FlexNet."),
        msg("Please try again. If it happens again, please tell the IT service what you did."),
    ),
    Code.WORKER_FAILED: Words(
        msg("A part of FlexNet stopped while it was working."),
        msg("Please try again."),
        msg("Worker: {detail}"),
    ),
    Code.WORKER_UNREACHABLE: Words(
        msg("A part of FlexNet is not running."),
        msg("Please restart the computer. An administrator can also start it: systemctl start flexnetd-worker.socket"),
    ),
    Code.NOT_SIGNED_IN: Words(
        msg("You are not signed in."),
        msg("Please sign in first."),
        offers_contact=False,
    ),
    Code.CANCELLED: Words(
        msg("Cancelled."),
        msg("Nothing was changed. You can sign in again at any time."),
        offers_contact=False,
    ),
    Code.IMPOSTOR: Words(
        msg("A program that is not FlexNet has taken its place on this computer. Nothing was sent to it."),
        msg("Please do not type your password, and tell the IT service."),
        msg("Number of the user that runs it: {uid}"),
    ),
    Code.ALREADY_SIGNED_IN: Words(
        msg("You are signed in already."),
        msg("You can go on working. If you want more time, please extend the session."),
        offers_contact=False,
    ),
    Code.ANSWER_TIMED_OUT: Words(
        msg("Nothing was entered for a long time. So the sign-in was ended."),
        msg("Please sign in again."),
    ),
    Code.FILE_NOT_WRITTEN: Words(
        msg("The file {file} could not be written: {problem}."),
        msg("Please name a file that does not exist yet, in a folder of your own."),
    ),
}
