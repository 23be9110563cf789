"""``python -m kgon``, and the command ``kgon``."""

import signal
import sys


def run() -> int:
    """Run one command; Ctrl-C is answered from the first import on, and ignored once the answer is given."""
    try:
        from kgon.cli import main

        return main()
    except KeyboardInterrupt:  # while the command line itself was imported
        print("kgon: interrupted", file=sys.stderr)
        return 130
    finally:  # Python's end resets the handlers: the signal would kill it without a word
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    raise SystemExit(run())
