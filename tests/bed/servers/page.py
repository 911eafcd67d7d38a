"""A page server: every GET answers with the text it was given. `/large` adds a mebibyte, `/slow` drips for seconds.

    python -m tests.bed.servers.page --listen 10.88.0.80 --text "KVSAonline"

Every request is a line on standard output, "SOURCE PATH".
"""

from __future__ import annotations

import argparse
import socket
import socketserver
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGE_BYTES = 1024 * 1024


class PageHandler(BaseHTTPRequestHandler):
    text = ""

    def do_GET(self) -> None:
        print(self.client_address[0], self.path, flush=True)
        body = self.text.encode()
        if self.path == "/large":
            body += b"x" * LARGE_BYTES
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path == "/slow":
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(0.2)  # being slow is what it is for
            return
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        """Says nothing of its own."""


class PageServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, listen: str, port: int, handler: type[BaseHTTPRequestHandler] = PageHandler) -> None:
        self.address_family = socket.AF_INET6 if ":" in listen else socket.AF_INET
        super().__init__((listen, port), handler)

    def server_bind(self) -> None:
        """Without the base class's question for our own name, which nobody here would answer."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True)
    parser.add_argument("--port", type=int, default=80)
    parser.add_argument("--text", required=True)
    arguments = parser.parse_args()
    PageHandler.text = arguments.text
    server = PageServer(arguments.listen, arguments.port)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
