"""A monitor holds the heaps of notices against the digests in the log: what was told and is not given out is named."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from openroll.disclosure.envelope import HYBRID, HeldKey, Published, digest, public_line
from openroll.disclosure.notice import heap_number
from openroll.disclosure.notice_heap import heap_json
from openroll.register.request.compared import PublicRequest, PublicTelling
from openroll.register.request.content import notice_context
from openroll.register.request.events import KeyPublished, PersonTold
from openroll.register.request.month_list import month_json
from openroll.tlog import Signer
from openroll.watch.audit.collect import LogSources
from openroll.watch.audit.monitor import Monitor
from openroll.watch.audit.notices import Tellings, check_notices
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.report import MonitorLimits, VisitReport
from openroll.watch.audit.state import read_state, write_state
from openroll.watch.audit.tellings import Telling
from openroll.watch.audit.trust import Trust
from openroll.watch.source import FolderSource, Unreachable
from tests.watch.cheats.forge import act_of, show
from tests.watch.test_forged_requests import seated

SIGNER = Signer.from_seed("log.example/1", bytes(32), "ed25519")
NOW = datetime(2006, 12, 20, 12, tzinfo=UTC)
BUCKETS = {1: 7, 2: 7, 3: 1023}
HEAD = SimpleNamespace(checkpoint=SimpleNamespace(origin="log.example/1"))


class Pages:
    """A roll's pages: its heaps of notices, `page` notices in an answer. What is no notice is as good as none."""

    where = "pages"
    senders: tuple[str, ...] = ("no key",)

    def __init__(self, notices: Iterable[int], heaps: int = 1, page: int = 2, count: bytes = b"") -> None:
        self.notices, self.heaps, self.page = sorted(notices), heaps, page
        self.count = count or b'{"heaps": %d}' % heaps
        self.asked: list[int] = []

    def get(self, path: str) -> bytes | None:
        """What is at a path."""
        at = urlsplit(path)
        if at.path == "api/v1/notices":
            return self.count
        if not at.path.startswith("api/v1/notices/"):
            return None
        number, after = int(at.path.rpartition("/")[2]), int(parse_qs(at.query)["after"][0])
        self.asked.append(number)
        own = [one for one in self.notices if heap_number(BUCKETS[one], self.heaps) == number and one > after]
        goes_on = own[self.page - 1] if len(own) > self.page else 0
        return heap_json([self.given(one) for one in own[: self.page]], self.senders, goes_on)

    def given(self, one: int) -> tuple[str, bytes, str]:
        """A notice as it is given out."""
        return notice_context("log.example/1", one), f"notice {one}".encode(), "2006-12"


class Beside(Pages):
    """What stands beside the first notice is another request, beside the second another month, and the third has no month."""

    def given(self, one: int) -> tuple[str, bytes, str]:
        """A notice as it is given out."""
        context, envelope, month = super().given(one)
        return (context, f"{context}7", context)[one % 3], envelope, {2: "2999-12", 3: ""}.get(one, month)


class Anew(Pages):
    """All are notices of one request, whose person was told anew by each."""

    def given(self, one: int) -> tuple[str, bytes, str]:
        """A notice as it is given out."""
        return notice_context("log.example/1", 1), *super().given(one)[1:]


class NoNotices(Pages):
    """A roll that gives out no notices at all."""

    def get(self, path: str) -> bytes | None:
        """Nothing, as a server says it of what it does not have."""
        self.asked.append(len(path))
        return None


class Endless(Pages):
    """A heap without an end."""

    def get(self, path: str) -> bytes | None:
        """One more part."""
        after = parse_qs(urlsplit(path).query).get("after", [""])[0]
        return heap_json([], [], int(after) + 1) if after else self.count


def told(request: int, by: int = 0) -> bytes:
    """The entry that the person of a request was told, by the notice of its number or of another one."""
    notice = digest(f"notice {by or request}".encode())
    fact = PersonTold(
        request=request, at=NOW, by="east/1", rule="law@1", notice=notice, bucket=BUCKETS[request], complaint="0" * 64
    )
    return act_of(fact, "2006-12-20").entry.encode()


EAST, LATER = (HeldKey(bytes([seed]) * 32, HYBRID).published for seed in (1, 2))
"""The key that east had published when it told, and the one after."""


def published(key: Published) -> bytes:
    """The entry by which east published a key."""
    fact = KeyPublished(organisation="east", key=key.id, public=public_line(key).strip(), by="east/1", rule="law@1")
    return act_of(fact, "2006-12-20").entry.encode()


def visited(
    tmp_path: Path, pages: Pages | None, state: str, *, whole: bool = False, now: datetime = NOW
) -> tuple[Monitor, VisitReport]:
    """A visit to a log that told three people, with its monitor; of these entries nothing else follows, which others name."""
    if not (tmp_path / "log").exists():
        show(tmp_path / "log", [told(one) for one in BUCKETS], [SIGNER])
    folder = tmp_path / state
    places, limits = LogSources(FolderSource(tmp_path / "log"), pages), MonitorLimits(roll=True, whole=whole)
    monitor = Monitor(
        folder, folder / "evidence", places, Trust((SIGNER.verifier,)), limits, lambda: now, lambda _: None
    )
    return monitor, monitor.once()


def missing(report: VisitReport) -> list[str]:
    """What is said of notices that are missing."""
    return [fault.what for fault in report.faults if fault.kind == "notice-missing"]


def test_a_notice_that_is_not_given_out_is_named_with_evidence(tmp_path: Path) -> None:
    """At the first visit in every heap, at later ones in one that is drawn, also where no entry is new; and what is there, is."""
    _, good = visited(tmp_path, Pages(BUCKETS), "good")
    assert (missing(good), good.trouble) == ([], [])
    assert "the notices of 3 tellings are given out as the log has them" in good.checked
    monitor, bad = visited(tmp_path, Pages([1, 3], heaps=2), "bad")
    assert missing(bad) == ["entry 1: the notice of request 2 is not in its heap, and its person finds nothing."]
    (fault,) = [fault for fault in bad.faults if fault.kind == "notice-missing"]
    assert recheck(monitor.folders[fault.name], monitor.trust).answer == "on the word"
    _, later = visited(tmp_path, Pages([]), "good")
    assert (len(missing(later)), later.read) == (3, 0)
    assert sorted(read_state(tmp_path / "good").tellings) == [1, 2, 3]
    some = Pages(BUCKETS, heaps=2)
    _, one = visited(tmp_path, some, "good")
    assert len(set(some.asked)) == 1
    assert any("one heap a visit" in said for said in one.checked)
    all_of_them = Pages(BUCKETS, heaps=2)
    visited(tmp_path, all_of_them, "good", whole=True)
    assert set(all_of_them.asked) == {0, 1}


def test_a_notice_is_given_out_as_the_log_has_it_or_named(tmp_path: Path) -> None:
    """Another request or month beside it hides it from its person, as does a roll that has no notices at all, where somebody was
    told; a month that nobody gives hides nothing, nor does one where an earlier version kept none."""
    _, report = visited(tmp_path, Beside(BUCKETS), "beside")
    named = [what.split(" stands in its heap under another ")[0] for what in missing(report)]
    assert named == [f"entry {one - 1}: the notice of request {one}" for one in (1, 2)]
    monitor, report = visited(tmp_path, NoNotices([]), "none")
    assert (len(missing(report)), report.trouble) == (3, [])
    assert "gives out no notices at all" in missing(report)[0]
    fault = next(fault for fault in report.faults if fault.kind == "notice-missing")
    assert recheck(monitor.folders[fault.name], monitor.trust).answer == "on the word"
    early = {one: Telling(0, digest(f"notice {one}".encode()), bucket) for one, bucket in BUCKETS.items()}
    pages, late = Pages(BUCKETS), VisitReport("x")
    check_notices(late, HEAD, None, pages, Tellings(early), lambda _: 0, every=True)  # type: ignore[arg-type] # nothing is missing
    assert len(late.checked) == 1


def test_a_notice_is_given_out_with_the_keys_of_whoever_told_or_named(tmp_path: Path) -> None:
    """Without the key that signed it nobody reads it: each that its operator had published by then stands beside it. A visit of
    before the keys were kept cannot know them, and says so; the next one that reads every entry does."""
    begun = [act_of(fact, "2006-12-20").entry.encode() for fact in seated()]
    show(tmp_path / "log", [*begun, published(EAST), *map(told, BUCKETS), published(LATER)], [SIGNER])
    pages = Pages(BUCKETS)
    for name, senders, wrong in (
        ("own", (public_line(EAST),), 0),
        ("later", (public_line(LATER),), 3),
        ("none", (), 3),
    ):
        pages.senders = senders
        _, first = visited(tmp_path, pages, name)
        _, later = visited(tmp_path, pages, name)
        for report in (first, later):
            assert [what.split(" is given out ")[1][:13] for what in missing(report)] == ["without a key"] * wrong
    state = msgspec.structs.replace(read_state(tmp_path / "none"), keys=None)
    write_state(tmp_path / "none", state)
    _, early = visited(tmp_path, pages, "none")
    assert (missing(early), any("keys that notices" in said for said in early.not_checked)) == ([], True)
    assert read_state(tmp_path / "none").keys is None
    _, whole = visited(tmp_path, pages, "none", whole=True)
    assert (len(missing(whole)), len(read_state(tmp_path / "none").keys or ())) == (3, 2)


def test_a_notice_that_a_later_telling_came_after_is_looked_for_too(tmp_path: Path) -> None:
    """One that is gone was lost, and so its person told anew, or was taken out, and the telling forged: both are said."""
    show(tmp_path / "log", [told(1), told(1, by=2)], [SIGNER])
    _, both = visited(tmp_path, Anew([1, 2]), "both")
    _, gone = visited(tmp_path, Anew([2]), "gone")
    _, again = visited(tmp_path, Anew([2]), "gone")
    assert [missing(one) for one in (both, gone, again)] == [[], [], []]
    assert not any("told its person anew" in said for said in both.warnings)
    for one in (gone, again):
        assert [said.partition(";")[0] for said in one.warnings if "told its person anew" in said] == [
            "entry 0: the notice of request 1 is not in its heap"
        ]


@pytest.mark.parametrize(
    "pages",
    [
        Pages(BUCKETS, count=b'{"heaps": 3}'),
        Pages(BUCKETS, count=b'{"heaps": 0}'),
        Pages(BUCKETS, count=b"[]"),
        Endless([]),
    ],
)
def test_heaps_that_cannot_be_read_are_no_verdict(tmp_path: Path, pages: Pages) -> None:
    """What is no count of heaps, and a heap that goes on for ever, could not be looked at; without pages nothing is."""
    _, report = visited(tmp_path, pages, "odd")
    assert (missing(report), len(report.trouble)) == ([], 1)
    _, without = visited(tmp_path, None, "without")
    assert any(said.startswith("the notices to people") for said in without.not_checked)
    assert without.trouble == []


def test_the_heap_that_is_looked_at_is_drawn_among_those_that_have_notices() -> None:
    """So that whoever takes a notice out cannot know whether it is looked for; an answer that is no heap is no verdict."""
    report, pages, drawn = VisitReport("x"), Pages(BUCKETS, heaps=1024), [0, 1]
    tellings = {one: Telling(0, digest(f"notice {one}".encode()), bucket) for one, bucket in BUCKETS.items()}

    def draw(below: int) -> int:
        assert below == 2
        return drawn.pop()

    for _ in range(2):
        check_notices(report, HEAD, None, pages, Tellings(tellings), draw, every=False)  # type: ignore[arg-type] # nothing is missing
    assert set(pages.asked) == {1023, 7}
    pages.get = lambda path: pages.count if path.endswith("notices") else b"{"  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        check_notices(report, HEAD, None, pages, Tellings(tellings), lambda _: 0, every=False)  # type: ignore[arg-type]


def test_of_very_many_that_are_gone_each_visit_names_those_first_that_none_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A roll that gives out no notices hides none of them behind the first ones."""
    monkeypatch.setattr("openroll.watch.audit.notices.MOST_OF_A_KIND", 1)
    found = [visited(tmp_path, NoNotices(()), "state")[1] for _ in range(4)]
    named = [re.findall(r"request (\d+)", " ".join(missing(report))) for report in found]
    assert named == [["1"], ["2"], ["3"], ["1"]]
    assert "2 more faults of the kind notice-missing: the next visits to their heaps name them" in found[0].warnings


class Listing(Pages):
    """Lists what was told in each month; `anew` has the second told anew in a later one, of which the log has nothing."""

    anew = False

    def get(self, path: str) -> bytes | None:
        """What is at a path."""
        months: dict[str, list[PublicRequest]] = {
            "2006-12": [listed_as(one, f"notice {one}", BUCKETS[one], NOW) for one in BUCKETS]
        }
        if self.anew:
            months["2006-12"].pop(1)
            months["2007-03"] = [listed_as(2, "made up", 500, datetime(2007, 3, 5, tzinfo=UTC))]
        at = urlsplit(path).path
        if at == "api/v1/notices":
            counted = {month: len(rows) for month, rows in months.items()}
            return msgspec.json.encode({"heaps": self.heaps, "months": counted})
        if at.startswith("api/v1/told/"):
            return month_json(at[-7:], months.get(at[-7:], []))
        return super().get(path)


def listed_as(number: int, notice: str, bucket: int, at: datetime) -> PublicRequest:
    """A request as it stands in the list of the month in which its person was told."""
    return PublicRequest(
        number=number, authority="police", operator="east", filed_to="east", reviewer="court", use=1, fields=("name",),
        urgency="ordinary", filed=NOW, approved=None, outcome="withdrawn", given=(), annulled=False, postponed=None,
        postponed_why="", reason="", complained=False, complaints=("0" * 64,), complain_until=None,
        told=PublicTelling(digest(notice.encode()), bucket, at),
    )  # fmt: skip


def test_a_telling_that_is_listed_as_told_anew_must_be_in_the_log_by_the_next_visit(tmp_path: Path) -> None:
    """Till then nobody says that it is listed as the log has it."""
    pages = Listing(BUCKETS, heaps=2)
    _, good = visited(tmp_path, pages, "state", whole=True)
    assert "the word, notice and bucket of 3 tellings of 1 months are listed as the log has them" in good.checked
    pages.anew = True
    _, first = visited(tmp_path, pages, "state", whole=True)
    assert missing(first) == []
    assert "1 tellings that are listed as told anew a moment ago: the next visit looks" in first.not_checked
    _, soon = visited(tmp_path, pages, "state", whole=True)
    assert missing(soon) == []
    _, later = visited(tmp_path, pages, "state", whole=True, now=NOW + timedelta(minutes=6))
    assert missing(later) == [
        "entry 1: the telling of request 2 is listed as told anew, and the log never had that; its person may find nothing."
    ]
