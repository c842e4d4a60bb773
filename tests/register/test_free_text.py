"""What officials and operators write in their own words holds no number and no address by which somebody is found."""

import pytest

from openroll.register.free_text import names_somebody, reason_refusal
from openroll.register.refusals import ReasonMissing, TextNamesSomebody, TextUnfit


@pytest.mark.parametrize(
    "text",
    [
        "13812345678 came",
        "１３８１２３４５６７８ 来过",
        "138 1234 5678 called",
        "138-1234-5678",
        "(023) 6381-2345",
        "138\u200b1234\u200b5678",
        "一三八一二三四五六七八来过",
        "号码123456",
        "contract 50010319900101123X",
        "wang@example.cn wrote",
        "ｗａｎｇ＠example．cn",
        "١٢٣٤٥٦",
    ],
)
def test_a_number_or_an_address_is_refused(text: str) -> None:
    """However it is written or grouped: wide, Chinese or Arabic digits, marks that nobody sees."""
    assert names_somebody(text)
    assert reason_refusal(text) == TextNamesSomebody()


@pytest.mark.parametrize(
    "text",
    [
        "came to the counter with the contract",
        "持合同来过柜台，2006年11月27日",
        "ended on 2006-11-27, 3 of 12 rows",
        "sent twice, 12345 rows",
        "2006.11.27 10:30",
        "mails to @all",
    ],
)
def test_what_names_nobody_is_taken(text: str) -> None:
    """Words, short counts and calendar days."""
    assert reason_refusal(text) is None


def test_a_reason_is_neither_missing_nor_too_long() -> None:
    """Empty and over 500 characters are refused, unless none is asked."""
    assert reason_refusal(" ") == reason_refusal("x" * 501) == ReasonMissing()
    assert reason_refusal("", optional=True) is None
    for hidden in ("came \u202e to us", "came \x1b[2J", "came \x00"):
        assert isinstance(reason_refusal(hidden), TextUnfit), (
            "what nobody sees stands on no record, of a subscription too"
        )
    assert reason_refusal("came to us\r\nand asked") is None
