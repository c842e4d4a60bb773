"""What a refusal names, in the words of pages: the acts on requests and rights to ask, where a request stands, what it lacks."""

from openroll.rules.language import in_language
from openroll.rules.procedure import procedure, procedures
from openroll.words import desk
from openroll.words.catalogue import gettext


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


IN_A_REQUEST = desk.ACTS | {
    "open": _("Open the envelopes"),
    "narrow": desk.ACTS["approve"],
    "produce": _("Ask for what is preserved"),
    "complain": _("Complain"),
}
"""Acts by the names that procedures give them (`not-in-this-step`)."""
NOT_ALLOWED = {
    "filerequest": _("Ask for fields of one record"),
    "publishkey": _("Make and publish a key"),
    "endkey": _("End a key"),
    "registeruse": _("Register a use"),
    "enduse": _("End a use"),
    "openrequest": IN_A_REQUEST["open"],
    "completerequest": desk.ACTS["complete"],
    "answerback": desk.ACTS["answer-back"],
    "confirmemergency": desk.ACTS["confirm"],
    "withdrawrequest": desk.ACTS["withdraw"],
    "signdecision": IN_A_REQUEST["sign"],
    "issuetoken": _("Issue a token"),
    "replacetoken": _("Replace a token"),
    "endtoken": _("End a token"),
    "confirm": _("Confirm a seat"),
    "leave": _("Have somebody leave"),
    "succeed": _("Carry a succession out"),
    "withdrawsuccession": _("Take a succession back"),
    "setprovider": _("Set a sign-in provider"),
    "givecodes": _("Give out filing codes"),
    "lookup": _("Look at a record"),
    "readrule": _("Sign that you read a rule"),
    "invite": _("Invite somebody"),
    "admitoperator": _("Admit an organisation"),
    "admitorganisation": _("Admit an organisation"),
    "offersuccession": _("Offer the succession"),
    "leaveroll": _("Leave the roll"),
    "erase": _("Erase this record"),
    "filesite": _("File a site"),
}
"""Acts that a role may not do, by the names that `not-allowed` gives them: all of requests, and others that people meet."""
OF_A_LEAD = frozenset(
    (
        *("publishkey", "endkey", "registeruse", "enduse", "issuetoken", "replacetoken", "endtoken", "invite", "leave"),
        *("confirm", "offersuccession", "withdrawsuccession", "leaveroll"),
    )
)
"""Those that a lead of one's own organisation does, whom one asks before the registrar."""
OF_THE_SEAT = frozenset(("issuetoken", "replacetoken"))
"""Those that not even a lead does for a token by which another seat acts."""
LACKING = desk.MISSING | {
    "fields": _("Fields"),
    "operator": _("Operator"),
    "reviewer": _("Reviewer"),
    "objector": _("Third body"),
    "earlier": _("Number of the earlier request"),
    "supervisor": _("Who hears complaints"),
    "supervised_at": _("How they are reached"),
    "office": _("Telephone of your office"),
}
"""What a request, or a use, can lack (`request-incomplete`)."""


def step_said(lang: str, step: str) -> str:
    """Where a request stands, as its procedure calls the step; the step itself where no procedure that ships has it."""
    if step == "telling-delayed":
        return gettext(lang, "the telling is put off")
    titles = (one.title for name in procedures() for one in procedure(name).steps if one.id == step)
    title = next(titles, None)
    return step if title is None else in_language(title, lang)
