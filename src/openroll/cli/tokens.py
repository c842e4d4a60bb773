"""Commands on the tokens of operators' programs."""

from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.output import clock_time, err, out, refuse
from openroll.cli.people import WAITS
from openroll.cli.table import Rows
from openroll.cli.wiring import Wiring
from openroll.register.decision import Refused
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.service.identity.api_tokens import (
    OVERLAP,
    end_token,
    issue_token,
    live_tokens,
    replace_token,
    revoke_token,
)
from openroll.service.identity.people import begins_unled, unknown


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on tokens."""
    tokens = App(name="token", help="Tokens with which organisations' programs file, ask, review and answer.")
    app.command(tokens)

    _add_issue(wiring, tokens)
    _add_list_tokens(wiring, tokens)
    _add_replace(wiring, tokens)
    _add_end(wiring, tokens)
    _add_revoke(wiring, tokens)


def _add_issue(wiring: Wiring, tokens: App) -> None:
    @tokens.command
    def issue(
        operator: str,
        /,
        *,
        label: Annotated[str, Parameter(help="What it is for.")] = "program",
        days: Annotated[int | None, Parameter(help="After how many days it ends by itself (default: never).")] = None,
        seat: Annotated[
            int,
            Parameter(help="The number of the seat whose acts are done by it: asking, reviewing, answering requests."),
        ] = 0,
    ) -> None:
        """Issue a token for an operator, an authority or a reviewer. It is shown once; the roll keeps only its hash.

        Parameters
        ----------
        operator
            The organisation's short name.
        """
        roll = wiring.roll()
        unled = begins_unled(roll, operator)
        _show(issue_token(roll, operator, label, days=days, seat=seat))
        if unled:
            err.print(WAITS.format(of=operator), soft_wrap=True)


def _add_list_tokens(wiring: Wiring, tokens: App) -> None:
    @tokens.command(name="list")
    def list_tokens(operator: str, /) -> None:
        """The tokens of an organisation that let programs in: number, what for, whose seat acts by it, since, until."""
        roll = wiring.roll()
        if refused := unknown(roll, operator):
            refuse(refused)
        table = Rows("number", "what for", "seat", "issued", "ends", title=operator)
        for one in live_tokens(roll, operator):
            ends = "" if one.ends is None else clock_time(one.ends)
            seat = str(Seat(operator, one.seat)) if one.seat else ""
            table.add_row(str(one.number), one.label, seat, clock_time(one.issued), ends)
        out.print(table)


def _add_replace(wiring: Wiring, tokens: App) -> None:
    @tokens.command
    def replace(
        operator: str,
        number: int,
        /,
        *,
        overlap: Annotated[int, Parameter(help="For how many days the old one still lets in.")] = OVERLAP,
    ) -> None:
        """Issue a successor to a token. It is shown once; the old one ends by itself. A seat's has none: end it."""
        _show(replace_token(wiring.roll(), operator, number, KEEPER, overlap=overlap))


def _add_end(wiring: Wiring, tokens: App) -> None:
    @tokens.command
    def end(
        operator: str,
        number: int,
        /,
        *,
        reason: Annotated[str, Parameter(help="Why, in a few words: it stands in the public log.")],
    ) -> None:
        """End an operator's token at once (an official act)."""
        refused = end_token(wiring.roll(), operator, number, KEEPER, reason)
        if refused is not None:
            refuse(refused)
        out.print("Ended.")


def _add_revoke(wiring: Wiring, tokens: App) -> None:
    @tokens.command
    def revoke(token: str, /) -> None:
        """End a token at once, by its text: for one that was found where it should not be."""
        out.print(
            "Ended." if revoke_token(wiring.roll(), token) else "There is no such token, or it has ended already."
        )


def _show(token: str | Refused) -> None:
    if isinstance(token, Refused):
        refuse(token)
    out.print(token, soft_wrap=True)
