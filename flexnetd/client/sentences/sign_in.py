"""FN-2xx: signing in and the session's end."""

from __future__ import annotations

from collections.abc import Mapping

from flexnetd.client.language import msg
from flexnetd.client.sentences.words import Words
from flexnetd.model.codes import Code

SIGN_IN: Mapping[Code, Words] = {
    Code.CREDENTIALS_REFUSED: Words(
        msg("User name, password or YubiKey is not right."),
        msg("Please try again. Mind Caps Lock, and use the YubiKey that belongs to this user name."),
    ),
    Code.CODE_ALREADY_USED: Words(
        msg("This code has been used before."),
        msg("Each code counts only once: please press the key again."),
    ),
    Code.PASSWORD_EXPIRED: Words(
        msg("Your password has expired."),
        msg("Please sign in again and choose a new password when you are asked for it."),
    ),
    Code.ACTIVATION_NEEDED: Words(
        msg("Your account has not been activated yet."),
        msg("Please sign in again and type the activation code from your letter when you are asked for it."),
    ),
    Code.ACCOUNT_DISABLED: Words(
        msg("Your account is locked."),
        msg("Please call the IT service, which can unlock it."),
    ),
    Code.POSTURE_FAILED: Words(
        msg("This computer does not meet a security requirement: {check}."),
        msg("Please have this put right and sign in again."),
        brief=msg("This computer does not meet a security requirement."),
    ),
    Code.FACTOR_TOO_WEAK: Words(
        msg("Signing in by “{factor}” is not accepted here. At least “{weakest}” is needed."),
        msg("Please sign in with your YubiKey."),
        brief=msg("This way of signing in is not accepted here."),
    ),
    Code.LOGIN_ENDED: Words(
        msg("This sign-in took too long and has ended."),
        msg("Please sign in again."),
    ),
    Code.TOO_MANY_TRIES: Words(
        msg("There were too many failed tries. The next one is possible in {retry_after_s}."),
        msg("Please wait so long and try again. If you do not know your password, call the IT service."),
        brief=msg("There were too many failed tries."),
    ),
    Code.CODE_FORMAT: Words(
        msg("This is not a code of a YubiKey: {problem}."),
        msg("Please press the key once more, briefly, without typing anything yourself."),
        brief=msg("This is not a code of a YubiKey."),
    ),
    Code.PUBLIC_KEY_USED: Words(
        msg("The connection could not be prepared."),
        msg("Please sign in again. FlexNet then prepares a new one."),
    ),
    Code.NO_ADDRESS_FREE: Words(
        msg("All places in the network are taken at the moment."),
        msg("Please try again in a few minutes."),
    ),
    Code.NO_GATEWAY: Words(
        msg("The way into the network is not available at the moment."),
        msg("This is not your mistake. Please try again in a few minutes."),
    ),
    Code.SESSION_ENDED: Words(
        msg("Your session has ended."),
        msg("Please sign in again."),
    ),
    Code.RENEWAL_LIMIT: Words(
        msg("This session cannot be extended any further. It ends at this time: {ends_at}."),
        msg("Please save your work before then. Afterwards you can sign in again."),
        brief=msg("This session cannot be extended any further."),
    ),
    Code.PASSWORD_TOO_WEAK: Words(
        msg("The new password is too easy to guess. It needs at least {minimum_length} characters."),
        msg("Please choose a longer one, for example several words in a row."),
        brief=msg("The new password is too easy to guess."),
    ),
    Code.ACTIVATION_REFUSED: Words(
        msg("The activation code is not right, has been used before or is too old."),
        msg("Please compare it with your letter. If it is the same, the IT service sends you a new one."),
    ),
    Code.KEY_UNCONFIRMED: Words(
        msg("The codes of your YubiKey are not accepted at the moment."),
        msg("This is not your mistake. Please call the IT service, which needs one code of the key from you."),
    ),
}
