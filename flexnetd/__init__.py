"""FlexNet for Linux: access to an association's closed network over WireGuard."""

__version__ = "0.1.0"
