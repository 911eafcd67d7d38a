"""The one door to umockdev's introspection, which has no types."""

from __future__ import annotations

from typing import Any

import gi

gi.require_version("UMockdev", "1.0")

from gi.repository import UMockdev  # noqa: E402

IoctlBase: Any = UMockdev.IoctlBase
Testbed: Any = UMockdev.Testbed

PRELOAD = "libumockdev-preload.so.0"
