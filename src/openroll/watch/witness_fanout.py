"""Asking many witnesses at once, with one deadline that holds whatever they do, and sparing those that keep failing."""

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import httpx2

from openroll.tlog import Policy
from openroll.watch.client import Answer, Cosignatures, CosignRequest, Failed, Server, request_cosignatures, servers_of
from openroll.watch.http_client import new_client

SPARED_FIRST, SPARED_MOST = 4.0, 600.0
"""Seconds for which a witness is left alone after its first failure, doubled at each further one, and at most."""
GRACE = 0.25
"""Seconds that the others still get once the quorum is reached and somebody waits for the answer."""
_SLACK = 0.25


class WitnessFanout:
    """Asks the witnesses of a policy. One a process: it keeps connections open, and knows who failed of late.

    What it does runs on an event loop in a thread of its own: a request there can be given up at any byte, which a blocking
    read cannot. Nobody waits longer than the deadline, not for a name that does not resolve either.
    """

    def __init__(self, policy: Policy, deadline: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`deadline` is in seconds, for all witnesses together."""
        self.policy = policy
        self.deadline = deadline
        self.servers = servers_of(policy)
        self.failures: dict[Server, int] = dict.fromkeys(self.servers, 0)
        """Failures of each server since this process began."""
        self.last: dict[Server, Failed] = {}
        """The newest failure of each server that has not cosigned since."""
        self._monotonic = monotonic
        self._in_a_row: dict[Server, int] = {}
        self._spared: dict[Server, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._client: httpx2.AsyncClient | None = None

    def due(self, without: Collection[str]) -> list[Server]:
        """The servers none of whose witnesses is among these (names of the policy), but for those left alone for a while."""
        now = self._monotonic()
        return [
            one
            for one in self.servers
            if not any(witness.name in without for witness in one.witnesses) and self._spared.get(one, now) <= now
        ]

    def ask(
        self,
        servers: Sequence[Server],
        request: CosignRequest,
        known_sizes: Mapping[Server, int],
        *,
        hurry: bool = False,
    ) -> list[Answer]:
        """Ask these servers at once; `known_sizes` is the size each is believed to hold. An answer for each, within the deadline.

        In a hurry, once the quorum is reached without them the others get only a moment more, and are not blamed for it.
        """
        if not servers:
            return []
        answers = dict[Server, Answer]()
        work = self._all(servers, request, known_sizes, answers, hurry)
        waited: Future[bool] = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            cut = waited.result(self.deadline + _SLACK)
        except TimeoutError:
            waited.cancel()
            cut = False
        return [self._noted(one, answers.get(one) or self._late(one), cut=cut) for one in servers]

    def close(self) -> None:
        """Close the connections and end the thread."""
        loop, thread, client = self._loop, self._thread, self._client
        if loop is None or thread is None or client is None:
            return
        self._loop = self._thread = self._client = None
        with suppress(TimeoutError):  # a connection that cannot even be closed goes with the process
            asyncio.run_coroutine_threadsafe(_ended(client), loop).result(_SLACK * 4)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_SLACK * 4)

    async def _all(
        self,
        servers: Sequence[Server],
        request: CosignRequest,
        known_sizes: Mapping[Server, int],
        answers: dict[Server, Answer],
        hurry: bool,
    ) -> bool:
        """Fill `answers` until the deadline; whether the rest was cut off because there was enough."""
        assert self._client is not None  # noqa: S101 - made before the loop runs
        loop = asyncio.get_running_loop()
        tasks = {
            loop.create_task(request_cosignatures(self._client, one, request, known_sizes.get(one, 0)))
            for one in servers
        }
        end, cut = loop.time() + self.deadline, False
        try:
            while tasks and (left := end - loop.time()) > 0:
                done, tasks = await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                answers.update({answer.server: answer for answer in (task.result() for task in done)})
                if hurry and not cut and self._enough(answers):
                    end, cut = min(end, loop.time() + GRACE), True
        finally:
            for task in tasks:
                task.cancel()
        return cut

    def _enough(self, answers: Mapping[Server, Answer]) -> bool:
        given = [answer for answer in answers.values() if isinstance(answer, Cosignatures)]
        return self.policy.satisfied([witness.name for one in given for witness, _ in one.cosignatures])

    def _late(self, server: Server) -> Failed:
        return Failed(server, "late", f"{server.name} did not answer within {self.deadline:g} s")

    def _noted(self, server: Server, answer: Answer, *, cut: bool) -> Answer:
        if isinstance(answer, Cosignatures):
            self._in_a_row.pop(server, None)
            self._spared.pop(server, None)
            self.last.pop(server, None)
        elif not (cut and answer.why == "late"):
            row = self._in_a_row[server] = self._in_a_row.get(server, 0) + 1
            spared = min(SPARED_FIRST * 2 ** min(row - 1, 20), SPARED_MOST)
            self._spared[server] = self._monotonic() + min(max(spared, answer.patience), SPARED_MOST)
            self.failures[server] += 1
            self.last[server] = answer
        return answer

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            # Redirects are not followed: a witness is where the policy says, or it is another witness.
            self._client = new_client(self.deadline)
            self._thread = threading.Thread(target=_run, args=(self._loop,), name="asking witnesses", daemon=True)
            self._thread.start()
        return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _ended(client: httpx2.AsyncClient) -> None:
    """Close the client, and give tasks that were cancelled a turn to end."""
    await client.aclose()
    others: list[asyncio.Task[Any]] = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
