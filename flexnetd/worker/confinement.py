"""What a worker gives up before it reads its request. The rest is the sandbox of its unit (systemd/); this holds
wherever it is started, and before any library is loaded that reads the environment.
"""

from __future__ import annotations

import os
import resource
import sys

_UNWANTED = (
    # Where TLS would find other authorities, other code, or write its keys to
    "SSL",
    "OPENSSL",
    # Traces of every transfer with the key
    "PYUSB",
    "LIBUSB",
    # What the resolver would look up instead
    "RES_OPTIONS",
    "LOCALDOMAIN",
    "HOSTALIASES",
    "RESOLV_",
    "GCONV_PATH",
)
_MEMORY_BYTES = 768 * 1024 * 1024
_CPU_S = 30
_DESCRIPTORS = 128

# linux/prctl.h, malloc.h
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_M_ARENA_MAX = -8


def confine() -> None:
    """Clean environment, no core, no debugger of the same user, bounded memory, time and descriptors."""
    for name in [name for name in os.environ if _is_unwanted(name)]:
        del os.environ[name]
    os.umask(0o077)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, _MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, _CPU_S)
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    _tell_the_kernel()


def _is_unwanted(name: str) -> bool:
    return name.upper().startswith(_UNWANTED) or name.upper().endswith("_PROXY")


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (allowed, allowed))


def _tell_the_kernel() -> None:
    import ctypes  # noqa: PLC0415 - after the environment is clean

    library = ctypes.CDLL(None)
    # Each thread's own heap would reserve 64 MiB of the bounded address space.
    library.mallopt(_M_ARENA_MAX, 1)
    if library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) or library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        sys.exit("flexnetd-worker: the kernel refuses to confine this process")
