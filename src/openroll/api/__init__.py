"""The HTTP API: JSON over the same service as the pages. It translates, and decides nothing."""

from openroll.api.app import api_handlers
from openroll.api.problems import exception_handlers, http_problem

__all__ = ["api_handlers", "exception_handlers", "http_problem"]
