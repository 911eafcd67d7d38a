"""The members' pages: sign in, fetch the program and the handbook, lock a lost key, end a session.

The rules:
- Everything is made here and works without a script; the policy in each answer's head (`answers.py`) lets a browser run
  none, load nothing from elsewhere, and show the pages in no frame.
- Every page exists in German and English, under `/de/` and `/en/`; the switch is a link to the same page.
- A sign-in takes the same road as the protocol's (`signing_in.py`): the same limits, verifiers and burning, the
  password behind the proof. It opens no tunnel. What it can do is take something away: lock a key, end a session.
- Nothing is kept for strangers. A form of somebody who has not signed in carries a token of a cookie, a form of
  somebody who has, a token of his sign-in; a request that lacks the right one changes nothing.
- What depends on who asks is stored by no browser and no proxy.
"""
