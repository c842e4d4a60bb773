"""What a witness counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """Counters of one witness, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "openroll_witness_requests",
            "Requests to cosign, by log and outcome: cosigned, or the HTTP status of the refusal.",
            ["log", "outcome"],
            registry=self._registry,
        )
        self._took = Histogram(
            "openroll_witness_seconds", "Seconds from a request to its answer.", ["log"], registry=self._registry
        )
        self._size = Gauge(
            "openroll_witness_size", "Entries of the last head cosigned.", ["log"], registry=self._registry
        )
        self._at = Gauge(
            "openroll_witness_cosigned_at",
            "When a head was last cosigned (POSIX seconds).",
            ["log"],
            registry=self._registry,
        )
        self._halted = Gauge(
            "openroll_witness_halted",
            "1 for a log that is not cosigned for: in quarantine, still asking on start, or until somebody looks.",
            ["log"],
            registry=self._registry,
        )
        self._evidence = Counter(
            "openroll_witness_evidence",
            "Heads that a log signed and that do not go on from the one cosigned before.",
            ["log"],
            registry=self._registry,
        )

    def answered(self, origin: str, outcome: str, seconds: float) -> None:
        """Count a request. `origin` is empty where it is of no log of ours, so that strangers cannot add names."""
        self._requests.labels(origin, outcome).inc()
        self._took.labels(origin).observe(seconds)

    def moved(self, origin: str, size: int, at: int) -> None:
        """Note the last head."""
        self._size.labels(origin).set(size)
        self._at.labels(origin).set(at)

    def halted(self, origin: str, now: bool) -> None:
        """Note whether a log is not cosigned for."""
        self._halted.labels(origin).set(int(now))

    def evidence(self, origin: str) -> None:
        """Count a new piece of evidence."""
        self._evidence.labels(origin).inc()

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)
