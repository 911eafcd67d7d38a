"""The captive portal of a hotel: sends every request to its own page, until somebody accepts there.

    python -m tests.bed.servers.hotel --listen 192.168.178.1

Runs on the router of `hotel_plan`, as root: whoever asks for /accept is let out from then on (by the nft set of that
plan). Every request is a line on standard output, "SOURCE HOST PATH".
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from ipaddress import IPv4Address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))  # started without it (start.py)

from tests.bed.servers.page import PageServer

PAGE = b"<html><title>Hotel Seeblick</title><a href='/accept'>Accept the terms</a></html>"


class HotelHandler(BaseHTTPRequestHandler):
    own = ""

    def do_GET(self) -> None:
        host, source = self.headers.get("Host", ""), self.client_address[0]
        print(source, host, self.path, flush=True)
        if host != self.own:
            self.send_response(302)
            self.send_header("Location", f"http://{self.own}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/accept":
            let_out(source)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        """Says nothing of its own."""


def let_out(guest: str) -> None:
    element = f"{{ {IPv4Address(guest)} }}"
    subprocess.run(["nft", "add", "element", "ip", "hotel", "accepted", element], check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True)
    HotelHandler.own = parser.parse_args().listen
    server = PageServer("0.0.0.0", 80, HotelHandler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
