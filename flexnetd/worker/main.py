"""The worker's process: give up what is not needed, serve one request, end."""

from __future__ import annotations

import sys

from flexnetd.worker.confinement import confine


def main() -> int:
    """The exit status; see `serve`."""
    confine()
    # Only now: OpenSSL, libusb and the resolver read the environment when they are loaded.
    from flexnetd.worker.serve import serve  # noqa: PLC0415

    return serve()


if __name__ == "__main__":
    sys.exit(main())
