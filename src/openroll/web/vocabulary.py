"""The closed lists as people read them: kinds, ways to connect, events, states of duties, who acted."""

from openroll.words.catalogue import gettext


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


KINDS = {
    "household": _("A household"),
    "person": _("A person"),
    "organisation": _("An organisation"),
    "access-operator": _("access operators"),
    "interconnecting-operator": _("interconnecting operators"),
    "information-operator": _("information operators"),
    "site": _("web sites"),
}
SUBSCRIBERS = ("household", "person", "organisation")
ACCESSES = {
    "dial-up": _("Telephone dial-up"),
    "adsl": _("ADSL over the telephone line"),
    "lan": _("Building network"),
    "cable": _("Television cable"),
    "leased-line": _("Dedicated line"),
    "wireless": _("Wireless"),
    "other": _("Something else"),
}
EVENTS = {
    "subscription.filed/1": _("Filed"),
    "subscription.changed/1": _("Changed"),
    "subscription.ended/1": _("Ended"),
    "subscription.notified/1": _("Told by choice"),
    "subscription.withdrawn/1": _("Taken back"),
    "subscription.corrected/1": _("Corrected"),
}
STATES = {
    "not-yet-due": _("not begun"),
    "due": _("due"),
    "met": _("met"),
    "met-late": _("met, late"),
    "overdue": _("overdue"),
}
ROLES = {"operator": _("the operator"), "subscriber": _("you"), "registrar": _("the registrar")}
VERDICTS = {
    "malformed": _("This is not a receipt, or it was damaged: its form is not the one a receipt has."),
    "other-log": _("This receipt is from another log, not from this roll's."),
    "key-missing": _("A signature of this log's keys is missing: the file was cut or altered."),
    "signature-failed": _("A signature does not fit: the checkpoint in the file was altered."),
    "content-changed": _("What the receipt says was logged is not what stands in the log: it was altered."),
    "proof-failed": _("The proof does not lead to the signed root: the file was altered."),
}


def words(lang: str, table: dict[str, str], key: str) -> str:
    """The words for a key of one of these tables; the key itself where there are none."""
    return gettext(lang, table[key]) if key in table else key


def options(lang: str, table: dict[str, str], keys: tuple[str, ...] | None = None) -> list[dict[str, str]]:
    """The items of a select, in the table's order."""
    return [{"value": key, "text": gettext(lang, table[key])} for key in (keys or tuple(table))]
