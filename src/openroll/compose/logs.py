"""Log formatting of the servers: nothing a stranger sent can forge a line or control a terminal; errors without messages."""

import logging
import time
from types import TracebackType
from typing import Any

from openroll.fault_trace import fault_trace
from openroll.tlog import printable

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Printable(logging.Formatter):
    """Log formatter: control characters become `<U+XXXX>` (a tab a blank), times are UTC.

    Only a record's first line begins at the margin.

    An error that a library logs whole is told by its kind and place, as our own are: its message may repeat what was typed.
    """

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - the name that logging calls
        """The time in UTC, whatever the machine's zone."""
        return time.strftime(datefmt or "%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))

    def format(self, record: logging.LogRecord) -> str:
        """The log record; its further lines are indented behind a bar."""
        record.exc_text = None  # as another handler's formatter may have left it
        return "\n  | ".join(printable(line.replace("\t", " ")) for line in super().format(record).split("\n"))

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the name that logging calls
        """The traceback without the error's message."""
        return "" if ei[1] is None else fault_trace(ei[1])


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "printable": {
            "()": Printable,
            "fmt": "%(asctime)s [%(levelname)s] %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%SZ",
        }
    },
    "handlers": {
        "console": {"formatter": "printable", "class": "logging.StreamHandler", "stream": "ext://sys.stdout"},
        "errors": {"formatter": "printable", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
    },
    "root": {"handlers": ["errors"], "level": "WARNING"},
    "loggers": {
        "_granian": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # It warns at each of its tries; that the database is away, why, and since when, is said once (store/outage.py).
        "psycopg.pool": {"level": "ERROR"},
    },
}
"""For granian, which sets it up in each of its processes: ours and everybody's warnings to standard error, its own to output."""
