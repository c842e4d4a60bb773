"""Baseline server for benchmarks of pages: one route that says hello, on the same server and framework."""

from litestar import Litestar, get


@get("/", media_type="text/html", sync_to_thread=False)
def hello() -> str:
    """Say hello."""
    return "hello"


app = Litestar([hello])
