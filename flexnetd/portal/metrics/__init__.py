"""What a monitoring system reads from a portal: in Prometheus' text format, on a port for the operator's network alone.

The rules:
- No user, no address, no key in a name or a label: whoever may watch the service need not see the members.
- A label has few values, none of which a stranger chooses.
- What counts events (`counts.py`) is this process's own and begins at 0 with it; what is a state (`reading.py`) is read
  from the database when it is asked for, so that each of several portals tells the same.
- A database that does not answer is a number too, not a failure of the answer.
"""
