"""Start-up of a granian worker process."""

import multiprocessing
import os
import signal
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
