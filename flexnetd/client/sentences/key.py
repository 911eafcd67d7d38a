"""FN-3xx: the YubiKey."""

from __future__ import annotations

from collections.abc import Mapping

from flexnetd.client.language import msg
from flexnetd.client.sentences.words import Words
from flexnetd.model.codes import Code

KEY: Mapping[Code, Words] = {
    Code.KEY_ABSENT: Words(
        msg("No YubiKey is plugged in."),
        msg("Please plug in your YubiKey and try again."),
    ),
    Code.KEYS_SEVERAL: Words(
        msg("Several YubiKeys are plugged in: {serials}."),
        msg("Please leave only your own plugged in and try again."),
        brief=msg("Several YubiKeys are plugged in."),
    ),
    Code.KEY_SLOT_EMPTY: Words(
        msg("This YubiKey is not set up for FlexNet."),
        msg("Please use the YubiKey that you received for FlexNet."),
        msg("Slot {slot} of the key is empty"),
    ),
    Code.KEY_SLOT_WRONG_KIND: Words(
        msg("This YubiKey is set up for something else."),
        msg("Please use the YubiKey that you received for FlexNet."),
        msg("Slot {slot} of the key is not set up for challenge-response"),
    ),
    Code.KEY_NOT_TOUCHED: Words(
        msg("The YubiKey was not touched within {seconds}."),
        msg("Please try again and touch the metal field of the key as soon as it blinks."),
        brief=msg("The YubiKey was not touched in time."),
    ),
    Code.KEY_PULLED: Words(
        msg("The YubiKey was pulled out during the sign-in."),
        msg("Please plug it in, leave it there until you are connected, and try again."),
    ),
    Code.KEY_NOT_PERMITTED: Words(
        msg("FlexNet has no access to the YubiKey on this computer."),
        msg(
            "Please pull the key out, plug it in again and try once more. If that does not help, restart the computer."
        ),
    ),
    Code.KEY_BUSY: Words(
        msg("Another program is using the YubiKey."),
        msg("Please close the other programs that use the key, and try again."),
    ),
    Code.KEY_FAILED: Words(
        msg("The YubiKey did not answer as it should."),
        msg("Please pull the key out, plug it in again and try once more."),
        msg("Fault of the key: {detail}"),
    ),
    Code.KEY_WITHOUT_HMAC: Words(
        msg("This YubiKey cannot be used for signing in by touch."),
        msg("Please use the YubiKey that you received for FlexNet."),
        msg("The key lacks challenge-response: {problem}"),
    ),
    Code.KEY_OTHER: Words(
        msg("The YubiKey with the number {wanted} is not plugged in, but this one is: {serials}."),
        msg("Please plug in the right one and try again."),
        brief=msg("Another YubiKey is plugged in."),
    ),
    Code.KEY_PIN_NEEDED: Words(
        msg("The security key wants its PIN."),
        msg("Please sign in again and type the PIN of the key when you are asked for it."),
    ),
    Code.KEY_PIN_WRONG: Words(
        msg("The PIN of the security key is not right. Tries left: {tries}."),
        msg("Please try again slowly. When no try is left, the key has to be set up anew."),
        brief=msg("The PIN of the security key is not right."),
    ),
    Code.KEY_PIN_PAUSED: Words(
        msg("The PIN of the security key was wrong several times in a row."),
        msg("Please pull the key out, plug it in again and try once more."),
    ),
    Code.KEY_PIN_BLOCKED: Words(
        msg("The security key is blocked: its PIN was wrong too often."),
        msg("Please call the IT service. The key has to be set up anew."),
    ),
    Code.KEY_PIN_UNSET: Words(
        msg("The security key has no PIN yet, but one is needed here."),
        msg("Please call the IT service, which tells you how to set one."),
    ),
    Code.KEY_NOT_REGISTERED: Words(
        msg("The security key that is plugged in does not belong to this user name."),
        msg("Please plug in the key that you received for FlexNet, or check the user name."),
    ),
    Code.KEY_WITHOUT_FIDO2: Words(
        msg("Signing in by security key is not possible here."),
        msg("Please use the YubiKey that you received for FlexNet, or call the IT service."),
        msg("What is missing for FIDO2: {problem}"),
    ),
}
