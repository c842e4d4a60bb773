"""`openroll bench`: how fast it is, each figure beside its limit in the same run. Never a test: machines differ."""

from openroll.bench.command import app_of

__all__ = ["app_of"]
