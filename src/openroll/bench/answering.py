"""An answer as its officer checks it: opened, and each value held against the digests of the filing and the log's signature."""

import csv
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from openroll.bench.figure import Figure, best
from openroll.disclosure.envelope import HeldKey, open_envelope, seal
from openroll.register.decision import Refused
from openroll.register.request.checked import Expected, checked
from openroll.register.request.content import Answer, read_content
from openroll.register.request.words import ANSWER
from openroll.register.subscription.handle import KEY_BYTES
from openroll.rules.kinds import fields_of_subscriptions
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.sheet.disclosed import kept_lines, take
from openroll.sheet.pack import pack
from openroll.store import subscriptions

_CONTEXT = "bench"
_BARE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_ROW = {
    "account": "acc-1",
    "kind": "household",
    "access": "adsl",
    "connected": "2006-11-01",
    "name": "Li Si",
    "address": "Jiefangbei 1",
}


def measure(roll: Roll, folder: Path, operator: HeldKey, authority: HeldKey) -> Iterator[Figure]:
    """Measure the check of an answer with two fields of a record that was filed just now; in milliseconds."""
    answer = _answer(roll, folder)
    sealed = seal(answer.encoded(), [authority.published.sealing], operator.signing, _CONTEXT, pad_to=ANSWER)
    expected = Expected("bench", ("name", "address"), "given", ("name", "address"))
    bare = _BARE.encrypt(bytes(32), authority.private.public.hpke, b"bench")

    def look() -> None:
        content = open_envelope(sealed, authority.private, [operator.published.verifying], _CONTEXT)
        found = checked(read_content(content, Answer), expected, roll.keys.succession)
        if not found.good:
            raise RuntimeError(f"the bench's answer does not hold: {found.faults}")

    limit = 1000 * best(lambda: _BARE.decrypt(bare, authority.private.hpke, b"bench"), 30)
    yield Figure("an answer opened and checked", "ms", 1000 * best(look, 30), limit, "HPKE of one key", "")


def _answer(roll: Roll, folder: Path) -> Answer:
    """The answer of one record, packed and filed as an operator does, with the receipt of its filing."""
    source, filing, disclosures = (folder / name for name in ("one.csv", "one.filing.csv", "one.ndjson"))
    with source.open("w", encoding="utf-8", newline="") as file:
        row = _ROW | {"district": roll.place.leaves(roll.day(roll.clock()))[0].code}
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    terms, key = roll.setting(roll.day(roll.clock())).terms, roll.random_bytes(KEY_BYTES)
    packed = pack(
        source,
        filing,
        disclosures,
        fields=fields_of_subscriptions(roll.rule),
        terms=terms,
        random=roll.random_bytes,
        key=key,
    )
    taken = take_file(roll, "bench", filing)
    if packed.fault_count or not isinstance(taken, FileTaken):
        raise RuntimeError(f"the bench's record was not taken: {packed.faults or taken}")
    Sequencer(roll).run_until_empty()
    (record,) = kept_lines([disclosures])
    with roll.database.own() as connection:
        number = subscriptions.numbers_of(connection, "bench", [record.handle])[record.handle]
    proof = receipt(roll, number, 1)
    if isinstance(proof, Refused):
        raise RuntimeError(f"the bench's record has no receipt: {proof.refusal}")
    found = take(record, ("name", "address"))
    return Answer(outcome="given", disclosures=found.disclosures, receipts=(proof.decode(),))
