"""A receipt and a frame of letters as the tests print them."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from openroll.paper import Letter, LetterFrame, PrintedReceipt
from tests.tlog.test_receipts import made

AT = datetime(2006, 12, 20, 4, 0, tzinfo=UTC)
CODE = "4829 1170 3356 0283"
RECEIPT = PrintedReceipt(
    title={"zh": "重庆市互联网接入用户登记册", "en": "Chongqing roll of internet subscriptions"},
    languages=("zh", "en"),
    registrar={"zh": "试验登记机构"},
    code=CODE,
    what={"zh": "已备案", "en": "Filed"},
    day=date(2006, 12, 20),
    index=1234,
    size=56789,
    origin="roll.example/trial",
    root="8325da88aeffd3bf91a0984e11231636e0d799f174d5d92ca07e48c802102d98",
    commitment="a6bf5f9818069be62563cd307e8102e710e9ceb1ac46ceb3e90c10821285a4f2",
    address="https://roll.example/zh/verify",
    proof=made(),
)
FRAME = LetterFrame(
    title=RECEIPT.title,
    registrar={"zh": "试验登记机构"},
    operator="Trial Net",
    day=date(2006, 12, 20),
    find={lang: f"https://roll.example/{lang}/find" for lang in RECEIPT.languages},
)


def receipt(**changed: Any) -> PrintedReceipt:
    """The receipt with some of it changed."""
    return msgspec.structs.replace(RECEIPT, **changed)


def frame(**changed: Any) -> LetterFrame:
    """The frame with some of it changed."""
    return msgspec.structs.replace(FRAME, **changed)


def letters(count: int) -> list[Letter]:
    """So many letters, by turns in Chinese and in English."""
    return [
        Letter(handle=f"T-{n:05d}", code=f"{n:04d} 1170 3356 0283", language="zh" if n % 2 == 0 else "en")
        for n in range(count)
    ]
