"""The pages' side of requests under Node.js: it says, reads and believes what the officer's and operator's programs do."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from tests.register.test_request_checked import (
    BOTH,
    DIGESTS,
    FIELDS,
    KEYS,
    OPENS,
    OTHER,
    OTHER_DIGESTS,
    SIGNER,
    SUBSTITUTES,
    answer,
    changed,
    corrected,
    filed,
    receipts,
)
from tests.tlog.test_corpus import node

from openroll.register.request.checked import Expected, LogPosition, checked
from openroll.register.request.content import Answer, Ask, ContentUnfit, Draft, ask_of, context_of, read_ask
from openroll.register.request.record import Given
from openroll.register.subscription.events import SubscriptionHeld
from openroll.tlog import printable

ROOT = Path(__file__).parents[2]
NOW = datetime(2006, 12, 20, tzinfo=UTC)
NUMBERS = (
    *(
        "A-1001",
        "u-7",
        "u-7,u-8",
        "12345-12349",
        "12345至12349",
        "１２３４５",
        "٣٤٥٦٧",
        "2006-0012345",
        "a*",
        "A 1",
        "abc",
        "至12",
    ),
    *(
        "x" * 70 + "1",
        "1" * 300,
        "",
        "\u200b1",
        "u\u00a07",
        "12345/12349",
        "1234/5678",
        "v1…2",
        "Ⅷ",
        "৪৫৬",
        "1–2",
        "é1",
    ),
)
CODES = ("1234 5678 1234 5678", "12345678123456781", "x", "0000 0000 0000 0001", "1.2·3-4")
DOMAINS = (
    *(
        "example.org",
        "Example.ORG.",
        "例え.jp",
        "bücher.de",
        "a",
        "a.1",
        "x_y.org",
        "-a.org",
        "*.org",
        "a.org b.org",
        "a..org",
    ),
    *("xn--bcher-kva.de", "xn--zzzz.de", "ex。org", "☃.net", "straße.de", "1.2.3.4", "a" * 64 + ".de", "ab--cd.de"),
)
ADDRESSES = (
    *(
        "1.2.3.4",
        "01.2.3.4",
        "1.2.3",
        "1.2.3.4/24",
        "1.2.3.4-9",
        "2001:db8::1",
        "2001:DB8:0::1",
        "2001:db8::",
        "::1",
        "::",
    ),
    *(
        "fe80::1",
        "ff02::1",
        "::ffff:1.2.3.4",
        "127.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "169.254.1.1",
        ".".join("0000"),
        "1.2.3.x",
    ),
    *("1.2.3.4,1.2.3.5", "fe80::1%eth0", "2001:db8:1:2:3:4:5:6", "1.2.3.300"),
)
MOMENTS = (
    *(("", "", ""), ("2006-11-01T10:00", "+08:00", "1"), ("2006-11-01 10:00:00", "+08:00", "1")),
    *(("2006-11-01T10:00:00+08:00", "", "1"), ("2006-11-01T10:00:00", "UTC", "1"), ("2006-11-01T10:00:00", "", "1")),
    *(("2006-10-29T02:30:00", "Europe/Berlin", "1"), ("2006-03-26T02:30:00", "Europe/Berlin", "1")),
    *(
        ("2006-02-30T10:00:00", "+08:00", "1"),
        ("2006-11-01T10:00:00", "+15:00", "1"),
        ("2016-11-01T10:00:00", "+08:00", "1"),
    ),
    *(("2006-11-01T10:00:00", "asia/shanghai", "1"), ("2006-11-01T10:00:00", "Etc/GMT+8", "1"), ("x", "y", "99999")),
    *(("2006-11-01T10:00:00", "+08:00", "80-90"), ("2006-11-01T10:00:00", "Asia/Kathmandu", "８０")),
)
TEXTS: tuple[dict[str, str], ...] = (
    *({"grounds": one} for one in ("", "x" * 4001, " a \r\n b\t \n", "a\u200bb", 'quoted "\\/<')),
    *({"officer": one} for one in ("call 138 1234 5678", "a@b.cc", "since 2006-11-01", "一三八一二三四五六七八")),
    *({"case": "x" * 201}, {"basis": "a\nb"}, {"basis": " "}, {"case": "K\u2028x"}),
)


def said(*questions: list[Any]) -> list[Any]:
    """What the pages' code answers."""
    command = [node(), str(ROOT / "tests/register/requests.mjs"), str(ROOT / "frontend/src")]
    done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def drafts() -> list[dict[str, str]]:
    """Drafts of every means, good ones and ones that lack something."""
    whole = {"grounds": "g", "basis": "b", "case": "K-7", "officer": "inspector", "at": "", "zone": "", "port": ""}
    then = {"at": "2006-11-01T10:00:00", "zone": "Asia/Shanghai", "port": "50123"}
    made = [whole | {"by": "subscription", "value": one} for one in NUMBERS]
    made += [whole | {"by": "code", "value": one} for one in CODES]
    made += [whole | {"by": "domain", "value": one} for one in DOMAINS]
    made += [whole | then | {"by": "address", "value": one} for one in ADDRESSES]
    made += [
        whole | {"by": "address", "value": "1.2.3.4", "at": at, "zone": zone, "port": port}
        for at, zone, port in MOMENTS
    ]
    return made + [whole | {"by": "subscription", "value": "u-7"} | one for one in TEXTS]


def test_the_page_takes_and_seals_what_the_command_does() -> None:
    """One record, whole, in one form, byte for byte; of what is not, the same is missing in the same fields; the same context."""
    every = drafts()
    found = said(*(["ask", one, NOW.timestamp() * 1000] for one in every))
    for draft, page in zip(every, found, strict=True):
        record = Given(draft["by"], draft["value"], draft["at"], draft["zone"], draft["port"])
        ask = ask_of(Draft(record, *(draft[name] for name in ("grounds", "basis", "case", "officer"))), bytes(16), NOW)
        want = [ask.encoded().decode(), ask.case_digest] if isinstance(ask, Ask) else [[*one] for one in ask]
        assert page == want, draft
    assert sum(isinstance(one[0], str) for one in found) > 20
    filed_as = {
        "authority": "a",
        "use": 1,
        "operator": "o",
        "reviewer": "r",
        "fields": ["name", "address"],
        "case_digest": "c",
    }
    (context,) = said(["context", "roll.example/t", filed_as, "ask"])
    assert context == context_of("roll.example/t", filed_as, "ask")


def test_the_page_reads_what_the_command_reads() -> None:
    """An ask that is complete in its one form is read; a blank, a further member, a range or two records in it is not."""
    good = '{"basis":"b","case":"c","grounds":"g","is":"ask","officer":"o","record":{"by":"subscription","number":"u-7"},"salt":"'
    texts = [good + "0" * 32 + '"}']
    texts += [
        texts[0].replace(*one) for one in ((":", ": "), ("u-7", "u-7,u-8"), ('"g"', '""'), ('"is"', '"x":1,"is"'))
    ]
    texts += [
        good + '0"}',
        "[]",
        "null",
        texts[0].replace('"subscription"', '"pattern"'),
        texts[0].replace("ask", "question"),
    ]
    for text, page in zip(texts, said(*(["read", one, "ask"] for one in texts)), strict=True):
        try:
            read_ask(text.encode())
            read = True
        except ContentUnfit:
            read = False
        assert page == read == (text == texts[0]), text


def answers() -> list[tuple[Answer, Expected]]:
    """Answers that hold, and one for each way in which they could not."""
    other = OTHER["name"]
    told = Expected("east", FIELDS, "given", FIELDS)
    one = Expected("east", ("name",), "given", ("name",))
    own = DIGESTS[:1]
    ways = [
        (answer(), told),
        (answer(["name"]), one),
        (
            answer(["name"], outcome="partly", withheld={"address": "not-held"}),
            Expected("east", ("name", "address"), "partly", ("name",)),
        ),
        (answer(["name"], outcome="partly"), Expected("east", ("name", "address"), "partly", ("name",))),
        (answer(), one),
        (answer(["name", "name"]), one),
        (answer(["name"], disclosures=(other,), receipts=BOTH), one),
        (answer(["name"], disclosures=(other,)), one),
        (answer(["name"], disclosures=("x",)), one),
        (answer(["name"], receipts=()), one),
        (answer(["name"], receipts=(BOTH[0].replace("east", "west"),)), one),
        (answer(["name"]), one._replace(operator="west")),
        (answer(["name"]), one._replace(outcome="partly")),
        (answer([], outcome="not-held", receipts=()), one._replace(outcome="not-held", given=())),
        (answer(["name"], outcome="not-held"), one),
        (answer(["name"], withheld={"phone": "immunity"}), one),
    ]
    facts = (changed([*own, "d" * 43]), changed(["d" * 43]), corrected(["d" * 43], own), corrected(["d" * 43], []))
    ways += [(answer(receipts=receipts(filed(DIGESTS), fact)), told) for fact in facts]
    ways += [(answer(receipts=receipts(filed(DIGESTS), fact, of={1: None})), told) for fact in facts]
    ways.append((answer(receipts=receipts(filed(DIGESTS), filed(OTHER_DIGESTS))), told))
    for fact in SUBSTITUTES:
        for names in (0, 1, None):
            log = receipts(filed(DIGESTS), filed(OTHER_DIGESTS, handle="h-2"), fact, of={2: names})
            late = one._replace(asked=LogPosition(1, "2006-11-01"))
            ways.append((answer(disclosures=(other,), receipts=(log[0], log[2])), late))
            ways.append((answer(["name"], receipts=(log[0], log[2])), late))
    ways.append((answer(["name"], receipts=receipts(filed(DIGESTS), SubscriptionHeld(by="subscriber", rule="r"))), one))
    return ways


def test_the_page_believes_of_an_answer_what_the_command_believes() -> None:
    """For every way in which an answer holds or does not: the same values, and the same faults by field."""
    every, keys = answers(), [[0, [str(SIGNER.verifier)]]]
    questions = []
    for made, expected in every:
        given = msgspec.to_builtins(made) | {"is": "answer"}
        asked = {} if expected.asked is None else {"asked": expected.asked._asdict()}
        questions.append(["checked", given, expected._asdict() | asked, keys])
    for (made, expected), (values, faults, *unsure) in zip(every, said(*questions), strict=True):
        want = checked(made, expected, KEYS)
        assert unsure == [[*want.unproved], [*want.late]], made
        assert dict(values) == want.values, (made, faults)
        assert {tuple(one) for one in faults} == {(one.field, one.why) for one in want.faults}, made


def test_the_page_shows_a_value_on_one_line_as_the_command_does() -> None:
    """Line ends, controls, marks of direction and what no font has are spelled out; every letter and blank stays."""
    texts = (
        "Li Si",
        "张三\n姓名：李四",
        "a\x00\x85\u2028\u2029b",
        "\u202egood\u200b\U000e0041",
        "\u00a0\u3000é\U00020000",
        "\uf8ff\ufffe",
    )
    assert said(*(["line", one] for one in texts)) == [printable(one) for one in texts]


def test_the_page_gives_what_was_approved_and_says_of_the_rest_why() -> None:
    """Fields that are approved and there are given, one that is kept back says why, one that is not there is not held."""
    kept = {"handle": "h-1", "disclosures": [*OPENS.values()], "decoys": [], "account": "u-7"}
    approved = ["name", "id-number", "phone"]
    ((outcome, given, withheld, fields),) = said(["answer", kept, approved, {"id-number": "immunity"}])
    assert (outcome, given, fields) == ("partly", [OPENS["name"]], ["name"])
    assert withheld == {"id-number": "immunity", "phone": "not-held"}
    (whole,) = said(["answer", kept, ["address"], {}])
    assert whole == ["given", [OPENS["address"]], {}, ["address"]]
