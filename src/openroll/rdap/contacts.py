"""How an organisation is written as a contact: by its titles alone. The register holds no address, telephone or person of any."""

from typing import Any

from openroll.rules.language import Text, in_language

UNDETERMINED = "und"
"""The language of a name that nobody said the language of (RFC 5646 section 4.1)."""


def jcard(title: Text, lang: str) -> tuple[str, tuple[tuple[Any, ...], ...]]:
    """An organisation as a jCard (RFC 7095): its title in the reader's language, then in each other one with its language."""
    first = in_language(title, lang)
    others = tuple(("org", {"language": tag}, "text", said) for tag, said in sorted(title.items()) if said != first)
    head: tuple[tuple[Any, ...], ...] = (("version", {}, "text", "4.0"), ("fn", {}, "text", first))
    return "vcard", (*head, ("kind", {}, "text", "org"), ("org", {}, "text", first), *others)


def jscontact(title: Text, lang: str, uid: str) -> dict[str, Any]:
    """An organisation as a JSContact card (RFC 9553); `uid` names it for all time."""
    said = in_language(title, lang)
    tag = next((one for one, text in sorted(title.items()) if text == said), lang)
    card: dict[str, Any] = {
        "@type": "Card",
        "version": "1.0",
        "uid": uid,
        "kind": "org",
        "name": {"@type": "Name", "full": said},
        "organizations": {"org": {"@type": "Organization", "name": said}},
    }
    if tag != UNDETERMINED:
        card["language"] = tag
    if others := {
        one: {"name/full": text, "organizations/org/name": text} for one, text in sorted(title.items()) if one != tag
    }:
        card["localizations"] = others
    return card
