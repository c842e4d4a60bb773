"""A receipt in plain words, in either language: what was proved, what was not, and what to do when the roll is gone."""

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
from openroll.words.catalogue import day, number
from openroll.words.reasons import ALTERED, reason

_SAID: dict[str, tuple[str, str]] = {
    "good": ("这份回执核验无误。", "This receipt is good."),
    "act": (
        "它证明：{day}，日志“{origin}”记下了一件事：{what}。",
        "It proves that on {day} the log {origin} recorded this: {what}.",
    ),
    "place": (
        "这是该日志的第{index}条（从0数起）；保管者签名时日志共有{size}条。",
        "It is entry {index} of that log (counted from 0), which had {size} entries when its keeper signed.",
    ),
    "signed": ("签名的日志密钥：{keys}。", "Signed with these keys of the log: {keys}."),
    "body": (
        "当时写下的内容一字未改，附在回执里：{body}",
        "What was written then is in the receipt, unaltered: {body}",
    ),
    "digests": (
        "其中的“digests”是个人信息的摘要，不是信息本身；只有持有披露文本的人能说出它们代表什么。没有告知的项目用诱饵摘要代替。",
        (
            "The digests in it stand for personal fields and are not the fields: only who holds the disclosures can say what "
            "they stand for. A field that was not told has a decoy in its place."
        ),
    ),
    "cosigned-timeless": (
        "见证者{name}联署了这份日志，但没有写明时间。",
        "The witness {name} cosigned this log, and does not say when.",
    ),
    "cosigned": ("见证者{name}在{when}联署了这份日志。", "The witness {name} cosigned this log {when}."),
    "not-cosigned": ("您的策略中的见证者{name}没有联署。", "The witness {name} of your policy has not cosigned."),
    "unknown": (
        "还有不认识的密钥的签名：{names}。本次核验没有依靠它们。",
        "There are signatures by keys not known here: {names}. Nothing rests on them.",
    ),
    "not": ("它不证明：", "It does not prove:"),
    "not-true": ("所备案的内容属实", "that what was filed is true"),
    "not-who": (
        "您是谁：回执里没有姓名，谁持有这个文件谁就能出示",
        "who you are: there is no name in it, and whoever has the file can show it",
    ),
    "not-same": (
        "别人看到的是同一份日志：这要靠见证者，而您没有给出要求联署的策略",
        "that others are shown the same log: that takes witnesses, and you gave no policy that asks for any",
    ),
    "same": (
        "您的策略要求的见证者都已联署，所以别人看到的日志到这一条为止与此相同，除非这些见证者都串通一气。",
        (
            "The witnesses that your policy asks for have cosigned: up to this head others are shown the same log, unless those "
            "witnesses are all in it together."
        ),
    ),
    "gone": (
        (
            "登记册不在了怎么办：这份文件不需要它的服务器。保存好这个文件、日志公钥和您的披露文本；任何一份镜像都能把它换成更新的日志签名"
            "（openroll receipt upgrade），法院或其他人可以断网核验（python -m openroll.tlog verify）。"
        ),
        (
            "When the roll is gone: this file needs no server. Keep the file, the log's public keys and your disclosures; any "
            "mirror can bring it under a newer head (openroll receipt upgrade), and a court or anyone else can check it with the "
            "network off (python -m openroll.tlog verify)."
        ),
    ),
    "bad": ("这份回执不可信。", "This receipt is not good."),
    "bad-unchecked": (
        "它自称：{day}，{what}，日志“{origin}”第{index}条。这些都没有得到证明。",
        "It says of itself: {what} on {day}, entry {index} of the log {origin}. None of this is proved.",
    ),
    "bad-do": (
        "请向给您回执的一方再要一份；如果仍然如此，请把这个文件原样保存，作为证据。",
        "Ask whoever gave it to you for another. If that one is no better, keep this file as it is: it may be evidence.",
    ),
    "bad-ask": (
        "请向给您回执的一方再要一份。文件在路上被截断或改动过并不说明日志有错。",
        "Ask whoever gave it to you for another. That a file was cut off or changed on its way says nothing against the log.",
    ),
    "bad-repair": (
        "请重新取一份；或者修复它：openroll receipt repair 文件。内容没有被篡改，也不说明日志有错。",
        (
            "Get it anew, or repair it: openroll receipt repair FILE. What it says was not tampered with, and this says nothing "
            "against the log."
        ),
    ),
    "other-log": (
        "请核对您手里的公钥，也看看日志是否换过密钥（见 --history）。",
        "Check the public keys that you hold, and whether the log has changed its keys since (see --history).",
    ),
    "key-missing": (
        "请看看日志后来是否换过密钥（见 --history）。",
        "See whether the log has changed its keys since (--history).",
    ),
    "key-revoked": (
        "签名的密钥已被撤销，从那以后它签的都不算数。",
        "The key that signed it was revoked, and what it signed from then on does not count.",
    ),
    "quorum-missing": (
        "日志已签名，但联署的见证者不够您的策略的要求。请过一会儿再取一份回执，或升级它。",
        "The log has signed, but too few witnesses of your policy have cosigned. Get the receipt again later, or upgrade it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A receipt in words: whether it is good, and its paragraphs in the order in which they are read."""

    good: bool
    paragraphs: tuple[str, ...]


def explained(
    data: bytes, keys: KeyHistory, lang: str, what: Callable[[str], str], policy: Policy | None = None
) -> Explained:
    """Verify a receipt and say in `zh` or `en` what that came to. `what` names a kind of entry as people do.

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
        return _SAID[code][0 if self._lang == "zh" else 1].format(**given)

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
        yield ("" if self._lang == "zh" else " ").join(filter(None, why)) or printable(str(error))
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
        return printable(("、" if self._lang == "zh" else ", ").join(names))

    def _day(self, text: str) -> str:
        return day(self._lang, date.fromisoformat(text))

    def _when(self, seconds: int) -> str:
        try:
            moment = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError):
            return str(seconds)
        clock = f"{moment:%H:%M:%S} UTC"
        on = day(self._lang, moment.date())
        return f"{on} {clock}" if self._lang == "zh" else f"on {on} at {clock}"


def _claimed(data: bytes) -> tuple[str, str, str, int] | None:
    """What a bad receipt says of itself, where it can be read at all: kind, day, origin, index."""
    try:
        proof = parse_proof(restored_receipt(data) or data)
        entry, head = unverified_entry(proof), Checkpoint.parse(split_note(proof.checkpoint)[0])
    except TlogError:
        return None
    return entry.kind, entry.day, printable(head.origin), proof.index
