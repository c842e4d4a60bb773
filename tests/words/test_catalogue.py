"""The Chinese catalogue: complete, nothing doubtful, nothing left in English, every placeholder in its place.

And all that is said in Chinese, on pages, in refusals, faults and on paper: pointed as Chinese is, with one word for a thing.
"""

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from openroll.words.citations import _PHRASES
from openroll.words.explained import _SAID
from openroll.words.faults import FAULTS
from openroll.words.mails import MAILS, STOP
from openroll.words.reasons import REASONS

SOURCE = files("openroll")


def catalogue() -> Catalog:
    """The catalogue as it stands."""
    with (SOURCE / "words" / "locale" / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="zh")


def texts() -> set[tuple[str, str]]:
    """Every text that templates, code and tables of words ask to be said, each with its context: what `script/words` finds."""
    with (SOURCE / "words" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call] # Babel's own
    methods = [(pattern.removeprefix("openroll/"), method) for pattern, method in methods]
    options = {pattern.removeprefix("openroll/"): option for pattern, option in options.items()}
    asked = {**DEFAULT_KEYWORDS, "_": None, "gettext": (2,), "_c": ((1, "c"), 2)}
    rows = extract_from_dir(str(SOURCE), methods, options, keywords=asked)
    return {(context or "", text) for _, _, text, _, context in rows if isinstance(text, str)}


ASKS_FOR_WORDS = {"_", "_c", "gettext", "ngettext", "pgettext", "npgettext"}


def asked_inside_a_string(code: str) -> Iterator[str]:
    """Texts that are asked for within the braces of an f-string, where Babel on Python 3.11 finds none of them."""
    for string in ast.walk(ast.parse(code)):
        for call in ast.walk(string) if isinstance(string, ast.JoinedStr) else ():
            if (
                isinstance(call, ast.Call)
                and getattr(call.func, "id", getattr(call.func, "attr", "")) in ASKS_FOR_WORDS
            ):
                yield from (
                    text.value for text in call.args if isinstance(text, ast.Constant) and isinstance(text.value, str)
                )


MESSAGES = [message for message in catalogue() if message.id]
APART = {
    *(text for letter in MAILS.values() for text in letter),
    STOP,
    *REASONS.values(),
    *_SAID.values(),
    "on {day} at {time}",
    *_PHRASES,
    *(fault.remedy for fault in FAULTS.values()),
}
"""What is said at length, or of what other registers say: it has tests of its own, and may use a word in passing."""
PAIRS = [
    (str(message.id), str(message.string))
    for message in MESSAGES
    if message.id not in APART and not (message.context or "").startswith(("report.", "assumption"))
]
"""What is said in both languages on pages, in refusals, of faults and on paper: English, Chinese.

What the city model assumes and reports is of a city that may have no such register, and in words of its own (tests/report).
"""

CHINESE = [zh for _, zh in PAIRS]
"""All that is said in Chinese."""

_HAN = "[\u4e00-\u9fff]"
_POINTS = "[，。：；？！、（）“”《》]"
MISPOINTED = {
    "an ASCII mark after a Chinese character": f"{_HAN}[,.:;?!()]",
    "an ASCII mark before a Chinese character": f"[,:;?!()]{_HAN}",
    "a space between Chinese characters": f"{_HAN}\\s+{_HAN}",
    "a space beside a Chinese mark": f"{_POINTS}\\s|(?<=[\u4e00-\u9fff])\\s+{_POINTS}",
    "three full stops instead of the Chinese dots": r"\.\.\.",
    "straight quotation marks": "[\"']",
}
"""What the pointing of Chinese is not, each a pattern."""

WORDS = {
    r"rolls?": "登记册",
    r"filing codes?": "备案码",
    r"filings?": "备案",
    r"handles?": "账号代号",
    r"operators?": "运营者",
    r"registrar": "登记机构",
    r"authorit(y|ies)": "主管机关",
    r"reviewers?": "审查机构",
    r"subscriptions?": "用户账号",
    r"records?": "记录",
    r"receipts?": "回执",
    r"disclosures?": "披露",
    r"digests?": "摘要",
    r"commitments?": "承诺值",
    r"log": "日志",
    r"checkpoints?": "检查点",
    r"witness(es)?": "见证者",
    r"rules?": "规则",
    r"dut(y|ies)": "义务",
    r"measures?": "措施",
    r"safeguards?": "保障",
    r"official acts?": "公务行为",
    r"requests?": "查询请求",
    r"figures": "统计",
    r"seats?": "席位",
    r"sit down": "入座",
    r"leads?": "负责人",
    r"passkeys?": "通行密钥",
    r"tokens?": "令牌",
    r"sign in|signed in|sign-in": "登录",
    r"tell|told|telling": "告知",
    r"(take|taken)( it)? back": "撤回",
    r"by choice": "自愿",
    r"districts?": "区县",
    r"erased?": "删除",
}
"""An English word of the register, as a pattern, and the Chinese one that always says it."""

OTHERWISE = {
    "subscription": {
        "A register of internet subscriptions under a published rule.": "whoever has one: 互联网接入用户",
        "{title}, kept by {registrar}: a register of internet subscriptions": "the same on paper",
        "{operator} has filed your internet subscription in this roll": "备案 is said of 互联网接入",
        "File a subscription yourself": "自行备案 says it",
        "When the subscription began": "开通日期, as the column of a file",
        "first day on which a subscription can have begun": "likewise",
        "Your operator gave you a filing code": "备案 has no object here",
    },
    "operator": {
        "access operators": "接入单位, the word of Order 33",
        "interconnecting operators": "互联单位, likewise",
        "information operators": "信息服务单位, likewise",
    },
    "seat": {"Somebody took a seat": "入座", "Somebody left a seat": "离座"},
    "tell|told|telling": {"is told to do what": "要求: an order", "That two files from one entry": "看出: to see"},
    "lead": {
        "The proof does not lead": "a verb",
        "Nothing leads to the step": "a verb",
        "The act {act!r} leads out of": "a verb",
        "a step from which silence leads": "a verb",
        "an act of its owner that leads": "a verb",
    },
    "request": {
        "Something is wrong with this request": "a request of the browser",
        "The request cannot be read": "a request of a program",
    },
}
"""Where a word is rightly said in another way: how the English begins, and why."""


def told_otherwise(word: str, english: str) -> bool:
    """Whether a text says a word in another way for a reason."""
    return any(english.startswith(begin) for begin in OTHERWISE.get(word.rstrip("?").rstrip("s"), ()))


def names(word: str, english: str) -> bool:
    """Whether a text has a word: outside of placeholders and commands, which are no words."""
    words = re.sub(r"%\(\w+\)s|\{\w+(!r)?\}|`[^`]*`", "", english)
    return bool(re.search(rf"(?<![\w-])({word})(?![\w-])", words, re.IGNORECASE))


def test_the_catalogue_is_not_doubtful_as_a_whole() -> None:
    """The catalogue is not marked fuzzy, which would keep it from being compiled."""
    assert not catalogue().fuzzy


def test_everything_that_is_said_is_translated() -> None:
    """There is no text of a page without a translation, and no translation without a text."""
    assert texts() == {(message.context or "", str(message.id)) for message in MESSAGES}


def what_is_wrong(message: Message) -> str:
    """What a translation lacks; nothing where it is whole."""
    english, chinese = str(message.id), str(message.string)
    places = [set(re.findall(r"\{([a-z]+)(?:!r)?\}", text)) for text in (english, chinese)]
    values = [sorted(re.findall(r"%\([a-z]+\)s", text)) for text in (english, chinese)]
    if not chinese or message.fuzzy:
        return "is not there, or doubtful"
    if chinese == english and re.search("[a-z]{2}", re.sub(r"\{\w+\}|For example", "", english)):
        return "is the English again"
    return "" if places[1] == places[0] and values[0] == values[1] else "loses or adds a placeholder"


def test_a_translation_is_whole() -> None:
    """A translation is there, is not the English again, is not doubtful, and keeps the placeholders."""
    assert {str(message.id): wrong for message in MESSAGES if (wrong := what_is_wrong(message))} == {}


@pytest.mark.parametrize(
    ("english", "chinese", "wrong"),
    [
        ("a word", "", "is not there, or doubtful"),
        ("a word", "a word", "is the English again"),
        ("on {day}", "在{date}", "loses or adds a placeholder"),
        ("%(count)s rows", "行", "loses or adds a placeholder"),
        ("a word", "词", ""),
    ],
)
def test_what_is_wrong_is_seen(english: str, chinese: str, wrong: str) -> None:
    """Each way in which a translation is not whole is named, so that the test above can fail."""
    assert what_is_wrong(Message(english, chinese)) == wrong


@pytest.mark.parametrize("pattern", MISPOINTED.values(), ids=MISPOINTED)
def test_chinese_is_pointed_as_chinese(pattern: str) -> None:
    """Marks are full-width, quotation marks are curly, and nothing stands between two Chinese characters."""
    filled = {text: re.sub(r"%\(\w+\)s|\{\w+\}", "字", text) for text in CHINESE}
    assert [text for text, said in filled.items() if re.search(pattern, said)] == []


@pytest.mark.parametrize("pair", ["“”", "（）", "《》"])
def test_marks_stand_in_pairs(pair: str) -> None:
    """Every quotation mark and bracket that opens is closed."""
    assert [text for text in CHINESE if text.count(pair[0]) != text.count(pair[1])] == []


@pytest.mark.parametrize("word", WORDS)
def test_one_word_for_a_thing(word: str) -> None:
    """A word of the register is said with the same Chinese word on every page, in every refusal and on paper."""
    asked = [
        (english, chinese) for english, chinese in PAIRS if names(word, english) and not told_otherwise(word, english)
    ]
    assert asked
    assert [pair for pair in asked if WORDS[word] not in pair[1]] == []


def test_every_exception_is_one() -> None:
    """What is said in another way is there, has the word, and does not have the usual Chinese for it."""
    usual = {word.rstrip("?").rstrip("s"): (word, chinese) for word, chinese in WORDS.items()}
    for word, begins in OTHERWISE.items():
        pattern, expected = usual[word]
        for begin in begins:
            found = [chinese for english, chinese in PAIRS if english.startswith(begin) and names(pattern, english)]
            assert found, begin
            assert all(expected not in chinese for chinese in found), begin


def test_a_text_that_is_asked_for_inside_an_f_string_is_known_from_elsewhere() -> None:
    """Else it is in no catalogue, and said in English to everybody, however complete the catalogues are."""
    assert list(asked_inside_a_string("said = f\"{gettext(lang, 'a')}\"")) == ["a"]
    known = {text for _, text in texts()}
    assert {
        text
        for path in Path(str(SOURCE)).rglob("*.py")
        for text in asked_inside_a_string(path.read_text(encoding="utf-8"))
    } <= known
