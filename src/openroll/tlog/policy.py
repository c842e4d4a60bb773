"""Trust policies (C2SP tlog-policy): parse, write and evaluate which logs and witnesses a reader trusts, and the quorum.

A policy is a file of octets. Names mean nothing outside it and are compared octet by octet; they are kept here as text in
which octets that are not UTF-8 stand as lone surrogates (PEP 383), so that every file is read and written back exactly.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from openroll.tlog.errors import Malformed, PolicyMalformed
from openroll.tlog.note import COSIGNATURE, ED25519, SUBTREE, Verifier

NONE = "none"
"""The quorum that asks for no witness; no witness or group may have this name."""

_MOST_BYTES = 1_000_000
_BAD_OCTET = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_LOG_KEYS = {ED25519, COSIGNATURE, SUBTREE}
_WITNESS_KEYS = {COSIGNATURE, SUBTREE}


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log that the policy accepts: its key, whose name is the log's origin, and its address, if given."""

    verifier: Verifier
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: the policy's name for it, its key, and the submission prefix it is asked at, if the policy says.

    A witness with two keys stands as two, with one `url`; a group of `any` of them makes them one again.
    """

    name: str
    verifier: Verifier
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group counts as having witnessed a checkpoint when `threshold` of its members have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A witness or group that the quorum needs and lacks: how many it asks for, which members count, which do not."""

    name: str
    threshold: int
    having: tuple[str, ...]
    lacking: tuple[str, ...]

    def __str__(self) -> str:
        if not self.having and self.lacking == (self.name,):
            return f"{shown(self.name)} has not cosigned"
        having = ", ".join(map(shown, self.having)) or "none"
        lacking = ", ".join(map(shown, self.lacking))
        return f"{shown(self.name)} asks for {self.threshold}: it has {having}, and lacks {lacking}"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: its logs (any one of them is enough), witnesses, groups in the order of their lines, and its quorum."""

    logs: tuple[KnownLog, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def satisfied(self, cosigned: Collection[str]) -> bool:
        """Whether cosignatures of these witnesses reach the quorum."""
        return self.quorum == NONE or self.quorum in self._counting(cosigned)

    def shortfalls(self, cosigned: Collection[str]) -> tuple[Shortfall, ...]:
        """What the quorum still lacks with the witnesses of these names, from the quorum down; empty when it is reached."""
        if self.satisfied(cosigned):
            return ()
        counting, groups = self._counting(cosigned), {group.name: group for group in self.groups}
        found, waiting = [], [self.quorum]
        while waiting:
            name = waiting.pop(0)
            members = groups[name].members if name in groups else (name,)
            lacking = tuple(member for member in members if member not in counting)
            having = tuple(member for member in members if member in counting)
            found.append(Shortfall(name, groups[name].threshold if name in groups else 1, having, lacking))
            waiting += [member for member in lacking if member in groups]
        return tuple(found)

    def _counting(self, cosigned: Collection[str]) -> set[str]:
        """Every witness and group that counts. Groups name only what stands before them, so one pass is enough."""
        counting = {witness.name for witness in self.witnesses} & set(cosigned)
        for group in self.groups:
            if sum(member in counting for member in group.members) >= group.threshold:
                counting.add(group.name)
        return counting

    def with_logs(self, logs: Sequence[KnownLog]) -> "Policy":
        """The same policy for these logs."""
        return replace(self, logs=tuple(logs))


def shown(name: str) -> str:
    """A name or URL of a policy made printable; octets that are no UTF-8 give way to a mark."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def parse_policy(data: bytes) -> Policy:
    """Read a policy file. Raises Malformed with the number of the line that is wrong and why.

    The last line may lack its newline, as in the other implementations there are; everything else is as tlog-policy has it.
    """
    if len(data) > _MOST_BYTES:
        raise PolicyMalformed("a policy is at most a million bytes")
    reading = _Reading()
    for number, line in enumerate(data.split(b"\n"), 1):
        reading.take(number, line)
    return reading.done()


def format_policy(policy: Policy) -> bytes:
    """Write a policy: its logs, witnesses and groups, a line each, then its quorum. Comments are not kept."""
    lines = [_line("log", str(log.verifier), log.url) for log in policy.logs]
    lines += [_line("witness", one.name, str(one.verifier), one.url) for one in policy.witnesses]
    lines += [_line("group", one.name, _threshold(one), *one.members) for one in policy.groups]
    return "".join([*lines, _line("quorum", policy.quorum)]).encode("utf-8", "surrogateescape")


def _line(*items: str) -> str:
    return " ".join(item for item in items if item) + "\n"


def _threshold(group: Group) -> str:
    if group.threshold == len(group.members):
        return "all"
    return "any" if group.threshold == 1 else str(group.threshold)


class _Reading:
    """A policy file on its way in, line by line."""

    def __init__(self) -> None:
        self.number = 0
        self.logs: list[KnownLog] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self.known: set[str] = set()
        self.members: set[str] = set()
        self.keys: dict[tuple[str, bytes], int] = {}

    def take(self, number: int, line: bytes) -> None:
        """Take one line, without its newline."""
        self.number = number
        bad = _BAD_OCTET.search(line)
        if bad:
            hint = ": lines end in LF alone" if bad[0] == b"\r" else ""
            self.fail(f"holds the octet 0x{bad[0][0]:02X}, which no policy may hold{hint}")
        # Control characters are gone, so what `split` takes for white space is spaces and tabs only.
        items = [item.decode("utf-8", "surrogateescape") for item in line.split()]
        if not items or items[0].startswith("#"):
            return
        kinds = {"log": self.log, "witness": self.witness, "group": self.group, "quorum": self.end}
        if items[0] not in kinds:
            self.fail(f"begins with {shown(items[0])!r}; a line begins with log, witness, group, quorum or #")
        kinds[items[0]](items[1:])

    def done(self) -> Policy:
        """The policy. Its quorum must have come."""
        if self.quorum is None:
            raise PolicyMalformed("the policy has no quorum line; `quorum none` asks for no witness")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def fail(self, why: str) -> NoReturn:
        raise PolicyMalformed(f"line {self.number} of the policy {why}", line=self.number)

    def log(self, items: list[str]) -> None:
        if not 1 <= len(items) <= 2:
            self.fail("does not read: log <vkey> [<url>]")
        verifier = self.verifier(items[0], _LOG_KEYS, "a log signs with Ed25519 (01, 04) or ML-DSA-44 (06)")
        self.once(verifier, [one.verifier for one in self.logs], "log")
        self.logs.append(KnownLog(verifier, *items[1:]))

    def witness(self, items: list[str]) -> None:
        if not 2 <= len(items) <= 3:
            self.fail("does not read: witness <name> <vkey> [<url>]")
        self.define(items[0])
        verifier = self.verifier(items[1], _WITNESS_KEYS, "a witness cosigns with Ed25519 (04) or ML-DSA-44 (06)")
        self.once(verifier, [one.verifier for one in self.witnesses], "witness")
        self.witnesses.append(Witness(items[0], verifier, *items[2:]))

    def group(self, items: list[str]) -> None:
        if len(items) < 3:
            self.fail("does not read: group <name> all|any|<k> <name>...")
        name, asked, *members = items
        for member in members:
            if member not in self.known:
                self.fail(f"names {shown(member)}, which no line before it defines")
            if member in self.members:
                self.fail(f"names {shown(member)}, which is a member already; each name is one at most once")
            self.members.add(member)
        self.define(name)
        self.groups.append(Group(name, self.threshold(asked, len(members)), tuple(members)))

    def threshold(self, asked: str, count: int) -> int:
        named = {"all": count, "any": 1}
        if asked in named:
            return named[asked]
        # No number of members is longer than six digits: a policy has a million bytes.
        if not re.fullmatch("[1-9][0-9]{0,5}", asked) or int(asked) > count:
            self.fail(f"asks for {shown(asked)!r} of {count}: all, any or a whole number from 1 to {count}")
        return int(asked)

    def end(self, items: list[str]) -> None:
        if len(items) != 1:
            self.fail("does not read: quorum <name>")
        if self.quorum is not None:
            self.fail("is a second quorum line; a policy has exactly one")
        if items[0] not in self.known | {NONE}:
            self.fail(f"names {shown(items[0])}, which no line before it defines")
        self.quorum = items[0]

    def define(self, name: str) -> None:
        if name == NONE:
            self.fail("defines the name none, which is taken: it is the quorum that asks for nobody")
        if name in self.known:
            self.fail(f"defines {shown(name)} a second time")
        self.known.add(name)

    def verifier(self, key: str, kinds: set[int], rule: str) -> Verifier:
        try:
            key.encode()
            verifier = Verifier.parse(key)
        except UnicodeEncodeError:
            self.fail("holds a key whose name is not UTF-8")
        except Malformed as error:
            self.fail(f"holds a key that cannot be used: {error}")
        if str(verifier) != key:
            self.fail("holds a key that is not in its one form")
        if verifier.algorithm not in kinds:
            self.fail(f"holds a key of kind {verifier.algorithm:02x}; {rule}")
        return verifier

    def once(self, verifier: Verifier, others: list[Verifier], what: str) -> None:
        """Hold a key to being new among its kind, and to being told apart from every other key of the policy."""
        if any(verifier.public == other.public for other in others):
            self.fail(f"names a {what} whose key stands in the policy already")
        # Signature lines name a key by its name and four bytes: two keys that share them could not be told apart.
        first = self.keys.setdefault((verifier.name, verifier.key_id), self.number)
        if first != self.number:
            self.fail(f"holds a key with the name and id of the one on line {first}")
