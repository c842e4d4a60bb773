"""The log in numbers, in Prometheus's text format: what a keeper is woken for."""

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from openroll.service.identity.throttle import Filled
from openroll.service.log.witness_status import Meter
from openroll.service.recovery.durability import Durability
from openroll.tlog import Policy

CONTENT_TYPE = "text/plain; version=0.0.4"
"""The format's own type; the framework adds the character set."""


class _Taken(Collector):
    """Numbers that were taken a moment ago: nothing is kept between two answers."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def exposition(
    meter: Meter,
    policy: Policy | None,
    failures: Mapping[str, int],
    filled: Sequence[Filled] = (),
    *,
    stopped: bool,
    uploads_stopped: bool,
    held: bool,
    durability: Durability,
) -> bytes:
    """The metrics of one roll. `failures` counts by witness server; `stopped` says that sequencing is in trouble.

    `uploads_stopped` says that files sent by pages are not taken at the moment. `filled` are the throttles' buckets in all:
    full means that somebody guesses or floods from many networks.
    """
    numbers = {
        "openroll_log_size": ("Entries under the published checkpoint.", meter.size),
        "openroll_log_published_age_seconds": ("Seconds since the published checkpoint was signed.", meter.age),
        "openroll_log_waiting_events": ("Committed events that have no place in the log yet.", meter.waiting),
        "openroll_log_sequencing_trouble": ("1 while the log stands still and nothing is signed.", int(stopped)),
        "openroll_roll_held": ("1 while the roll takes nothing: `openroll log resume`.", int(held)),
        "openroll_database_durable": (
            "1 when a commit is on the database's disk before it is answered.",
            int(durability.durable),
        ),
        "openroll_database_standbys_awaited": ("Standbys that a commit waits for.", durability.awaited),
        "openroll_database_standbys_connected": (
            "Standbys a commit waits for that are connected.",
            durability.connected,
        ),
        "openroll_uploads_trouble": ("1 while files that were sent are not taken.", int(uploads_stopped)),
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
        "How full a throttle is in all, from 0 to 1: wrong codes (open; officials: look, look-operators), filings alone (file).",
        labels=["limit", "lane"],
    )
    for one in filled:
        throttle.add_metric([one.limits, one.lane], one.share)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Taken([*families, failed, throttle]))
    return generate_latest(registry)
