"""Start a program that cannot outlive us: `python -I tether.py PARENT_PID COMMAND…`, standard library only.

On Linux the kernel kills the program when its parent dies (PR_SET_PDEATHSIG; it survives the exec). Elsewhere this
launcher stays, and kills the program when its standard input, a pipe that only the parent holds, closes.
"""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def command(program: list[str]) -> list[str]:
    """The command line that runs `program` on our tether; give it a pipe as standard input."""
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(os.getpid()), *program]


def _on_linux(parent: int, program: list[str]) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel was told to watch it
        sys.exit(1)
    os.execv(program[0], program)  # noqa: S606 - the caller's own program


def _elsewhere(program: list[str]) -> int:
    child = subprocess.Popen(program, stdin=subprocess.DEVNULL)  # noqa: S603 - the caller's own program
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda heard, _: child.send_signal(heard))
    sys.stdin.buffer.read()
    child.kill()
    return child.wait()


if __name__ == "__main__":
    if sys.platform == "linux":
        _on_linux(int(sys.argv[1]), sys.argv[2:])
    else:
        sys.exit(_elsewhere(sys.argv[2:]))
