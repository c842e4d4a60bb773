"""What a closed list does not know, said so that it can be put right: the very word, its language, and who lists the others."""

from openroll.rules.language import Text
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.telltales import Group, Stray, stray, unsaid


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


def because(why: Sentence, group: Group, name: str, text: Text) -> Sentence:
    """A reason with the word that is in no list, where it is one; else (a language without a list) the reason alone."""
    return _with_word(why, group, stray(group, name, text))


def as_unsaid(why: Sentence, group: Group, name: str, text: Text) -> Sentence:
    """A reason why a thing does not say what a group of words means, with the text that does not and its language."""
    return _with_word(why, group, unsaid(group, name, text))


def _with_word(why: Sentence, group: Group, found: Stray | None) -> Sentence:
    if found is None:
        return why
    if not found.lang:
        told = _("{why}; the word {word} of its name (`openroll rule words --list {list}` has those that are)")
    else:
        told = _(
            "{why}; the word {word} in {lang} (`openroll rule words --lang {lang} --list {list}` has those that are)"
        )
    return sentence(told, why=why, word=found.word, lang=found.lang, list=group)


def failing(group: Group, text: Text) -> str:
    """The text as it stands in the language that fails; in its first one where none is known."""
    found = stray(group, "", text)
    return found.text if found is not None else next(iter(text.values()))
