"""Benchmark `requests`: whole requests a second and the time of each step; sealing and opening beside bare HPKE; a person's list.

Beside a flow stand as many bare commits as it has acts, of as many bytes; beside an envelope the HPKE of its recipients alone
(RFC 9180), which no envelope can be faster than.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from openroll.bench import answering, filings, person
from openroll.bench.figure import Figure, best, timed
from openroll.disclosure.envelope import HeldKey, open_envelope, public_line, seal
from openroll.disclosure.notice import seal_notice
from openroll.register.decision import Refused
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.request import commands
from openroll.register.request.words import ANSWER, NOTICE, TEXT
from openroll.register.subscription.terms import personal_fields
from openroll.service.acts import Acted
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.identity.people import admit_organisation, create_seat
from openroll.service.requests import ask, rights, shown, steps
from openroll.service.roll import Roll

FLOWS = 200
A_PAIR = 20
"""Approvals of one officer by one reviewer that the procedure allows: then another reviewer sits down."""
TOLD = 10
"""Records to each request whose person was told, in what a person's list is measured among: 100,000 of 1,000,000."""
_CONTEXT = "bench"
_KEYS = {name: HeldKey(hashlib.sha256(name.encode()).digest()) for name in ("bench", "bench-asks", "bench-decides")}
_BARE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def measure(roll: Roll, rows: int, folder: Path) -> Iterator[Figure]:
    """Measure in a roll with the operator `bench`: at most FLOWS requests, each to the telling; then a person's list."""
    roll.database.keep_connections()  # as a serving process does
    try:
        yield from envelopes()
        yield from answering.measure(roll, folder, _KEYS["bench"], _KEYS["bench-asks"])
        yield from _flows(roll, max(1, min(rows, FLOWS)))
        yield person.page(roll)
        path = folder / "records.csv"
        filings.write_packed(path, rows, len(personal_fields(roll.rule)))
        if not isinstance(taken := take_file(roll, "bench", path), FileTaken):
            raise RuntimeError(f"the bench's records were not taken: {taken}")
        yield from person.measure(roll, max(rows // TOLD, 1), _KEYS["bench"])
    finally:
        roll.database.drop_connections()


def envelopes() -> Iterator[Figure]:
    """An envelope to three, sealed and opened, beside the HPKE of its recipients alone; in milliseconds."""
    held = list(_KEYS.values())
    to, signers = [one.published.sealing for one in held], [held[0].published.verifying]
    content, key = bytes(2000), bytes(32)
    sealed = seal(content, to, held[0].signing, _CONTEXT)
    bare = _BARE.encrypt(key, to[0].hpke, b"bench")
    yield _milliseconds(
        "an envelope sealed to three",
        lambda: seal(content, to, held[0].signing, _CONTEXT),
        lambda: [_BARE.encrypt(key, one.hpke, b"bench") for one in to],
        "HPKE of three keys",
    )
    yield _milliseconds(
        "an envelope opened",
        lambda: open_envelope(sealed, held[1].private, signers, _CONTEXT),
        lambda: _BARE.decrypt(bare, held[0].private.hpke, b"bench"),
        "HPKE of one key",
    )


def _milliseconds(name: str, ours: Callable[[], object], bare: Callable[[], object], limit_is: str) -> Figure:
    return Figure(name, "ms", 1000 * best(ours, 30), 1000 * best(bare, 30), limit_is, "")


class _Bench:
    """The bodies of a bench roll's requests."""

    def __init__(self, roll: Roll) -> None:
        self.roll = roll
        self.seats: dict[str, int] = defaultdict(int)
        for name, kind in (("bench-asks", "authority"), ("bench-decides", "reviewer")):
            admit = AdmitOrganisation(organisation=name, kind=kind, title={"zh": "测速", "en": name})
            _taken(admit_organisation(roll, admit, KEEPER))
        leads = {"bench-asks": "officer-lead", "bench-decides": "reviewer-lead", "bench": "operator-lead"}
        self.leads = {name: self.seat(name, role) for name, role in leads.items()}
        for name, lead in self.leads.items():
            _taken(rights.publish_key(roll, public_line(_KEYS[name].published), lead))
        self.fields = (roll.rule.fields[0].name,)
        use = commands.RegisterUse(
            purpose=0, basis="a law", fields=self.fields, supervisor="a body", supervised_at="here", office="+1 234"
        )
        self.use = _taken(rights.register_use(roll, use, self.leads["bench-asks"])).fresh
        self.officer, self.clerk = self.seat("bench-asks", "officer"), self.seat("bench", "clerk")

    def seat(self, organisation: str, role: str) -> Seat:
        """Somebody new in an organisation."""
        _taken(create_seat(self.roll, organisation, role, "bench"))
        self.seats[organisation] += 1
        return Seat(organisation, self.seats[organisation])

    def flow(self, reviewer: Seat, times: dict[str, float]) -> None:
        """One request from its filing to the telling; adds the seconds of each step."""
        roll, keys = self.roll, _KEYS
        asked = seal(
            b"ask", [one.published.sealing for one in keys.values()], keys["bench-asks"].signing, _CONTEXT, pad_to=TEXT
        )
        answer = seal(b"answer", [keys["bench-asks"].published.sealing], keys["bench"].signing, _CONTEXT, pad_to=ANSWER)
        notice = seal_notice(b"told", bytes(16), keys["bench"].signing, _CONTEXT, pad_to=NOTICE)
        filing = commands.FileRequest(
            use=self.use,
            operator="bench",
            reviewer="bench-decides",
            fields=self.fields,
            urgency="ordinary",
            desired="now",
            envelope=asked,
            case_digest="0" * 64,
        )
        made: list[int] = []
        times["filed"] += timed(lambda: made.append(_taken(ask.file_request(roll, filing, self.officer)).fresh))
        number = made[0]
        given = commands.Answer(request=number, outcome="given", fields=self.fields, envelope=answer)
        acts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("taken by the reviewer", lambda: shown.envelopes(roll, number, reviewer)),
            ("approved", lambda: steps.step(roll, commands.Approve(request=number, fields=self.fields), reviewer)),
            ("taken by the operator", lambda: shown.envelopes(roll, number, self.clerk)),
            ("answered", lambda: steps.step(roll, given, self.clerk)),
            (
                "told",
                lambda: steps.step(
                    roll,
                    commands.Tell(request=number, notice=notice, bucket=7, complaint="0" * 64, by_word=True),
                    self.clerk,
                ),
            ),
        )
        for name, work in acts:
            done: list[object] = []
            times[name] += timed(lambda work=work, done=done: done.append(_taken(work())))  # type: ignore[misc] # as above


def _taken(outcome: object) -> Acted:
    """What was taken. Raises RuntimeError for a refusal."""
    if isinstance(outcome, Refused):
        raise RuntimeError(f"the bench's act was refused: {outcome.refusal}")
    return outcome  # type: ignore[return-value] # or something else that was not refused, whose value nobody takes


def _flows(roll: Roll, flows: int) -> Iterator[Figure]:
    bench, times = _Bench(roll), defaultdict[str, float](float)
    reviewer = KEEPER
    for number in range(flows):
        if number % A_PAIR == 0:
            reviewer = bench.seat("bench-decides", "reviewer")
        bench.flow(reviewer, times)
    bare = timed(lambda: _bare_commits(roll, flows)) / flows
    whole = sum(times.values()) / flows
    yield Figure("requests, whole flows", "a second", 1 / whole, 1 / bare, "six bare commits each", "")
    for name, seconds in times.items():
        yield Figure(f"a request is {name}", "ms", 1000 * seconds / flows, 1000 * bare / 6, "one bare commit", "")


def _bare_commits(roll: Roll, flows: int) -> None:
    """As many durable commits as the flows have acts, each of as many bytes as an act has, and nothing else."""
    with psycopg.connect(roll.database.url, autocommit=True) as connection:
        connection.execute("drop schema if exists bench_bare cascade")
        connection.execute("create schema bench_bare")
        connection.execute("create table bench_bare.act (number bigint primary key, body bytea)")
        for number in range(6 * flows):
            connection.execute("insert into bench_bare.act values (%s, %s)", (number, bytes(4096)))
        connection.execute("drop schema bench_bare cascade")
