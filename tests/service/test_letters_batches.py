"""Letters of an operator's filing codes: where each batch begins, and what is asked for that."""

import pytest

from openroll.service.filing import letters
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.roll import Roll
from openroll.store import subscriptions
from tests.service.filings import rows_file


def test_a_batch_begins_where_the_one_before_ends(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever somebody stands in the list; and whether there are more is said where there are, and only there."""
    monkeypatch.setattr(letters, "MOST_LETTERS", 2)
    monkeypatch.setattr(letters, "BATCHES", 2)
    assert letters.batches(roll, "east", 0) == ([], None)
    assert isinstance(take_file(roll, "east", rows_file(7)), FileTaken)
    with roll.database.transaction("operator", organisation="east") as connection:
        numbers = [number for _, number, *_ in subscriptions.living(connection, "east", 0, 9)]
    of = [0, *numbers]
    assert letters.batches(roll, "east", 0) == ([(0, 2), (of[2], 2)], of[4])
    assert letters.batches(roll, "east", of[2]) == ([(of[2], 2), (of[4], 2)], of[6])
    assert letters.batches(roll, "east", of[3]) == ([(of[3], 2), (of[5], 2)], None)
    assert letters.batches(roll, "east", of[4]) == ([(of[4], 2), (of[6], 1)], None)
    assert letters.batches(roll, "east", of[7]) == ([], None)
    with roll.database.transaction("operator", organisation="east") as connection:
        assert subscriptions.ends_of_batches(connection, "east", 0, 5, 2) == [(of[2], 2), (of[4], 4), (of[5], 5)]
        looked = connection.execute(
            "select seq_scan + coalesce(idx_scan, 0) from pg_stat_xact_user_tables where relid = 'event'::regclass"
        ).fetchone()
        assert looked == (0,)  # nothing came after their filing: whose their codes are needs no look into the events


def test_what_was_cut_before_is_cut_there_again(roll: Roll) -> None:
    """Between its first and its last record, whoever came or went; what lies before, between and behind is cut anew."""
    assert isinstance(take_file(roll, "east", rows_file(9)), FileTaken)
    with roll.database.transaction("operator", organisation="east") as connection:
        of = [0, *(number for _, number, *_ in subscriptions.living(connection, "east", 0, 9))]
    assert letters.count_letters(roll, "east") == 9

    def cut(*cuts: tuple[int, int], largest: int = 0) -> list[tuple[int, int, int]]:
        made = letters.all_batches(roll, "east", 2, cuts, largest)
        found = [(one.first, one.last, one.records) for one in made]
        assert [number for *_, records in found for number in records] == of[1:], "each letter once, in order"
        return [(first, last, len(records)) for first, last, records in found]

    whole = cut()
    assert [size for *_, size in whole] == [2, 2, 2, 2, 1]
    assert cut(*((first, last) for first, last, _ in whole)) == whole
    assert cut((of[2], of[4]), (of[6], of[8]), largest=3) == [
        (1, of[1], 1),
        (of[2], of[4], 3),
        (of[4] + 1, of[5], 1),
        (of[6], of[8], 3),
        (of[8] + 1, of[9], 1),
    ]
    # Too many came in between; two that overlap; one in which nobody is, and one that ends before it begins.
    assert [size for *_, size in cut((of[1], of[9]), largest=4)] == [4, 2, 2, 1]
    assert [size for *_, size in cut((of[1], of[2]), (of[2], of[7]), (of[9] + 5, of[9] + 9), (7, 3))] == [2, 2, 2, 2, 1]
