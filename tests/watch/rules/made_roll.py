"""A roll made in memory that serves its rules and its log, and can lie about either."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from openroll import places
from openroll.places import Bundle
from openroll.register.event import Event
from openroll.register.roll.events import FiguresPublished, RollOpened, RulePublished
from openroll.rules import Rule, canonical, digest, load
from openroll.tlog import (
    Checkpoint,
    Entry,
    Signer,
    encode_bundle,
    format_receipt,
    inclusion_proof,
    leaf_hash,
    parse_tile_path,
    root_of,
    sign_checkpoint,
)
from openroll.tlog.entry import commit

ORIGIN, DOMAIN, SALT = "log.example/made", b"openroll/event/1", bytes(32)
FIRST = load("notification-2006")
SECOND = load("cn-cq-2006-regulation+with-safeguards")
PLACE = places.load("ke")


def name(rule: Rule) -> str:
    """How events name a rule."""
    return f"{rule.ref}@{digest(rule)[:16]}"


class MadeRoll:
    """A roll opened under FIRST in PLACE. `lie` may change any answer: it is given the path and what is true."""

    def __init__(self, seed: bytes = b"\x01" * 32, *, place: Bundle = PLACE) -> None:
        self.signer = Signer.from_seed(ORIGIN, seed, "ed25519")
        self.lie: Callable[[str, bytes], bytes | None] = lambda _, data: data
        self.asked: list[str] = []
        self.bounds: dict[str, int | None] = {}
        self.texts: dict[str, bytes] = {}
        self.entries: list[tuple[Entry, str]] = []
        self.unlisted: set[int] = set()
        title = {"en": "Made"}
        opening = RollOpened(
            roll="made",
            title=title,
            languages=("en",),
            registrar=title,
            rule=name(FIRST),
            jurisdiction=places.full_name(place),
            demonstration=True,
            safeguards=(),
        )
        self._keep(FIRST, place)
        self.add(opening)

    def _keep(self, rule: Rule, place: Bundle) -> None:
        for data in (canonical(rule), places.canonical(place)):
            self.texts[hashlib.sha256(data).hexdigest()] = data

    def add(self, fact: Event) -> None:
        """Put an official act into the log."""
        body = fact.body()
        entry = Entry(fact.name, "2006-12-20", commit(DOMAIN, SALT, body.encode()), body)
        self.entries.append((entry, body))

    def publish(self, rule: Rule, starts: date, place: Bundle = PLACE, *, listed: bool = True) -> None:
        """Publish another rule."""
        self._keep(rule, place)
        if not listed:
            self.unlisted.add(len(self.entries))
        self.add(
            RulePublished(
                published=name(rule),
                jurisdiction=places.full_name(place),
                starts=starts,
                proposed_by="registrar#1",
                by="registrar#2",
                rule=name(FIRST),
            )
        )

    def go_on(self, count: int) -> None:
        """So many entries of other kinds."""
        for number in range(count):
            self.add(FiguresPublished(on=date(2006, 12, 20), digest=f"{number:064x}", by="registrar#1", rule="x"))

    def note(self) -> bytes:
        """The head of all entries, signed."""
        return sign_checkpoint(Checkpoint(ORIGIN, len(self.entries), root_of(self._leaves())), [self.signer])

    def _leaves(self) -> list[bytes]:
        return [leaf_hash(entry.encode()) for entry, _ in self.entries]

    def receipt(self, index: int) -> str:
        """The receipt of an entry under the head."""
        entry, body = self.entries[index]
        proof = inclusion_proof(self._tile, len(self.entries), index)
        return format_receipt(entry, DOMAIN, SALT, body.encode(), index, proof, self.note()).decode()

    def _tile(self, level: int, index: int, width: int) -> bytes:
        leaves, one = self._leaves(), 256**level
        full = [leaves[at : at + one] for at in range(0, len(leaves) - one + 1, one)]
        return b"".join(root_of(lot) for lot in full[256 * index :][:width])

    def listed(self) -> list[dict[str, str]]:
        """What its API lists."""
        found = []
        for index, (entry, body) in enumerate(self.entries):
            if entry.kind in ("roll.opened/3", "rule.published/2") and index not in self.unlisted:
                said = json.loads(body)
                named = said.get("published") or said["rule"]
                rule = next(one for one in self.texts if one.startswith(named.rpartition("@")[2]))
                jurisdiction = said["jurisdiction"].rpartition("@")[2]
                found.append({"receipt": self.receipt(index), "rule": rule, "jurisdiction": jurisdiction})
        return found

    def true(self, path: str) -> bytes | None:
        """What it would answer, if it were honest."""
        if path == "api/v1/rules":
            return json.dumps({"origin": ORIGIN, "rules": self.listed()}).encode()
        if path.startswith("api/v1/rules/"):
            return self.texts.get(path.removeprefix("api/v1/rules/"))
        if path == "keys":
            return f"{self.signer.verifier_key}\n".encode()
        if path.startswith("tile/"):
            named = parse_tile_path(path)
            width = named.width
            if named.level is None:
                return encode_bundle([entry.encode() for entry, _ in self.entries][256 * named.index :][:width])
            return self._tile(named.level, named.index, width)
        return None


class Pages:
    """The answers of a made roll below an address; the log's are below it in truth."""

    def __init__(self, roll: MadeRoll) -> None:
        self.where = "https://roll.example"
        self._roll = roll

    def get(self, path: str, most: int | None = None) -> bytes | None:
        """What it answers."""
        self._roll.asked.append(path)
        self._roll.bounds[path] = most
        data = self._roll.true(path)
        return None if data is None else self._roll.lie(path, data)


def another(rule: Rule, **changes: object) -> Rule:
    """A rule that differs from one that ships."""
    return msgspec.structs.replace(rule, **changes)


def order(receipts: Sequence[dict[str, str]]) -> bytes:
    """A list of rules as the API sends it."""
    return json.dumps({"origin": ORIGIN, "rules": list(receipts)}).encode()
