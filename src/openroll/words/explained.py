"""Explain a receipt in plain words, in any language: what was proved, what was not, and what to do when the roll is gone."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from openroll.tlog import (
    Checkpoint,
    KeyHistory,
    Policy,
    Proved,
    TlogError,
    open_note,
    parse_proof,
    printable,
    restored_receipt,
    shown,
    split_note,
    unverified_entry,
    verify_under,
)
from openroll.words.catalogue import day, gettext, listed, number, sentences
from openroll.words.reasons import ALTERED, reason


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


_SAID: dict[str, str] = {
    "good": _("This receipt is good."),
    "act": _("It proves that on {day} the log {origin} recorded this: {what}."),
    "place": _("It is entry {index} of that log (counted from 0), which had {size} entries when its keeper signed."),
    "signed": _("Signed with these keys of the log: {keys}."),
    "body": _("What was written then is in the receipt, unaltered: {body}"),
    "digests": _(
        "The digests in it stand for personal fields and are not the fields: only who holds the disclosures can say "
        "what they stand for. A field that was not told has a decoy in its place."
    ),
    "cosigned-timeless": _("The witness {name} cosigned this log, and does not say when."),
    "cosigned": _("The witness {name} cosigned this log {when}."),
    "not-cosigned": _("The witness {name} of your policy has not cosigned."),
    "unknown": _("There are signatures by keys not known here: {names}. Nothing rests on them."),
    "not": _("It does not prove:"),
    "not-true": _("that what was filed is true"),
    "not-who": _("who you are: there is no name in it, and whoever has the file can show it"),
    "not-same": _("that others are shown the same log: that takes witnesses, and you gave no policy that asks for any"),
    "same": _(
        "The witnesses that your policy asks for have cosigned: up to this head others are shown the same log, unless "
        "those witnesses are all in it together."
    ),
    "gone": _(
        "When the roll is gone: this file needs no server. Keep the file, the log's public keys and your disclosures; "
        "any mirror can bring it under a newer head (openroll receipt upgrade), and a court or anyone else can check "
        "it with the network off (python -P -m openroll.tlog verify)."
    ),
    "bad": _("This receipt is not good."),
    "bad-unchecked": _(
        "It says of itself: {what} on {day}, entry {index} of the log {origin}. None of this is proved."
    ),
    "bad-do": _(
        "Ask whoever gave it to you for another. If that one is no better, keep this file as it is: it may be evidence."
    ),
    "bad-ask": _(
        "Ask whoever gave it to you for another. That a file was cut off or changed on its way says nothing against the log."
    ),
    "bad-repair": _(
        "Get it anew, or repair it: openroll receipt repair FILE. What it says was not tampered with, and this says "
        "nothing against the log."
    ),
    "other-log": _(
        "Check the public keys that you hold, and whether the log has changed its keys since (see --history)."
    ),
    "key-missing": _("See whether the log has changed its keys since (--history)."),
    "key-revoked": _("The key that signed it was revoked, and what it signed from then on does not count."),
    "quorum-missing": _(
        "The log has signed, but too few witnesses of your policy have cosigned. Get the receipt again later, or upgrade it."
    ),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A receipt in words: whether it is good, and its paragraphs in the order in which they are read.

    A paragraph may have lines, all of them ours: what stands in the receipt is on one line, whatever is in it.
    """

    good: bool
    paragraphs: tuple[str, ...]


def explained(
    data: bytes, keys: KeyHistory, lang: str, what: Callable[[str], str], policy: Policy | None = None
) -> Explained:
    """Verify a receipt and say in a language what that came to. `what` names a kind of entry as people do.

    Never raises for what is in the receipt: a bad one is explained too.
    """
    speak = _Speaker(lang, what)
    try:
        proved = verify_under(data, keys, policy)
    except TlogError as error:
        return Explained(False, tuple(speak.bad(data, error)))
    return Explained(True, tuple(speak.good(data, keys, proved, policy)))


class _Speaker:
    def __init__(self, lang: str, what: Callable[[str], str]) -> None:
        self._lang = lang
        self._what = what

    def say(self, code: str, **given: str) -> str:
        """One of the sentences, in this language."""
        return gettext(self._lang, _SAID[code]).format(**given)

    def good(self, data: bytes, keys: KeyHistory, proved: Proved, policy: Policy | None) -> Iterator[str]:
        """What a good receipt proves, and what it does not."""
        entry, head = proved.entry, proved.checkpoint
        yield self.say("good")
        yield self.say("act", day=self._day(entry.day), origin=printable(head.origin), what=self._what(entry.kind))
        yield self.say("place", index=number(self._lang, proved.index), size=number(self._lang, head.size))
        yield from self._signatures(data, keys, proved, policy)
        body = printable(proved.body.decode("utf-8", "replace"))
        yield self.say("body", body=body)
        if '"digests":' in body:
            yield self.say("digests")
        witnessed = policy is not None and policy.quorum != "none"
        if witnessed:
            yield self.say("same")
        nots = ["not-true", "not-who", *([] if witnessed else ["not-same"])]
        yield "\n".join([self.say("not"), *(f"  - {self.say(code)}" for code in nots)])
        yield self.say("gone")

    def bad(self, data: bytes, error: TlogError) -> Iterator[str]:
        """What is wrong with a receipt, what it claims, and what to do."""
        yield self.say("bad")
        why = [reason(self._lang, error.rule), self.say(error.code) if error.code in _SAID else ""]
        said = list(filter(None, why))
        yield sentences(self._lang, said) if said else printable(str(error))
        claimed = _claimed(data)
        if claimed is not None:
            kind, on, origin, index = claimed
            named = number(self._lang, index)
            yield self.say("bad-unchecked", day=self._day(on), what=self._what(kind), origin=origin, index=named)
        if error.rule in ALTERED or not error.rule:
            yield self.say("bad-do")
        else:
            yield self.say("bad-repair" if error.rule == "F0" else "bad-ask")

    def _signatures(self, data: bytes, keys: KeyHistory, proved: Proved, policy: Policy | None) -> Iterator[str]:
        """Whose signatures were checked and are good; every other line in the file is a stranger's, whatever its name."""
        logs = [one.verifier for one in policy.logs] if policy else []
        note = open_note(parse_proof(data).checkpoint, list(dict.fromkeys([*keys.at(proved.checkpoint.size), *logs])))
        yield self.say("signed", keys=self._listed(f"{one.name}+{one.key_id.hex()}" for one in note.signed_by))
        for one in proved.cosignatures:
            code = "cosigned" if one.time else "cosigned-timeless"
            yield self.say(code, name=printable(shown(one.witness.name)), when=self._when(one.time))
        have = {one.witness.name for one in proved.cosignatures}
        for missing in (one.name for one in (policy.witnesses if policy else ()) if one.name not in have):
            yield self.say("not-cosigned", name=printable(shown(missing)))
        known = {(one.signature.name, one.signature.key_id) for one in proved.cosignatures}
        rest = [one for one in note.unknown if (one.name, one.key_id) not in known]
        if rest:
            yield self.say("unknown", names=self._listed(f"{one.name}+{one.key_id.hex()}" for one in rest))

    def _listed(self, names: Iterable[str]) -> str:
        return printable(listed(self._lang, names))

    def _day(self, text: str) -> str:
        return day(self._lang, date.fromisoformat(text))

    def _when(self, seconds: int) -> str:
        try:
            moment = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError):
            return str(seconds)
        clock = f"{moment:%H:%M:%S} UTC"
        on = day(self._lang, moment.date())
        return gettext(self._lang, _("on {day} at {time}")).format(day=on, time=clock)


def _claimed(data: bytes) -> tuple[str, str, str, int] | None:
    """What a bad receipt says of itself, where it can be read at all: kind, day, origin, index."""
    try:
        proof = parse_proof(restored_receipt(data) or data)
        entry, head = unverified_entry(proof), Checkpoint.parse(split_note(proof.checkpoint)[0])
    except TlogError:
        return None
    return entry.kind, entry.day, printable(head.origin), proof.index
