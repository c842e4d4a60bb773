"""The client of a roll's API, for whoever asks, reviews, answers or looks up from a machine of their own."""

from typing import Any, TypeVar

import httpx2
import msgspec

from openroll.hosts import is_here
from openroll.watch.facts import no_moment_in
from openroll.watch.http_client import about_proxies, new_client, wait_for
from openroll.watch.source import Unreachable

SECONDS = 60.0
"""The deadline of one call."""
OURS = 500
"""From here on a status is of a fault of the server, or of what stands before it."""
UNKNOWN = ". Whether it was done is unknown: look whether it is there before you send it again"
"""What is said of something that was sent and not answered."""
MOST_FAULTS = 10
"""Faults that are told of what was sent together."""
MOST_ANSWER = 100_000_000
"""Bytes of an answer: a heap of notices is the longest."""
T = TypeVar("T")


class Declined(Exception):
    """The roll refused: its code, its sentence, the HTTP status, and what its sentence speaks of (`params`)."""

    def __init__(self, code: str, sentence: str, status: int, params: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.status = status
        self.params = params or {}


class NotSent(Unreachable):
    """Nothing was sent: no connection came about."""


class InTheClear(NotSent):
    """Nothing was sent: a token, or what a body holds, would have been read by anybody on the way."""

    def __init__(self, where: str) -> None:
        super().__init__(where, "")
        why = "whoever is on the way could read your token or your word, and act by it. Nothing was sent: give an https address"
        self.args = (f"{where} is no https address: {why}",)


class _Fault(msgspec.Struct):
    row: int = 0
    value: str = ""
    remedy: str = ""


class _Problem(msgspec.Struct):
    title: str = ""
    detail: str = ""
    code: str = ""
    params: dict[str, Any] = {}
    faults: list[_Fault] = []


class RollApi:
    """The API of the roll at an address, by a token or as anybody. It asks each call anew, and follows no redirect.

    By a token, and with any body, it asks over https alone, or this machine: everything else raises InTheClear.
    """

    def __init__(self, address: str, token: str = "") -> None:
        self.where = address.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, most: int = MOST_ANSWER) -> bytes:
        """What is at a path. Raises Declined for a refusal (also for what is not there), Unreachable for no answer."""
        return self._call("GET", path, None, most)

    def post(self, path: str, body: Any, most: int = MOST_ANSWER) -> bytes:
        """What comes of sending a body, as JSON. Raises as `get`; where no answer comes, it says that it may be done."""
        return self._call("POST", path, msgspec.json.encode(body), most)

    def hold_private(self, *, sending: bool) -> None:
        """Raise InTheClear where something is to be sent, or a token, and the way there is not private."""
        if (self._headers or sending) and not _is_private(self.where):
            raise InTheClear(self.where)

    def _call(self, method: str, path: str, body: bytes | None, most: int) -> bytes:
        address = f"{self.where}/{path}"
        self.hold_private(sending=body is not None)
        unknown = "" if body is None else UNKNOWN
        try:
            status, data = wait_for(self._sent(method, address, body, most), SECONDS)
        except TimeoutError as error:
            raise Unreachable(address, f"it took longer than {SECONDS:g} seconds{unknown}") from error
        except httpx2.ConnectError as error:
            raise NotSent(address, (str(error) or type(error).__name__) + about_proxies()) from error
        except httpx2.HTTPError as error:
            raise Unreachable(address, (str(error) or type(error).__name__) + about_proxies() + unknown) from error
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise NotSent(address, f"this is no address: {error}") from error
        if 200 <= status < 300:
            return data
        raise _declined(address, status, data, unknown)

    async def _sent(self, method: str, address: str, body: bytes | None, most: int) -> tuple[int, bytes]:
        # As it is, so that nothing has to be unpacked.
        headers = (
            {"accept-encoding": "identity"}
            | self._headers
            | ({} if body is None else {"content-type": "application/json"})
        )
        async with (
            new_client(SECONDS, connections=1) as client,
            client.stream(method, address, content=body, headers=headers) as response,
        ):
            data = bytearray()
            async for part in response.aiter_raw():
                data += part
                if len(data) > most:
                    raise Unreachable(address, f"its answer is longer than {most:,} bytes")
            return response.status_code, bytes(data)


def _is_private(address: str) -> bool:
    """Whether nobody between reads what is sent to an address; also what is no address, which is said elsewhere."""
    try:
        url = httpx2.URL(address)
    except (httpx2.InvalidURL, UnicodeError):
        return True
    return url.scheme != "http" or is_here(url.host)


def _declined(address: str, status: int, data: bytes, unknown: str) -> Declined | Unreachable:
    try:
        problem = msgspec.json.decode(data, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Unreachable(address, f"it answered {status}{unknown if status >= OURS else ''}")
    sentence = problem.detail or problem.title or f"it answered {status}"
    return Declined(problem.code, sentence + _each(problem.faults), status, problem.params)


def _each(faults: list[_Fault]) -> str:
    """What is wrong with each of several that were sent, by its place among them, from 1."""
    more = f" … and {len(faults) - MOST_FAULTS:,} more." if len(faults) > MOST_FAULTS else ""
    return "".join(f" {one.row}. ({one.value}) {one.remedy}" for one in faults[:MOST_FAULTS]) + more


def decoded(data: bytes, kind: type[T], where: str) -> T:
    """An answer as what it should be, each moment in it one that can be reckoned with. Raises Unreachable for any other."""
    try:
        found = msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreachable(where, f"what it answers cannot be read: {error}") from error
    if (moment := no_moment_in(found)) is not None:
        raise Unreachable(where, f"what it answers cannot be reckoned with: it says the moment {moment.isoformat()}")
    return found
