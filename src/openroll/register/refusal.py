"""A refusal: why something was not done, as a class bound to one code and one HTTP status on every face."""

from typing import Any, ClassVar

import msgspec


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was not done. Subclasses fix `code` (stable, on the wire), `status` (HTTP) and `cites`."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    cites: ClassVar[str] = ""
    """Which clauses of a rule cause it, whose articles `Refused.citation` then names; empty where no rule does."""

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of this refusal by name, as plain JSON values."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built

    @property
    def retry_after(self) -> int:
        """Seconds after which to try again (RFC 9110 section 10.2.3), 0 where trying again is no use."""
        return {429: 60, 503: 30}.get(self.status, 0)


class Slowed(Refusal, frozen=True):
    """Something was done, or tried, too often of late, or is being done now: `wait` says when it may be again, in `unit`s."""

    status = 429
    unit: ClassVar[int] = 60
    """Seconds in a unit of `wait`."""
    wait: int

    @property
    def retry_after(self) -> int:
        """The wait in seconds."""
        return self.unit * self.wait


Refusals = tuple[type[Refusal], ...]
"""Classes of refusal."""
