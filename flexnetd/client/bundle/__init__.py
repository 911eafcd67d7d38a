"""The bundle for the IT service: one text file that its sender can read before it is sent.

The rules:
- It is made of few named pieces, each gathered on purpose (`pieces.py`). No folder is copied, no file of the person's
  or of the service's state goes in as it is, and the environment is not looked at.
- Whatever goes in is scrubbed all the same (`scrubbing.py`): a log may hold what somebody typed into the wrong field.
  What looks like a key, a code, a token or a password goes; so do the names of people and of this computer, unless the
  person wants them in.
- What will be in it is told before it is written. It is written to a new file alone, readable by its owner alone; no
  link is followed, and of a file that could not be written to its end nothing is left (`writing.py`).
"""
