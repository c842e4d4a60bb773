"""What a roll lists for everybody, held against its log, says of no honest list that it is otherwise."""

import msgspec

from openroll.register.event import Event
from openroll.register.organisation.events import OrganisationAdmitted
from openroll.register.request.compared import PublicUse
from openroll.register.request.events import UseRegistered
from openroll.watch.requests.public_log import PublicLog
from tests.told import USE
from tests.watch.cheats.forge import act_of

RULE = "r@1"


def public_log(*facts: Event) -> PublicLog:
    """A log of these facts."""
    held = PublicLog()
    for fact in facts:
        held.take(act_of(fact, "2006-12-20").entry)
    return held


def admitted(title: str) -> OrganisationAdmitted:
    """The police, admitted by this title."""
    of = {"organisation": "police", "kind": "authority", "by": "registrar/0", "rule": RULE}
    return OrganisationAdmitted(title={"en": title}, **of)


def test_an_authority_that_was_admitted_again_may_be_called_anew() -> None:
    """Its database went back: each title that it ever had is one that its uses may be listed under, and no other is."""
    use = msgspec.convert(USE, PublicUse)
    registered = UseRegistered(
        organisation="police",
        use=use.number,
        purpose=0,
        basis=use.basis,
        fields=("name",),
        supervisor=use.supervisor,
        supervised_at=use.supervised_at,
        office="1",
        by="police/1",
        rule=RULE,
    )
    held = public_log(admitted("Police"), admitted("City Police"), registered)
    named = {
        title: msgspec.structs.replace(use, titles={"en": title}) for title in ("Police", "City Police", "Library")
    }
    found = {title: list(map(str, held.contradicted([], [one], whole=True))) for title, one in named.items()}
    assert found == {"Police": [], "City Police": [], "Library": ["use 1 (titles)"]}
