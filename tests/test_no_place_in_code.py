"""No jurisdiction, language, currency or time zone stands in the code: places' and rules' data hold them (issue 11, Done-when 1).

What is looked at is every string, name and keyword of the program. Docstrings and comments explain with examples, as do what
schemas are described with (`Meta`, `key`) and the help of commands (`help=`): these are apart.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from openroll import places
from openroll.rules.language import ENGLISH

SOURCE = Path(__file__).parents[1] / "src" / "openroll"
SCRIPTS_OF_PAGES = Path(__file__).parents[1] / "frontend" / "src"
OTHERS = (".html", ".js", ".typ")
"""What else a page or a paper is made of."""
QUOTED = re.compile(r"\"([^\"]{1,200})\"|'([^']{1,200})'")
LANGUAGES = {lang for name in places.shipped() for lang in places.load(name).jurisdiction.languages}
JURISDICTIONS = {
    *places.shipped(),
    *(code for name in places.shipped() for code in places.load(name).by_code if len(code) > 3),
}
LONG_NAMES = re.compile("|".join(rf"(?<![\w-]){re.escape(one)}(?![\w-])" for one in places.shipped() if len(one) > 2))
PEOPLE = re.compile(
    r"\b(chongqing|china|chinese|kenyan?|nairobi|philippines?|filipino|switzerland|swiss|bern|swahili|shanghai|yuan"
    r"|shillings?|renminbi|pesos?|francs?)\b",
    re.IGNORECASE,
)
ZONE = re.compile(r"\b(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z]\w+")
ZONES = available_timezones()
SCRIPTS = re.compile("[\u0370-\u1fff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
"""Letters of no Western language: Greek to Thai, Han, Kana, Hangul, and full-width forms."""
CURRENCIES = frozenset(list_currencies())


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string of a program but its docstrings, and every name that it gives: (line, text)."""
    nodes = list(ast.walk(tree))
    docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    docs |= {id(part) for node in nodes if isinstance(node, ast.Call | ast.keyword) for part in _explaining(node)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value
        elif isinstance(node, ast.keyword) and node.arg and id(node.value) not in docs:
            yield node.value.lineno, node.arg
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr


def quoted(text: str) -> Iterator[tuple[int, str]]:
    """What stands in quotation marks in a template, a script or a form for paper: (line, text).

    Not `en`: passages that are English on every page, such as the names of programs, are marked as that.
    """
    for number, line in enumerate(text.splitlines(), 1):
        for hit in QUOTED.finditer(line):
            if (hit[1] or hit[2]) != ENGLISH:
                yield number, hit[1] or hit[2]


def _explaining(node: ast.AST) -> Iterator[ast.AST]:
    """What of a program explains it: the descriptions and examples of a schema, and the help of an option."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Meta", "key"):
        yield from ast.walk(node)
    elif isinstance(node, ast.keyword) and node.arg == "help":
        yield from ast.walk(node.value)


def found_in(text: str) -> Iterator[str]:
    """What a string says of a place: a language's tag, a jurisdiction's name or code, a people's word, a zone, a currency."""
    if text in LANGUAGES or text.rpartition("_")[2] in LANGUAGES:
        yield f"language {text}"
    if text in JURISDICTIONS or LONG_NAMES.search(text):
        yield f"jurisdiction {text}"
    if hit := PEOPLE.search(text.replace("_", " ")):
        yield f"place {hit[0]}"
    if (zone := ZONE.search(text)) and zone[0] in ZONES:
        yield f"zone {zone[0]}"
    if hit := SCRIPTS.search(text):
        yield f"script {hit[0]}"
    if text in CURRENCIES:
        yield f"currency {text}"


@cache
def _found(text: str) -> tuple[str, ...]:
    """The same, remembered: most names stand in many places."""
    return tuple(found_in(text))


def every_find() -> dict[tuple[str, str], set[int]]:
    """What stands where: by file, relative to the package, and find, its lines."""
    finds: dict[tuple[str, str], set[int]] = {}
    for path in sorted(one for folder in (SOURCE, SCRIPTS_OF_PAGES) for one in folder.rglob("*")):
        if path.suffix not in (".py", *OTHERS) or "build" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        name = str(path.relative_to(SOURCE if path.is_relative_to(SOURCE) else SCRIPTS_OF_PAGES.parent))
        for line, said in strings(ast.parse(text)) if path.suffix == ".py" else quoted(text):
            for one in _found(said):
                finds.setdefault((name, one), set()).add(line)
    return finds


EXAMPLE = "an example of the form, shown where somebody wrote something else; a right one has to be of somewhere"
OLD_ROLLS = "rolls of before titles were by language had two; their facts are read, and their options taken, for ever"
LETTERS = "classes of Unicode, not of a place: what a character is, whoever writes it"
ITS_OWN = "English, in which the program's own texts are written, and the languages of rolls of before, named once"
BENCH = "measures on one of the shipped examples, and says which"
SPREADSHEETS = "how spreadsheets of that language write a date: a file is told what it holds, in any roll"
CASE = "the register of the case that all this answers: its published number stands beside every roll's own"
ARTICLE = "the source that a safeguard is taken from"
SLIPS = "slips of who writes with another keyboard: full-width marks, and words for days and years behind a number"
MARKS = "which letters show that a passage is of another language than its page, and which stops end a sentence"

WORD_ORDER = "how words stand in the languages of telltales.yaml; what is in none of them is read by two people"
EXCEPTIONS: dict[str, dict[str, str]] = {
    "web/decay.py": dict.fromkeys(("place chongqing", "place CHONGQING"), CASE),
    "web/templates/decay.html": {"place Chongqing": CASE},
    "bench/beside_simulation.py": {"place chongqing": BENCH},
    "bench/measuring.py": {
        "jurisdiction cn-cq-2006": BENCH,
        "language zh": BENCH,
        "language en": BENCH,
        "script 测": BENCH,
        "script 某": BENCH,
    },
    "bench/filings.py": {"jurisdiction 500103": BENCH},
    "bench/requests.py": dict.fromkeys(("language zh", "language en", "script 测"), BENCH),
    "bench/sender.py": {"jurisdiction 500103": BENCH},
    "bench/whatif.py": {"place chongqing": BENCH},
    "cli/arguments.py": {"place Kenya": EXAMPLE},
    "cli/jurisdiction.py": {"jurisdiction ke": "the shipped example that `new` copies where none is named"},
    "cli/registrar.py": dict.fromkeys(
        ("language title_en", "language title_zh", "language zh", "language en"), OLD_ROLLS
    ),
    "disclosure/text.py": dict.fromkeys(
        (
            "script \u0600",
            "script \u115f",
            "script \u1680",
            "script \u2e80",
            "script \u1820",
            "script \u3000",
            "script \u180b",
        ),
        LETTERS,
    ),
    "paper/letters.typ": {"language zh": "how its script is set: lines that leave no single character"},
    "paper/sheet.typ": {"language zh": "how its script is set: where lines break, which quotation marks"},
    "paper/typeface.py": {"script 〓": "the mark that a printer sets for a letter it has not"},
    "places/address.py": {"script 、": LETTERS},
    "places/looks.py": dict.fromkeys(("currency KES", "language sw"), EXAMPLE),
    "places/readable.py": {"place Nairobi": EXAMPLE},
    "places/reading.py": dict.fromkeys(("language sw", "language en"), EXAMPLE),
    "register/organisation/events.py": dict.fromkeys(
        ("language title_zh", "language title_en", "language zh", "language en"), OLD_ROLLS
    ),
    "register/roll/events.py": dict.fromkeys(
        ("language title_zh", "language title_en", "language zh", "language en"), OLD_ROLLS
    ),
    "register/subscription/filing_code.py": {"script ０": LETTERS},
    "rules/check.py": dict.fromkeys(("place Chongqing", "place Philippine"), ARTICLE),
    "rules/doings.py": dict.fromkeys(("language zh", "script ，", "script 的", "script 机"), WORD_ORDER),
    "rules/heads.py": dict.fromkeys(("language zh", "language en", "language de"), WORD_ORDER),
    "rules/language.py": dict.fromkeys(("language en", "language zh"), ITS_OWN),
    "rules/meant.py": dict.fromkeys(
        ("script 天", "script 日", "script 周", "script 个", "script 年", "script 小", "script 时", "script 分"), SLIPS
    ),
    "rules/naming.py": {"script 〇": LETTERS},
    "rules/slips.py": dict.fromkeys(("script ，", "script ｛", "script ："), SLIPS),
    "rules/telltales.py": {"script ・": LETTERS},
    "rules/text.py": dict.fromkeys(("script ，", "script ："), SLIPS) | {"script \u115f": LETTERS},
    "rules/zones.py": dict.fromkeys(("place Nairobi", "zone Africa/Nairobi"), EXAMPLE),
    "sheet/encodings.py": dict.fromkeys(("script 一", "script ぀", "script 가", "script А", "script \u0800"), LETTERS),
    "sheet/faults.py": {"script ＝": LETTERS},
    "sheet/rows.py": dict.fromkeys(("place chinese", "place Chinese", "script 年"), SPREADSHEETS),
    "watch/mirror/site.py": dict.fromkeys(("language zh", "language en"), OLD_ROLLS),
    "web/markup.py": dict.fromkeys(("place CHINESE", "language zh", "script 」", "script 。"), MARKS),
    "words/catalogue.py": dict.fromkeys(
        ("language en", "language zh"), "where CLDR's own preset for a bare tag is not how the catalogue is written"
    ),
    "words/agreement.py": dict.fromkeys(("script ，", "script \u061c"), LETTERS),
    "words/spreadsheet.py": {"script ＝": LETTERS},
    "words/fitted.py": {"script ，": LETTERS},
    "words/faults.py": dict.fromkeys(("place chinese", "place Chinese"), SPREADSHEETS),
}
"""What may stand where, and why. One that stands nowhere any more is taken out: the test says so."""


def test_no_place_stands_in_the_code() -> None:
    """Every find is an exception with its reason, and every exception is found."""
    finds = {key: sorted(lines) for key, lines in every_find().items()}
    argued = {(file, what) for file, found in EXCEPTIONS.items() for what in found}
    assert {f"{file}:{lines} {what}" for (file, what), lines in finds.items() if (file, what) not in argued} == set()
    assert argued - finds.keys() == set()


def test_the_search_finds_each_kind() -> None:
    """A language's tag, a jurisdiction, a zone, a currency, a people's word and another script are found; plain words are not."""
    for text in (
        "sw",
        "title_zh",
        "ch-be",
        "under ke-notification or cn-cq-2006",
        "Africa/Nairobi",
        "KES",
        "in yuan",
        "规则",
    ):
        assert list(found_in(text)), text
    for text in ("household", "the rule", "Area/City", "open"):
        assert not list(found_in(text)), text


if __name__ == "__main__":
    for (file, what), lines in every_find().items():
        print(file, what, sorted(lines))
