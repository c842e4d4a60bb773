"""The log in numbers, in Prometheus's text format: what a keeper is woken for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from openroll.service.identity.throttle import Filled
from openroll.service.log.publishing import Publishing
from openroll.service.log.witness_status import Meter
from openroll.service.recovery.durability import Durability
from openroll.service.recovery.following import OldestCopy
from openroll.service.requests.notices import Lateness
from openroll.service.work import Backlog
from openroll.tlog import Policy

CONTENT_TYPE = "text/plain; version=0.0.4"
"""The format's own type; the framework adds the character set."""


class _Taken(Collector):
    """Numbers that were taken a moment ago: nothing is kept between two answers."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


class Troubles(NamedTuple):
    """What does not go on in this process: sequencing (`log`), the background worker (`work`), or the whole roll (`held`).

    `late` is what is late of requests, `copied` how old the last backup is.
    """

    log: bool
    work: bool
    held: bool
    late: Lateness | None = None
    copied: OldestCopy | None = None


def exposition(
    meter: Meter,
    policy: Policy | None,
    failures: Mapping[str, int],
    filled: Sequence[Filled] = (),
    work: Sequence[Backlog] = (),
    *,
    troubles: Troubles,
    durability: Durability,
    stands: Publishing,
) -> bytes:
    """The metrics of one roll. `failures` counts by witness server; `work` is what waits, by kind and owner.

    `filled` are the throttles' buckets in all: full means that somebody guesses or floods from many networks.
    """
    numbers = {
        "openroll_log_size": ("Entries under the published checkpoint.", meter.size),
        "openroll_log_published_age_seconds": ("Seconds since the published checkpoint was signed.", meter.age),
        "openroll_log_waiting_events": ("Committed events that have no place in the log yet.", meter.waiting),
        "openroll_log_sequencing_trouble": ("1 while the log stands still and nothing is signed.", int(troubles.log)),
        **_of_publishing(stands),
        "openroll_roll_held": ("1 while the roll takes nothing: `openroll log resume`.", int(troubles.held)),
        **_of_requests(troubles.late),
        **_of_copy(troubles.copied),
        "openroll_database_durable": (
            "1 when a commit is on the database's disk before it is answered.",
            int(durability.durable),
        ),
        "openroll_database_standbys_awaited": ("Standbys that a commit waits for.", durability.awaited),
        "openroll_database_standbys_connected": (
            "Standbys a commit waits for that are connected.",
            durability.connected,
        ),
        "openroll_uploads_trouble": ("1 while files that were sent are not taken.", int(troubles.work)),
        "openroll_log_witnesses": ("Witnesses that the policy names.", len(policy.witnesses) if policy else 0),
        "openroll_log_cosignatures": ("Witnesses that cosigned the published checkpoint.", meter.cosignatures),
        "openroll_log_quorum_reached": (
            "1 when enough witnesses cosigned the published checkpoint for the policy.",
            int(meter.reached),
        ),
    }
    families: list[Metric] = [
        GaugeMetricFamily(name, told, value=value) for name, (told, value) in numbers.items() if value is not None
    ]
    failed = CounterMetricFamily(
        "openroll_witness_failures", "Times a witness did not cosign when asked, by witness.", labels=["witness"]
    )
    for name, count in failures.items():
        failed.add_metric([name], count)
    throttle = GaugeMetricFamily(
        "openroll_throttle_filled_ratio",
        "How full a throttle is in all, from 0 to 1: wrong codes (open; look, look-operators), references (refer),"
        " filings alone (file).",
        labels=["limit", "lane"],
    )
    for one in filled:
        throttle.add_metric([one.limits, one.lane], one.share)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Taken([*families, failed, throttle, *_of_work(work)]))
    return generate_latest(registry)


def _of_requests(late: Lateness | None) -> dict[str, tuple[str, float | None]]:
    told = "Requests of which the person was not told in time."
    overdue = "Requests in a step whose time is over: more than none for long, and no worker runs."
    return {
        "openroll_requests_told_late": (told, late.tellings if late else None),
        "openroll_requests_overdue": (overdue, late.steps if late else None),
    }


def _of_copy(copied: OldestCopy | None) -> dict[str, tuple[str, float | None]]:
    return {
        "openroll_backup_age_seconds": (
            "Seconds since `backup follow` last took what is new, into the folder where that is longest ago.",
            copied.age if copied else None,
        ),
        "openroll_backup_late": (
            "1 while that is longer ago than was promised: nobody follows any more, or it waits for something.",
            int(copied.late) if copied else None,
        ),
    }


def _of_publishing(stands: Publishing) -> dict[str, tuple[str, float | None]]:
    return {
        "openroll_log_leader": ("1 while a process leads that gives filings their places.", int(stands.led)),
        "openroll_log_leader_seconds": (
            "Seconds since the process that leads began to.",
            stands.leader.since if stands.leader and stands.led else None,
        ),
        "openroll_log_silent": (
            "1 while events have waited for a minute and nothing was published.",
            int(stands.silent),
        ),
        "openroll_log_waiting_seconds": ("Seconds that the first event without a place waits.", stands.waiting or 0),
        "openroll_log_blockers": ("Open transactions that places wait for.", len(stands.blockers)),
    }


def _of_work(work: Sequence[Backlog]) -> tuple[Metric, Metric]:
    waiting = GaugeMetricFamily(
        "openroll_work_waiting",
        "Work that waits, by kind and owner (machine, or an organisation).",
        labels=["kind", "owner"],
    )
    late = GaugeMetricFamily(
        "openroll_work_late_seconds",
        "Seconds since the longest waiting work of a kind was due.",
        labels=["kind", "owner"],
    )
    for one in work:
        waiting.add_metric([one.kind, one.owner], one.pieces)
        late.add_metric([one.kind, one.owner], one.late)
    return waiting, late
