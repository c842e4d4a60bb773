"""By whom the words of a rule were read, as pages say it: the organisations and roles, never a person."""

from openroll.rules.language import in_language
from openroll.service.governance.rule_readings import Reading, WordsOfRule
from openroll.words import catalogue
from openroll.words.catalogue import gettext, number, sentences
from openroll.words.labels import SEATS, words


def said_readings(lang: str, one: WordsOfRule) -> str:
    """By whom a rule's words were read, and how many are missing; empty for a rule that has no words to read."""
    if not one.words:
        return ""
    if not one.readings:
        return gettext(lang, "The words of this rule were read by nobody yet.")
    readers = gettext(lang, ", ").join(_reader(lang, reading) for reading in one.readings)
    told = [gettext(lang, "The words of this rule were read by: {readers}.").format(readers=readers)]
    if one.missing:
        text = gettext(lang, "Still missing: {count}, each of another organisation.")
        told.append(text.format(count=number(lang, one.missing)))
    if one.missing and sum(reading.sits for reading in one.readings) > 1:
        alike = gettext(lang, "Those of one organisation count as one, and so do seats that go back to one invitation.")
        told.append(alike)
    return sentences(lang, told)


def _reader(lang: str, reading: Reading) -> str:
    text = gettext(lang, "{organisation} ({role}, {day})")
    if not reading.sits:
        text = gettext(lang, "{organisation} ({role}, {day}; has left its seat since and counts no more)")
    return text.format(
        organisation=in_language(reading.title, lang) or reading.organisation,
        role=words(lang, SEATS, reading.role),
        day=catalogue.day(lang, reading.on),
    )
