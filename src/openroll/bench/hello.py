"""The least a server of this kind does: one route that says hello, under the same server and framework."""

from litestar import Litestar, get


@get("/", media_type="text/html", sync_to_thread=False)
def hello() -> str:
    """Says hello."""
    return "hello"


app = Litestar([hello])
