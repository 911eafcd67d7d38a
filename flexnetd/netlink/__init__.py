"""Netlink: a plain socket of ours, pyroute2's message classes as codec, and links and addresses as frozen values."""
