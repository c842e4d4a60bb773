"""The sentences for why a receipt is not good, one a verification rule (docs/proofs.md)."""

from openroll.words.catalogue import gettext


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


REASONS: dict[str, str] = {
    "K1": _("A public key is not written as name+<8 hex digits>+<base64>."),
    "K2": _("A public key is of no known kind, or of the wrong length."),
    "K3": _("A public key does not fit its id: a character was mistyped."),
    "K4": _("A public key is none that was made properly: under such a key one signature can fit any text."),
    "K5": _("Two different public keys have one name and id, and cannot be told apart."),
    "K6": _("No public key of a log was given, so nothing can be checked."),
    "P1": _("A line of the policy is not as its format has it."),
    "F0": _(
        "This file was changed by a program that saves text (its line ends or its encoding). What it says was not "
        "tampered with, and this says nothing against the log. Get the receipt anew, or repair it."
    ),
    "F1": _("The file is too large: a receipt has at most a million bytes."),
    "F2": _("It has no empty line between proof and checkpoint: it is no receipt, or was cut off."),
    "F3": _("Its first line is not c2sp.org/tlog-proof@v1, or its proof is not ASCII: it is no receipt."),
    "F4": _("The line that begins with “extra” is missing, or its base64 is not in its one form."),
    "F5": _("The line that begins with “index” is missing, or its number is not written as it must be."),
    "F6": _("A hash of the proof is not 32 bytes, or there are too many."),
    "F7": _("What the “extra” line holds is not JSON in its one form."),
    "F8": _("The salt is not exactly 32 bytes: the line between salt and content was moved, or the file is damaged."),
    "F9": _("The domain is not written as it must be."),
    "F10": _("The entry is not in its one form: its kind, its day, its commitment or the line end behind it is wrong."),
    "F11": _("The checkpoint is no signed text: it was cut off, is not UTF-8, or holds control characters."),
    "F12": _("A signature line is not written as it must be, or there are too many."),
    "F13": _("The checkpoint does not say the log's name, its size and its root as it must."),
    "S1": _("It is from another log."),
    "S2": _("It is from a log that the policy does not list."),
    "S3": _("One key has two signature lines: one of them was put in."),
    "S4": _("A signature does not fit: text or signature was altered after it was signed."),
    "S5": _("No known key has signed it: it is from another log of the same name, or under other keys."),
    "S6": _("A key that was given has not signed it: a line was taken away, or the log has changed its keys."),
    "S7": _("None of the keys that the policy lists for this log has signed it."),
    "C1": _("What the receipt says was logged is not what the log committed to: it was altered."),
    "C2": _("The log says this act in clear, and the receipt says something else: one of the two is untrue."),
    "I1": _("The place it claims is beyond the size of the log."),
    "I2": _("The proof does not lead to the signed root: the entry, its place or the proof was altered."),
    "Q1": _("Fewer witnesses have cosigned than the policy asks for."),
    "pdf": _("This PDF carries no receipt."),
    "disclosures": _(
        "This is the text that opens what was told, not a receipt. Choose the receipt (.tlog-proof) here, and this text below it."
    ),
    "given-file": _(
        "This should be a file that somebody gave, and is not in its form: it was changed, or made otherwise. Ask for it again."
    ),
    "notices": _(
        "This is a list of what was asked about somebody, as they took it away. It is no receipt, and nothing in it can be"
        " checked here."
    ),
    "sd-jwt": _(
        "This is a token (SD-JWT) that an operator signed, and no receipt. It is read by the command:"
        " openroll disclosure read-sd-jwt FILE --from KEY, with the key that the operator publishes."
    ),
    "picture": _("This is a picture. Ask whoever gave it to you for the file, or for the link."),
    "zip": _("This is a ZIP or a spreadsheet. Ask whoever gave it to you for the file, or for the link."),
    "given": _("What stands behind the number sign of this link is damaged or was cut off. Ask for the link again."),
}
"""The rule's number -> the sentence. Those in small letters are the page's: what is no receipt."""

ALTERED = frozenset({"S3", "S4", "C1", "C2", "I1", "I2"})
"""Rules that a file breaks only where somebody altered it, or the log did wrong: such a file is worth keeping."""


def reason(lang: str, rule: str) -> str:
    """The sentence for a rule that a receipt breaks; empty for what is none."""
    return gettext(lang, REASONS[rule]) if rule in REASONS else ""
