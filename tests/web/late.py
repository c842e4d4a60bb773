"""A request whose body comes late: what happens between its head and its body is the test's to say."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from tests.web.house import House
from tests.web.visitor import Visitor


class Late:
    """A POST on its way: its head has come, and of its body what was sent so far."""

    def __init__(self, house: House, visitor: Visitor | None, path: str, headers: dict[str, str]) -> None:
        self.status, self.body = 0, b""
        self._asked, self._ended = threading.Event(), threading.Event()
        self._parts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._portal = house.client.blocking_portal
        lines = {"host": "roll.example"} | headers
        if visitor is not None:
            lines["cookie"] = "; ".join(f"{name}={value}" for name, value in visitor.jar.items())
        self._scope: Any = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in lines.items()], "client": ("203.0.113.7", 1),
            "server": ("roll.example", 443), "scheme": "https", "http_version": "1.1", "extensions": {},
        }  # fmt: skip
        self._task = self._portal.start_task_soon(self._run, house.client.app)

    async def _run(self, app: Any) -> None:
        try:
            await app(self._scope, self._receive, self._send)
        finally:
            self._ended.set()

    async def _receive(self) -> Any:
        self._asked.set()
        return await self._parts.get()

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    def when_asked(self) -> "Late":
        """Wait until the body is asked for: whoever is let in is let in."""
        assert self._asked.wait(20)
        return self

    @property
    def was_asked(self) -> bool:
        """Whether anything of the body was asked for."""
        return self._asked.is_set()

    def send(self, body: bytes, *, more: bool = False) -> "Late":
        """Send a part of the body, the last unless there is `more`."""
        part = {"type": "http.request", "body": body, "more_body": more}
        self._portal.call(self._parts.put, part)
        return self

    def ended(self, seconds: float = 20) -> "Late":
        """Wait for the answer."""
        assert self._ended.wait(seconds), "no answer"
        return self


def late(
    house: House, visitor: Visitor, path: str, body: bytes, headers: dict[str, str], meanwhile: Callable[[], Any]
) -> Late:
    """Send a body when something has happened `meanwhile`; the answer."""
    one = Late(house, visitor, path, headers).when_asked()
    meanwhile()
    return one.send(body).ended()
