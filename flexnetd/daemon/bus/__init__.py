"""The daemon on the system bus: one door to dbus-python, one wrapper around every method, one file an interface."""
