"""The HTTP API: JSON over the same service as the pages. It translates, and decides nothing."""

from openroll.api.app import api_handlers
from openroll.api.fast_filing import FastFiling
from openroll.api.problems import RefusedError, exception_handlers, http_problem, problem
from openroll.api.tokens import Hearing

__all__ = ["FastFiling", "Hearing", "RefusedError", "api_handlers", "exception_handlers", "http_problem", "problem"]
