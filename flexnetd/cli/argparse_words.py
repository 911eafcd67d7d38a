"""Python's own words in `--help` and in complaints about the command line, so that the translators see them.

argparse looks them up in this process's gettext domain (see arguments.py); a test holds them to argparse's source.
"""

from __future__ import annotations

from flexnetd.client.language import msg

ARGPARSE_WORDS = (
    msg("usage: "),
    msg("options"),
    msg("positional arguments"),
    msg("show this help message and exit"),
    msg("%(prog)s: error: %(message)s\n"),
    msg("argument %(argument_name)s: %(message)s"),
    msg("the following arguments are required: %s"),
    msg("unrecognized arguments: %s"),
    msg("invalid %(type)s value: %(value)r"),
    msg("expected one argument"),
)
