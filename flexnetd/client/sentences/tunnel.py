"""FN-5xx: the tunnel."""

from __future__ import annotations

from collections.abc import Mapping

from flexnetd.client.language import msg
from flexnetd.client.sentences.words import Words
from flexnetd.model.codes import Code

_RESTART = msg("Please restart the computer and sign in again.")

TUNNEL: Mapping[Code, Words] = {
    Code.GATEWAY_SILENT: Words(
        msg("You are signed in, but the way into the network did not answer within {seconds}."),
        msg("This Internet connection may block it. Please try another one, for example your mobile phone’s."),
        msg("Gateways tried: {gateways}"),
    ),
    Code.UDP_BLOCKED: Words(
        msg("You are signed in, but this Internet connection seems to let no UDP through, which FlexNet needs."),
        msg(
            "Please use another connection, for example your mobile phone’s, or ask whoever runs this network to allow"
            " UDP to port {port}."
        ),
        msg("Gateways tried: {gateways}"),
    ),
    Code.CONFLICT: Words(
        msg("Another network or program of this computer stands in the way of the connection."),
        msg("Please close other VPN and network programs. If there are none, tell the IT service."),
        msg("Ours: {ours}; the other: {theirs}"),
    ),
    Code.WIREGUARD_MISSING: Words(
        msg("This computer’s system cannot make the protected connection: WireGuard is missing."),
        msg("Please install the updates of this computer and restart it."),
    ),
    Code.KERNEL_REFUSED: Words(
        msg("This computer’s system refused to set up the connection."),
        _RESTART,
        msg("Refused: {what}, {errno}"),
    ),
    Code.GUARD_REFUSED: Words(
        msg("The protection of the connection could not be set up. So no connection was made."),
        _RESTART,
        msg("nftables: {detail}"),
    ),
    Code.NAMES_UNAVAILABLE: Words(
        msg("The connection is there, but pages of the network cannot be found by their names."),
        msg("Please have an administrator install and start systemd-resolved."),
        msg("Name resolution: {reason}"),
    ),
    Code.TUNNEL_UNANSWERED: Words(
        msg("The connection is there, but the network behind it does not answer."),
        msg("This is not your mistake. Please try again in a few minutes."),
        msg("No answer from {address}"),
    ),
    Code.INTERFACE_TAKEN: Words(
        msg("Another program has made a network connection named {name}, which is FlexNet’s."),
        msg("Please close other VPN programs, or restart the computer, and sign in again."),
    ),
    Code.PEER_UNKNOWN: Words(
        msg("The connection’s other end is not known any more."),
        msg("Please sign in again."),
        msg("Key of the peer: {public_key}"),
    ),
    Code.LINK_GONE: Words(
        msg("The connection’s network device was removed by another program."),
        msg("Please close other VPN programs and sign in again."),
        msg("Network device: {name}"),
    ),
    Code.IPV6_OFF: Words(
        msg("IPv6 is switched off on this computer. The connection uses IPv4 only."),
        msg("You need to do nothing as long as everything you need can be reached."),
    ),
}
