"""FN-1xx: the network and the portal."""

from __future__ import annotations

from collections.abc import Mapping

from flexnetd.client.language import msg
from flexnetd.client.sentences.words import Words
from flexnetd.model.codes import Code

NETWORK: Mapping[Code, Words] = {
    Code.PORTAL_UNREACHABLE: Words(
        msg("The portal {host} cannot be reached."),
        msg("Please check your Internet connection, for example by opening any web page, and try again."),
    ),
    Code.PORTAL_TOO_SLOW: Words(
        msg("The portal {host} did not answer completely within {seconds}."),
        msg("Please try again in a few minutes, if you can over a faster Internet connection."),
    ),
    Code.PORTAL_CERTIFICATE: Words(
        msg("The portal {host} could not prove that it is genuine. Your password was not sent."),
        msg("Please do not sign in over this network. Try another one, and tell the IT service if it happens again."),
        msg("Check of the certificate: {reason}"),
    ),
    Code.PORTAL_REDIRECTS: Words(
        msg("The portal {host} tried to pass the sign-in on to another address. FlexNet did not follow."),
        msg(
            "If this is a public Wi-Fi, please open any web page first and sign in to the Wi-Fi there. Then try again."
        ),
    ),
    Code.PORTAL_FAILED: Words(
        msg("The portal {host} has a fault of its own at the moment."),
        msg("This is not your mistake. Please try again in a few minutes."),
        msg("Status of the answer: {status}"),
    ),
    Code.PORTAL_ANSWER_TOO_LARGE: Words(
        msg("The portal {host} sent an answer that cannot be right. FlexNet has discarded it."),
        msg("Please try again over another Internet connection."),
        msg("The answer is larger than {limit_bytes}"),
    ),
    Code.PORTAL_ANSWER_MALFORMED: Words(
        msg("FlexNet did not understand the answer of the portal {host}."),
        msg("Please install the updates of this computer and try again."),
        msg("Field of the answer: {field}"),
    ),
    Code.NO_NETWORK: Words(
        msg("This computer is not connected to any network."),
        msg("Please switch on Wi-Fi or plug in the network cable."),
    ),
    Code.CAPTIVE_PORTAL: Words(
        msg("This Wi-Fi asks you to sign in to it first."),
        msg("Please open this page in your web browser and sign in there: {url}"),
    ),
    Code.PORTAL_BUSY: Words(
        msg("Very many people are signing in at the moment."),
        msg("Please wait {retry_after_s} and try again."),
    ),
    Code.NAME_NOT_FOUND: Words(
        msg("The address {host} cannot be found on the Internet."),
        msg("Please check your Internet connection, for example by opening any web page, and try again."),
    ),
    Code.CLIENT_TOO_OLD: Words(
        msg("This version of FlexNet is too old. The portal needs version {oldest} or a newer one."),
        msg("Please install the updates of this computer and sign in again."),
    ),
    Code.CLOCK_WRONG: Words(
        msg("The clock of this computer is wrong by {seconds}."),
        msg("Please switch on “automatic date and time” in the system settings and try again."),
    ),
    Code.MAINTENANCE: Words(
        msg("The portal is under maintenance until {ends_at}."),
        msg("Please sign in again after that. The notices say what still works until then."),
    ),
    Code.REQUEST_MALFORMED: Words(
        msg("The portal did not understand this version of FlexNet."),
        msg("Please install the updates of this computer and try again."),
        msg("Field of the request: {field}"),
    ),
    Code.NAMES_WRONG: Words(
        msg("This network gives a wrong address for {host}."),
        msg(
            "If this is a public Wi-Fi, please open any web page first and sign in to the Wi-Fi there. Otherwise try"
            " another network."
        ),
        msg("Address that the name server gives: {address}"),
    ),
}
