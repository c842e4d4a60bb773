"""The faults of a file that only the roll knows of, each with what to do; where one is of the whole list, it is said once."""

from collections.abc import Callable
from datetime import date

from openroll.register.refusal import Refusal
from openroll.register.subscription.refusals import HandleLeft, NothingAsked
from openroll.sheet import Fault, Sheet
from openroll.sheet.faults import MOST_KEPT

_NOT_FILED = "a handle that is not filed yet"
_ANEW = "Pack the list anew with the key of today, `openroll pack --key`, and send what that writes."


class Alike:
    """The rows that one and the same is wrong with: told one by one, or in one sentence where that is so of the whole list."""

    FEWEST, SHARE = 20, 0.9
    """From how many rows, and from which share of a list, it is said of the list."""

    def __init__(self) -> None:
        self._first: list[Fault] = []
        self._count = 0
        self._day = date.min

    def add(self, fault: Fault, day: date = date.min) -> None:
        """A row, and since which day that is so of it. They come in the order of rows."""
        self._count += 1
        self._day = max(day, self._day)
        if len(self._first) < MOST_KEPT:
            self._first.append(fault)

    def tell(self, sheet: Sheet, rows: int, whole: Callable[[int, int, date], Fault]) -> None:
        """Add to a sheet, of which `rows` were looked at, what was found; `whole` makes the fault of the list."""
        if self._count >= max(self.FEWEST, self.SHARE * rows):
            sheet.add_fault(whole(self._count, rows, self._day))
            return
        for fault in self._first:
            sheet.add_fault(fault)
        sheet.fault_count += self._count - len(self._first)


def list_filed(found: int, rows: int, _: date) -> Fault:
    """A list that was filed before."""
    remedy = (
        'To see what differs, compare it: `openroll reconcile`, or "Compare it with the roll" where files are sent. Then'
        " file what changed alone: rows with the act `change` or `end` and the day in `on`, and what is new."
    )
    expected = f"a list of what is new: of {rows} rows {found} are in the roll already"
    return Fault(0, "", "", "list-filed", expected, remedy, {"found": str(found), "expected": str(rows)})


def list_of_old_key(found: int, rows: int, day: date) -> Fault:
    """A list that was packed by a handle key of before; `day` is the last on which a handle of it was changed."""
    expected = f"handles of today's key: of {rows} rows {found} have one that was changed, the last on {day}"
    params = {"found": str(found), "expected": str(rows), "on": str(day)}
    return Fault(0, "", "", "list-of-old-key", expected, _ANEW, params)


def handle_filed(row: int, handle: str) -> Fault:
    """A new subscription under a handle that is filed."""
    remedy = "It is in the roll already. Use the act `change` or `end`, or take the row out."
    return Fault(row, "handle", handle, "handle-filed", _NOT_FILED, remedy)


def new_handle_filed(row: int, handle: str) -> Fault:
    """A change to a handle that another record has."""
    remedy = "Another record has it. Take the row out, or look whether the two keys were given the wrong way round."
    return Fault(row, "new_handle", handle, "handle-filed", _NOT_FILED, remedy)


def has_it_already(row: int, handle: str) -> Fault:
    """A change of handle that was made before."""
    remedy = "Take the row out: the record has its new handle already."
    return Fault(row, "handle", handle, NothingAsked.code, "a change that was not made yet", remedy)


def handle_changed(row: int, column: str, handle: str, day: date) -> Fault:
    """A handle whose record has another one since a day."""
    expected = f"a handle of today's key: the record of this one has another since {day}"
    return Fault(row, column, handle, "handle-changed", expected, _ANEW, {"handle": handle, "on": str(day)})


def handle_left(row: int, column: str, handle: str, day: date) -> Fault:
    """A handle under which a subscription that lives went to another operator on a day."""
    remedy = (
        f"Take the row out: since {day} the subscription is filed by the operator that it went to. If it"
        " came back to you, it has the handle it had there: `openroll reconcile` shows it, and `rehandle` gives"
        " it this one."
    )
    expected = "a subscription that did not go to another operator"
    return Fault(row, column, handle, HandleLeft.code, expected, remedy, {"handle": handle, "on": str(day)})


def refused(row: int, handle: str, refusal: Refusal) -> Fault:
    """What a record does not allow."""
    params = {key: str(value) for key, value in refusal.params.items()}
    remedy = "Look the record up under your handle: the roll holds something else than your list."
    return Fault(row, "handle", handle, refusal.code, "something the record allows", remedy, params)
