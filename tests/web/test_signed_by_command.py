"""A decision is its reviewer's word and not the log's: by commands over HTTP, where whoever owns the database rewrites it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openroll.service.roll import Roll
from tests.web.test_requests_by_command import OFFICE, Outcome, Scene, scene

__all__ = ["scene"]

_WIDENS = """
create function widens() returns trigger language plpgsql as $$ begin
  if new.name = 'request.narrowed/1' then
    new.name := 'request.approved/1';
    new.body := regexp_replace(new.body, '"fields":\\[[^]]*\\]', '"fields":["name","address"]');
    new.commitment := sha256('\\x10'::bytea || 'openroll/event/1'::bytea || new.salt || convert_to(new.body, 'UTF8'));
  end if; return new; end $$;
create trigger widens before insert on event for each row execute function widens();
"""


@contextmanager
def widened(roll: Roll) -> Iterator[None]:
    """The owner of the database has each reviewer approve all that was asked for, before the log takes it."""
    with roll.database.open() as connection:
        connection.execute(_WIDENS)
    try:
        yield
    finally:
        with roll.database.open() as connection:
            connection.execute("drop trigger widens on event; drop function widens")


def asked_by(made: Scene, use: str, case: str, by_log: list[object]) -> str:
    """The number of a request for name and address."""
    whom = ["--use", use, "--operator", "east", "--reviewer", "bench", "--field", "name", "--field", "address"]
    what = ["--by", "subscription", "--record", "u-7", "--basis", "order 7", "--case", case, "--officer", "inspector"]
    filed = ["request", "file", *made.at("officer"), *by_log, "--key", made.key("constab"), *whom, *what]
    said = made.good(*filed, "--grounds", made.folder / "grounds.txt")
    return said.split(".")[0].split()[-1]


def test_nothing_is_given_by_a_decision_that_its_body_did_not_sign(scene: Scene, served: tuple[str, Roll]) -> None:
    """An approval that was widened on its way into the log, and one that nobody signed: the operator gives nothing, and keeps the
    evidence; what is signed later as it was decided it gives."""
    by_log: list[object] = ["--log-key", scene.folder / "log.pub"]
    use = scene.good(
        *("request", "register-use", *scene.at("chief"), "--purpose", 0, "--basis", "Act 100", "--field", "name"),
        *("--field", "address", "--supervisor", "Commissioner", "--supervised-at", "c@s.example", "--office", OFFICE),
    ).split()[-1]
    first, second = (asked_by(scene, use.rstrip("."), case, by_log) for case in ("K-7", "K-8"))

    def approve(number: str, *more: object) -> Outcome:
        scene.good("request", "take", number, *scene.at("reviewer"), *by_log, "-o", scene.folder / f"judged {number}")
        return scene.run("request", "approve", number, *scene.at("reviewer"), *by_log, "--field", "name", *more)

    def answer(folder: Path, *more: object) -> Outcome:
        by_east = [*scene.at("clerk"), "--key", scene.key("east"), *by_log, "--log", scene.address, *more]
        own = ["--disclosures", scene.folder / "list.disclosures.ndjson", "--receipts", scene.folder / "receipts"]
        return scene.run("request", "answer", folder, *by_east, *own)

    with widened(served[1]):
        lied = approve(first, "--key", scene.key("bench"))
    assert (lied.status, "THE LOG SAYS OTHERWISE" in lied.err, "signed by" in lied.out) == (1, True, False)
    assert "NOT SIGNED: that it is your decision" in approve(second).err
    folders = {number: scene.folder / f"asked {number}" for number in (first, second)}
    for number, folder in folders.items():
        scene.good("request", "take", number, *scene.at("clerk"), *by_log, "-o", folder)
        held = answer(folder)
        assert (held.status, "Nothing was sent" in held.err, "--trust-the-log" in held.err) == (1, True, True), held
        assert "NOT SIGNED by bench: the log says request." in held.out
        assert len(list(folder.glob("decision-entry-*.receipt"))) == 1, "the evidence"
    sign = ["request", "sign", *scene.at("reviewer"), *by_log, "--key", scene.key("bench")]
    for number in (first, second):
        wide = scene.run(*sign, number, "--field", "name", *([] if number == first else ["--field", "address"]))
        assert (wide.status, "Nothing was signed" in wide.err) == (1, True), wide
    assert "signed by your key" in scene.good(*sign, second, "--field", "name")
    shown = scene.good("request", "show", second, "--roll", scene.address, *by_log)
    assert "Signed by bench, key " in shown
    assert "act: " not in shown
    for name in ("constab", "bench"):
        (scene.folder / f"{name}.pub").write_text(scene.good("envelope", "public", scene.key(name)))
    others = answer(folders[second], "--decided-by", scene.folder / "constab.pub")
    assert (others.status, "none that you named" in others.out) == (1, True), others
    given = answer(folders[second], "--decided-by", scene.folder / "bench.pub")
    assert (given.status, "Answered (given): name." in given.out) == (0, True), given
    assert "Signed by bench, key " in given.err
    audit = ["audit", scene.address, "--key", scene.folder / "log.pub", "--state", scene.folder / "watch"]
    audited = scene.good(*audit, "--zone", "Asia/Shanghai", "--whole")
    assert "1 of 1 decisions by which something was given are signed by the bodies whose they are.\n" in audited
    trusting = answer(folders[first], "--trust-the-log", "--dry-run")
    assert (trusting.status, "You trust the log" in trusting.err) == (0, True), trusting
