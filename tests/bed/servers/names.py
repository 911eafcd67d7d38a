"""A small DNS server: says what it was told, and NXDOMAIN for the rest. UDP and TCP, A, AAAA and TXT.

    python -m tests.bed.servers.names --listen 192.0.2.53 www.public.example=192.0.2.80 ...

The name "*" stands for every name that is not told otherwise. With `--dns64 PREFIX/96` a name that has IPv4 addresses
only gets IPv6 ones in that prefix, and `ipv4only.arpa` is known (RFC 6147, RFC 7050). `TXT large.NAME` answers with
1,100 bytes, for paths that do not carry full packets. Every question is a line on standard output, "SOURCE NAME TYPE",
so that a test can say who was asked what.
"""

from __future__ import annotations

import argparse
import ipaddress
import selectors
import socket
import struct

A, TXT, AAAA = 1, 16, 28
KINDS = {A: "A", TXT: "TXT", AAAA: "AAAA"}
LARGE_TEXT = b"\xfe" + b"x" * 254
Names = dict[str, list[ipaddress.IPv4Address | ipaddress.IPv6Address]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True)
    parser.add_argument("--dns64", type=ipaddress.IPv6Network)
    parser.add_argument("names", nargs="*", help="NAME=ADDRESS[,ADDRESS]")
    arguments = parser.parse_args()
    names: Names = {}
    for entry in arguments.names:
        name, _, addresses = entry.partition("=")
        names[name.lower()] = [ipaddress.ip_address(address) for address in addresses.split(",")]
    if arguments.dns64:
        add_dns64(names, arguments.dns64)
    _serve(arguments.listen, names)


def add_dns64(names: Names, prefix: ipaddress.IPv6Network) -> None:
    """Gives every name without an IPv6 address one for each of its IPv4 addresses. `prefix` is a /96."""
    assert prefix.prefixlen == 96, prefix
    names["ipv4only.arpa"] = [ipaddress.ip_address("192.0.0.170"), ipaddress.ip_address("192.0.0.171")]
    for addresses in names.values():
        if all(address.version == 4 for address in addresses):
            addresses.extend([prefix.network_address + int(address) for address in addresses])


def _serve(address: str, names: Names) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    datagrams.bind((address, 53))
    streams = socket.create_server((address, 53), family=family)
    print("ready", flush=True)
    with selectors.DefaultSelector() as selector:
        selector.register(datagrams, selectors.EVENT_READ)
        selector.register(streams, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is datagrams:
                    question, source = datagrams.recvfrom(4096)
                    if answer := answer_to(question, names, source[0]):
                        datagrams.sendto(answer, source)
                else:
                    _serve_stream(streams, names)


def _serve_stream(streams: socket.socket, names: Names) -> None:
    connection, source = streams.accept()
    with connection:
        connection.settimeout(1)
        try:
            length = struct.unpack("!H", _exactly(connection, 2))[0]
            answer = answer_to(_exactly(connection, length), names, source[0])
            connection.sendall(struct.pack("!H", len(answer)) + answer)
        except OSError:
            return


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = connection.recv(length - len(data))
        if not more:
            raise ConnectionError("closed early")
        data += more
    return data


def answer_to(question: bytes, names: Names, source: str) -> bytes:
    """The whole answer message; b"" for what is no question."""
    if len(question) < 12 + 5:
        return b""
    name, end = _name_at(question, 12)
    kind = struct.unpack_from("!H", question, end)[0]
    print(source, name, KINDS.get(kind, kind), flush=True)
    records = _records(name, kind, names)
    known = "*" in names or name in names or name.removeprefix("large.") in names
    flags = 0x8580 if known else 0x8583
    header = question[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
    return header + question[12 : end + 4] + b"".join(records)


def _name_at(message: bytes, at: int) -> tuple[str, int]:
    labels = []
    while length := message[at]:
        labels.append(message[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
    return ".".join(labels).lower(), at + 1


def _records(name: str, kind: int, names: Names) -> list[bytes]:
    if kind == TXT and name.startswith("large."):
        return [_record(TXT, LARGE_TEXT) for _ in range(4)]
    version = {A: 4, AAAA: 6}.get(kind)
    return [
        _record(kind, address.packed) for address in names.get(name, names.get("*", [])) if address.version == version
    ]


def _record(kind: int, data: bytes) -> bytes:
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 5, len(data)) + data


if __name__ == "__main__":
    main()
