"""Start-up of a granian worker process."""

import multiprocessing
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from threading import Thread


def end_with_parent() -> None:
    """End this worker process when its parent was killed.

    granian's worker would go on without it: it would hold the port and a witness's state, take filings and sign, while whoever
    killed the server believes that it stands. It ends as abruptly as its parent; what was acknowledged is on the disk by then.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_wait_and_end, args=(parent,), daemon=True, name="parent").start()


def _wait_and_end(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGKILL)


def spawn_without_the_command() -> None:
    """Have worker processes started afresh, and without what the command line has loaded.

    Not forked: a fork takes polars' locks along and none of its threads, and hangs on first use. `multiprocessing` runs the
    script that was started again in each worker, as a module, for the names that may lie in it; ours has none, and brings every
    command with its libraries, 70 MB. Without a file there is nothing to run.
    """
    multiprocessing.set_start_method("spawn", force=True)
    vars(sys.modules["__main__"]).pop("__file__", None)
