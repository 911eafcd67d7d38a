"""The far end of `Host.call`: a pickled (function, arguments) comes in, a pickled (answered, value) goes out."""

from __future__ import annotations

import pickle
import sys


def main() -> None:
    function, arguments = pickle.load(sys.stdin.buffer)
    answer: tuple[bool, object]
    try:
        answer = True, function(*arguments)
    except Exception as problem:  # noqa: BLE001 - it travels to the caller
        answer = False, problem
    sys.stdout.buffer.write(pickle.dumps(answer))


if __name__ == "__main__":
    main()
