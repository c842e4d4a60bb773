"""Acts in a request that seal nothing: each of reviewer, authority, operator and third body."""

from datetime import datetime
from typing import Annotated, Any

from cyclopts import App, Parameter

from openroll.cli.output import fail, out
from openroll.cli.requests.at_roll import AtRoll, asked
from openroll.cli.requests.read_back import HeldBy, log_held_by, step
from openroll.cli.requests.resting import Decided
from openroll.cli.requests.signing import Signing
from openroll.register.request.words import GROUNDS, MISSING, REASONS

_Number = Annotated[int, Parameter(help="The number of the request.")]
_Why = Annotated[str, Parameter(help="Why, in a few words that name nobody: they stand in the public log.")]

_UNSIGNED = Signing()


def add(group: App) -> None:
    """Add the commands."""
    _add_review(group)
    _add_times(group)
    _add_authority(group)
    _add_operator(group)
    _add_objector(group)


def _act(
    at: AtRoll,
    number: int,
    act: str,
    done: str,
    held_by: HeldBy | None,
    /,
    signing: Signing | None = None,
    **said: Any,
) -> None:
    """Do an act, and say so once the log has it as it was sent; what may be given by it is signed then."""
    with asked():
        log = log_held_by(at.api(), held_by)
        found = step(at, number, {"act": act, **said}, log)
    passed = found.passed
    steps = "a step" if passed == 1 else f"{passed} steps"
    out.print(f"Request {number}: {done}" + (f" (The time of {steps} was over before.)" if passed else ""))
    if signing is not None:
        signing.decided(at, number, found, log)


def _until(text: str) -> str:
    """A moment with its offset from UTC, as it is sent."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        fail(f"--until {text}: expected a moment with its offset from UTC, as 2026-12-31T12:00:00+08:00.")
    return moment.isoformat()


def _add_review(group: App) -> None:
    @group.command
    def approve(
        number: _Number,
        /,
        *,
        at: AtRoll,
        field: list[str],
        why: _Why = "",
        signing: Signing = _UNSIGNED,
        decided: Decided | None = None,
    ) -> None:
        """As a reviewer: approve a request, in these fields. Fewer than were asked for narrow it.

        Parameters
        ----------
        field
            A field that is approved; --field again for more.
        """
        (decided or Decided()).hold(at, number, "reviewer")
        _act(at, number, "approve", f"approved: {', '.join(field)}.", decided, signing, fields=field, why=why)

    @group.command
    def second(number: _Number, /, *, at: AtRoll, signing: Signing = _UNSIGNED, decided: Decided | None = None) -> None:
        """As a second person of the reviewer: agree to an approval, where the procedure asks for two."""
        (decided or Decided()).hold(at, number, "reviewer")
        _act(at, number, "second", "a second person agreed.", decided, signing)

    @group.command
    def refuse(
        number: _Number,
        /,
        *,
        at: AtRoll,
        reason: Annotated[str, Parameter(help=", ".join(REASONS))],
        why: _Why = "",
        held_by: HeldBy | None = None,
    ) -> None:
        """As a reviewer: refuse a request, or annul what went out under it: one main reason by its code."""
        _act(at, number, "refuse", f"refused ({reason}).", held_by, reason=reason, why=why)

    @group.command(name="return")
    def return_it(
        number: _Number,
        /,
        *,
        at: AtRoll,
        missing: Annotated[list[str], Parameter(help=", ".join(MISSING))],
        why: _Why = "",
        held_by: HeldBy | None = None,
    ) -> None:
        """As a reviewer: say what a request lacks; its time stands still meanwhile."""
        _act(at, number, "return", f"returned: {', '.join(missing)} missing.", held_by, missing=missing, why=why)


def _add_times(group: App) -> None:
    @group.command
    def postpone(number: _Number, /, *, at: AtRoll, until: str, why: _Why, held_by: HeldBy | None = None) -> None:
        """As a reviewer: have the person be told later, until a moment; a decision of its own, with an end.

        Parameters
        ----------
        until
            A moment with its offset from UTC, as 2026-12-31T12:00:00+08:00.
        """
        _act(at, number, "postpone", f"the person is told after {until}.", held_by, until=_until(until), why=why)

    @group.command
    def extend(number: _Number, /, *, at: AtRoll, until: str, why: _Why, held_by: HeldBy | None = None) -> None:
        """As a reviewer: extend the time of the step that a request is in, once a step.

        Parameters
        ----------
        until
            A moment with its offset from UTC, as 2026-12-31T12:00:00+08:00.
        """
        _act(at, number, "extend", f"its step lasts until {until}.", held_by, until=_until(until), why=why)

    @group.command
    def call_back(
        number: _Number,
        /,
        *,
        at: AtRoll,
        called: Annotated[str, Parameter(help="The telephone number of the registered office, that you called.")],
        held_by: HeldBy | None = None,
    ) -> None:
        """As a reviewer or an operator: say that you called the authority's registered office about an emergency."""
        _act(at, number, "call-back", f"called back at {called}.", held_by, number=called)


def _add_authority(group: App) -> None:
    @group.command
    def confirm(number: _Number, /, *, at: AtRoll, signing: Signing = _UNSIGNED, held_by: HeldBy | None = None) -> None:
        """As a second person of the authority: confirm an emergency, after the call."""
        _act(at, number, "confirm", "the emergency is confirmed.", held_by, signing)

    @group.command
    def withdraw(number: _Number, /, *, at: AtRoll, why: _Why = "", held_by: HeldBy | None = None) -> None:
        """As an officer: take a request back. Its person is told of it."""
        _act(at, number, "withdraw", "taken back.", held_by, why=why)


def _add_operator(group: App) -> None:
    @group.command
    def preserve(number: _Number, /, *, at: AtRoll, held_by: HeldBy | None = None) -> None:
        """As an operator: say that what you hold of the record, if anything, is kept for a production that may follow.

        It is said also where you hold none: nobody learns which of the two before a review.
        """
        _act(at, number, "preserve", "whatever is held is preserved.", held_by)

    @group.command
    def nobody(number: _Number, /, *, at: AtRoll, held_by: HeldBy | None = None) -> None:
        """As an operator: say that nobody is to be told, since you hold no such record, as you answered.

        Where you answered nothing of the kind it is refused: `openroll request tell --sealed-to-nobody` publishes a notice then.
        """
        _act(at, number, "nobody", "there is nobody to tell.", held_by)


def _add_objector(group: App) -> None:
    @group.command(name="object")
    def object_to(
        number: _Number,
        /,
        *,
        at: AtRoll,
        ground: Annotated[str, Parameter(help=", ".join(GROUNDS))],
        why: _Why = "",
        held_by: HeldBy | None = None,
    ) -> None:
        """As the third body: object, so that nothing goes out: a ground by its code."""
        _act(at, number, "object", f"objected ({ground}).", held_by, ground=ground, why=why)

    @group.command
    def let_pass(
        number: _Number, /, *, at: AtRoll, signing: Signing = _UNSIGNED, decided: Decided | None = None
    ) -> None:
        """As the third body: say that you do not object."""
        (decided or Decided()).hold(at, number, "objector")
        _act(at, number, "let-pass", "no objection.", decided, signing)
