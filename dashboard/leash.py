"""Starts a program that ends when the one that started it has died, however it died.

Run as `python -m dashboard.leash PARENT-PID COMMAND...`. A supervisor killed with -9 must not leave
a web server behind that holds the port, nor a queue that works beside the next one. The leash does not
reach what the command forks: the queue holds its own children by `hold_children`.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for a SIGTERM at the parent's death, then become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    end_with_parent()
    if os.getppid() != parent:  # It died before the kernel was asked.
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606


def hold_children() -> None:
    """What this process forks, and what that forks, ends with the one that forked it."""
    forking = os.getpid()

    def remember() -> None:
        nonlocal forking
        forking = os.getpid()

    def hold() -> None:
        end_with_parent()
        if os.getppid() != forking:  # It died before the kernel was asked.
            os._exit(1)

    os.register_at_fork(before=remember, after_in_child=hold)


def end_with_parent() -> None:
    """Ask the kernel for a SIGTERM at the parent's death; it tells nobody of a death before this."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    main()
