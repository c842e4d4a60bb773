"""The closed words and periods of a rule, as people read them: English, marked for the catalogue (`sentence`)."""

import re

from openroll.rules.sentence import Sentence, sentence


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


DECIDERS = {
    "registrar": _("the registrar"),
    "police": _("the police"),
    "ministry": _("the ministry"),
    "operator": _("the operator"),
    "independent-body": _("an independent body"),
    "other-body": _("another body"),
    "court": _("a court"),
    "regulator": _("the regulator"),
    "prosecutor": _("the prosecutor"),
    "parliament": _("parliament"),
}
KINDS = {
    "person": _("a person"),
    "household": _("a household"),
    "organisation": _("an organisation"),
    "access-operator": _("an access operator"),
    "interconnecting-operator": _("an interconnecting operator"),
    "information-operator": _("an information operator"),
    "site": _("a site"),
}
MEASURES = {
    "order-to-correct": _("order to correct"),
    "warning": _("warning"),
    "fine": _("fine"),
    "suspension": _("suspension"),
    "closure": _("closure"),
    "deactivation": _("deactivation"),
    "refusal-of-activation": _("refusal of activation"),
    "blocking-outgoing": _("blocking of outgoing service"),
    "blocking-incoming": _("blocking of incoming service"),
    "throttling": _("throttling"),
    "reactivation-ban": _("a ban on reactivation"),
    "contract-ban": _("a ban on contracts"),
    "number-withdrawal": _("withdrawal of the number"),
    "licence-suspension": _("suspension of the licence"),
    "licence-end": _("end of the licence"),
    "business-ban": _("a ban from business"),
    "seizure": _("seizure"),
    "confiscation": _("confiscation"),
    "publication": _("publication of the name"),
    "detention": _("detention"),
    "prison": _("prison"),
    "other": _("another measure"),
}
ACTS = {
    "file": _("file"),
    "report-change": _("report a change"),
    "report-end": _("report the end"),
    "report-loss": _("report a loss"),
    "report": _("report"),
    "verify": _("prove who it is"),
    "amend": _("amend its filing"),
    "renew": _("renew its filing"),
    "tell": _("tell what is asked"),
    "hand-over": _("hand over what is asked"),
    "answer": _("answer"),
    "deactivate": _("deactivate"),
    "hold-at-most": _("hold no more than a number"),
}
EVENTS = {
    "connection": _("the connection"),
    "change": _("the change"),
    "end": _("the end"),
    "activation": _("the activation"),
    "loss": _("the loss"),
    "notice": _("being given notice"),
    "sale": _("the sale"),
    "post": _("the posting"),
    "coming-of-age": _("coming of age"),
    "announcement": _("the announcement"),
    "request": _("being asked"),
    "order": _("the order"),
    "transfer": _("the transfer"),
    "port": _("the porting"),
    "suspension": _("suspension"),
    "deactivation": _("deactivation"),
    "reactivation": _("the reactivation"),
    "in-force": _("the rule's own first day"),
    "month-end": _("the end of a month"),
    "quarter-end": _("the end of a quarter"),
    "half-year-end": _("the end of a half-year"),
    "year-end": _("the end of a year"),
}
_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")
_DAYS = (_("1 day"), _("{n} days"))
_UNITS = ((_("1 year"), _("{n} years")), (_("1 month"), _("{n} months")), _DAYS)


def word(words: dict[str, str], key: str) -> Sentence:
    """A closed word; the word itself where the table has none."""
    return Sentence(words[key]) if key in words else sentence("{key}", key=key)


def period(value: str) -> Sentence | None:
    """A period such as P1M15D in words: 1 month, 15 days. None for what is no period."""
    found = _PERIOD.fullmatch(value)
    if not found or not any(found.groups()):
        return None
    parts = zip(_UNITS, found.groups(), strict=True)
    return sentence("{parts}", parts=tuple(_counted(unit, int(n)) for unit, n in parts if n))


def days(count: int) -> Sentence:
    """A number of days in words."""
    return _counted(_DAYS, count)


def _counted(unit: tuple[str, str], count: int) -> Sentence:
    one, many = unit
    return sentence(one if count == 1 else many, n=count)
