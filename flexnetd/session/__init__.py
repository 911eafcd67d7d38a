"""The session as a state machine: pure, no I/O, no clock, no threads. Start reading at machine.py."""
