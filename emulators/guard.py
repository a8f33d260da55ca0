"""Runs one emulator in this process, and ends with whoever started it.

Standard input is a pipe held by the starter. It reads end-of-file when the starter closes it or dies, by any
signal, a crash or kill -9 included. Then this process, the workers it has forked (its process group) and the
temporary directory it was given go away.

Usage: guard.py moto PORT | guard.py ministack
"""

import os
import shutil
import signal
import sys
import threading

# Read once: the emulators may change the environment.
SCRATCH = os.environ["TMPDIR"]


def end_with_starter() -> None:
    # Not through sys.stdin: a blocked read holds its lock, on which the interpreter's own exit would wait.
    while os.read(0, 4096):
        pass
    shutil.rmtree(SCRATCH, ignore_errors=True)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


threading.Thread(target=end_with_starter, daemon=True).start()

try:
    if sys.argv[1] == "moto":
        from moto.server import main

        main(["-H", "127.0.0.1", "-p", sys.argv[2]])
    else:
        sys.argv[1:] = []
        from ministack.app import main

        main()
except SystemExit as end:
    # Both end so on SIGTERM. One that did not come up leaves its log to the starter.
    if not end.code:
        shutil.rmtree(SCRATCH, ignore_errors=True)
    raise
