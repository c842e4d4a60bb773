"""Ask remote places what they see of sites: each by a request that the roll signs, each answer held to the place's own key.

A place that says nothing, something else, or too late has not looked: that counts as not having seen it
(register/site/quorum.py).
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx2

from openroll.register.site.events import Sighting
from openroll.register.site.looks import Question
from openroll.register.site.sightings import Asked, read_seen, seen_text, signature_said
from openroll.tlog import TlogError, Verifier, open_note, split_note
from openroll.tlog.note import ED25519
from openroll.watch.http_client import new_client

PATH = "look-at-site"
"""Where a place is asked, below its address (docs/sites.md)."""
MOST_PLACES = 20
MOST_ANSWER = 8_000
"""Bytes of an answer that are read."""
APART = 300
"""Seconds that a place's clock and the roll's may be apart."""


@dataclass(frozen=True, slots=True)
class RemotePlace:
    """A place that looks for the roll: its address, and the key that it signs with (Ed25519)."""

    address: str
    key: Verifier


def read_places(text: str) -> tuple[RemotePlace, ...]:
    """The places of a file: one a line, its address and its key; `#` begins a remark. Raises ValueError."""
    found: list[RemotePlace] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition(" #")[0].strip()
        if not said or said.startswith("#"):
            continue
        address, _, key = said.partition(" ")
        if not address.startswith(("https://", "http://")):
            raise ValueError(f"line {number}: expected the address of a place (https://…), and its key")
        try:
            verifier = Verifier.parse(key)
        except TlogError as error:
            raise ValueError(f"line {number}: {error}") from error
        if verifier.algorithm != ED25519:
            raise ValueError(f"line {number}: a place looks under a key of its own (`openroll witness look` prints it)")
        if any(one.key.name == verifier.name for one in found):
            raise ValueError(f"line {number}: {verifier.name} stands there twice: each place counts once")
        found.append(RemotePlace(address.rstrip("/"), verifier))
    if len(found) > MOST_PLACES:
        raise ValueError(f"{len(found)} places: {MOST_PLACES} at most")
    return tuple(found)


async def ask_places(
    places: Sequence[RemotePlace],
    roll: str,
    questions: Sequence[Question],
    sign: Callable[[str], bytes],
    seconds: float,
    clock: Callable[[], float] = time.time,
) -> Mapping[int, tuple[Sighting, ...]]:
    """What the places saw of each site by its number, in the order of the places, in so many seconds. `sign` makes a signed note.

    Never raises for what a place does.
    """
    now = int(clock())
    found = {(one.number, place.key.name): Sighting(place.key.name, now, None) for one in questions for place in places}
    async with new_client(seconds, connections=16) as client:

        async def ask(place: RemotePlace, question: Question) -> None:
            asked = Asked(roll, now, question.domains, question.wanted)
            answer = await _post(client, f"{place.address}/{PATH}", sign(asked.text()))
            sighting = None if answer is None else _believed(answer, place, asked)
            if sighting is not None and abs(sighting.at - clock()) <= APART:
                found[question.number, place.key.name] = sighting

        tasks = [asyncio.create_task(ask(place, question)) for place in places for question in questions]
        done, late = await asyncio.wait(tasks, timeout=seconds) if tasks else (set(), set())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()
    return {one.number: tuple(found[one.number, place.key.name] for place in places) for one in questions}


async def _post(client: httpx2.AsyncClient, address: str, body: bytes) -> bytes | None:
    """The whole answer, where it is one and not too long."""
    read = b""
    try:
        async with client.stream("POST", address, content=body, headers={"content-type": "text/plain"}) as answer:
            if answer.status_code != 200:
                return None
            async for part in answer.aiter_raw():
                read += part
                if len(read) > MOST_ANSWER:
                    return None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError):
        return None
    return read


def _believed(answer: bytes, place: RemotePlace, asked: Asked) -> Sighting | None:
    """What a place saw, where its own key signed just that about what was asked."""
    try:
        note = open_note(answer, (place.key,))
        signature = next(one for one in split_note(answer)[1] if one.key_id == place.key.key_id)
    except TlogError:
        return None
    sighting = read_seen(note.text, place.key.name)
    if sighting is None or seen_text(asked.roll, asked.domains, asked.wanted, sighting) != note.text:
        return None
    said = signature_said(place.key, signature.signature)
    return Sighting(sighting.place, sighting.at, sighting.answers, sighting.control, said)
