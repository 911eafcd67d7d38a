"""The duties of a workplace: are they kept on this computer, as far as it can tell itself?

The theory: one check a file, a pure judgement over typed evidence (`judge(facts) -> Verdict`), and beside it in
`collect/` one thin collector that reads the evidence, without any privilege and without asking the network. Three
answers, always. What could not be seen is raised as `NotKnown` and becomes `unknown` with its reason, never `pass`: a
missing tool keeps no duty. All of it is self-reported, and nobody is told otherwise.

What each judgement must not fall for stands with it: that ufw's unit is active says nothing (firewall.py), that
unattended-upgrades is installed neither (automatic_updates.py), that Defender calls itself healthy (defender.py), and
so on. Dates are judged late rather than early: a false alarm teaches people to look away.

It runs in the worker's process, sandboxed, since it reads the output of other people's programs; the daemon only hands
over the packet filter's rules, which nobody else may read (survey.py).
"""
