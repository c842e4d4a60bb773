"""Commands on the log's keys: which they are and were, new ones, revoked ones."""

from typing import Annotated, Literal

import msgspec
from cyclopts import App, Parameter

from openroll.cli.output import out, refuse
from openroll.cli.wiring import Wiring
from openroll.register.decision import Refused
from openroll.service.keys import ALGORITHMS
from openroll.service.log.handovers import History, history
from openroll.service.log.key_rotation import Acting, Turn, finish, revoke, rotate
from openroll.tlog import Verifier

Reason = Annotated[str, Parameter(help="Why, in a few words: it stands in the public log.")]


def add(app: App, logs: App, wiring: Wiring) -> None:
    """Add the commands on keys."""

    _add_key(app, wiring)
    _add_rotate_key(logs, wiring)
    _add_revoke_key(logs, wiring)


def _add_key(app: App, wiring: Wiring) -> None:
    @app.command
    def key(*, history: bool = False, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False) -> None:
        """Print the log's public keys, one a line: what receipts are checked with.

        Parameters
        ----------
        history
            Show instead which keys signed from which size on, the newest first.
        as_json
            The history as /log/key-history.json serves it, with a proof of each change.
        """
        roll = wiring.roll()
        if as_json:
            print(msgspec.json.encode(_history(roll)).decode())  # noqa: T201 - to be piped into a file, unwrapped
        elif history:
            _show(_history(roll))
        else:
            for line in roll.keys.verifier_keys:
                print(line)  # noqa: T201 - to be piped into a file, unwrapped


def _add_rotate_key(logs: App, wiring: Wiring) -> None:
    @logs.command
    def rotate_key(
        *,
        reason: Reason,
        only: Literal["", "ed25519", "ml-dsa-44"] = "",
        at_once: bool = False,
        end_overlap: Annotated[bool, Parameter(name="--finish", negative="")] = False,
        dry_run: bool = False,
    ) -> None:
        """Have new keys sign the log (an official act: it stands in the public log, signed with the old keys).

        The new keys are those held here that never signed (in the keys folder, OPENROLL_LOG_KEYS or a token), or are made. Old
        and new sign together until --finish, so that readers and witnesses have time to take up the new ones.

        Parameters
        ----------
        only
            One kind of key, not both.
        at_once
            Without such a time: the old keys sign no more after the entry that says so.
        end_overlap
            End that time: from the next checkpoint on the new keys sign alone.
        dry_run
            Decide, and do nothing.
        """
        kinds = [kind for kind, name in ALGORITHMS.items() if only in ("", name)]
        acting = Acting(dry_run=dry_run)
        roll = wiring.roll()
        if end_overlap:
            turn = finish(roll, reason, acting=acting)
        else:
            turn = rotate(roll, reason, kinds=kinds, overlap=not at_once, acting=acting)
        _told(turn, dry_run)


def _add_revoke_key(logs: App, wiring: Wiring) -> None:
    @logs.command
    def revoke_key(
        *key: str,
        reason: Reason,
        from_size: int | None = None,
        lost: Annotated[bool, Parameter(negative="")] = False,
        dry_run: bool = False,
    ) -> None:
        """Say in the public log that keys are no longer to be believed, and put new ones in their place. For emergencies.

        Parameters
        ----------
        key
            The key's id: the eight digits after the log's name in `openroll key`. Keys lost together are named together.
        from_size
            From which size on its word proves nothing (default: the next). Say the size of the last checkpoint that was
            surely yours, plus one.
        lost
            It is gone and cannot sign even this. Readers who hold only such keys cannot follow by themselves.
        dry_run
            Decide, and do nothing.
        """
        _told(
            revoke(
                wiring.roll(), tuple(key), reason, unbelieved_from=from_size, lost=lost, acting=Acting(dry_run=dry_run)
            ),
            dry_run,
        )


def _told(turn: Turn | Refused, dry_run: bool) -> None:
    if isinstance(turn, Refused):
        refuse(turn)
    out.print("Would stand in the log:" if dry_run else "Stands in the log as soon as it is sequenced:")
    for key in turn.keys:
        fate = "until --finish" if key in turn.leaving else "new" if key in turn.made else "from then on"
        out.print(f"  {_id(key)} ({ALGORITHMS[key.algorithm]}), {fate}", soft_wrap=True)
    if not dry_run:
        out.print(
            "`openroll log sequence` publishes it, or the server within a second or two. Then tell readers and witnesses."
        )


def _show(told: History) -> None:
    for epoch in told.terms:
        until = "" if epoch["to"] is None else f" to {epoch['to']:,}"
        out.print(f"Checkpoints of {epoch['from']:,} entries{until or ' and more'}:")
        for line in epoch["keys"]:
            notes = ["leaving"] if line in epoch["leaving"] else []
            if line in epoch["unbelieved"]:
                notes.append(f"revoked, not to be believed from {epoch['unbelieved'][line]:,} on")
            key = Verifier.parse(line)
            out.print(f"  {_id(key)} ({', '.join([ALGORITHMS[key.algorithm], *notes])})", soft_wrap=True)


_history = history
"""The service's, under a name that the option `--history` leaves free."""


def _id(key: Verifier) -> str:
    return f"{key.name}+{key.key_id.hex()}"
