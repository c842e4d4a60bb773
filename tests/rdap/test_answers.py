"""What RDAP answers about sites and organisations, held against the schemas that others made."""

import json
from datetime import date
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from openroll.hosts import ascii_host
from openroll.rdap.answers import Reader, Roll, domain, entity, help_answer
from openroll.register.request.one_record import a_labels, domain_fault
from openroll.register.site.number import number_text
from openroll.register.site.record import CONTROLS, LIVE, RETIRED, SILENT, Announced
from openroll.service.sites.lookup import ENDED, Seen
from tests.rdap.schemas import faults
from tests.vectors import needs

ROLL = Roll(
    "roll.example/log", ZoneInfo("Asia/Shanghai"), date(2006, 12, 20), {"bayu": {"en": "Bayu Net", "zh": "巴渝宽网"}}
)
SITE = Seen(
    number=1234,
    operator="bayu",
    private=False,
    kind="commercial",
    began=date(2006, 11, 1),
    filed=date(2006, 11, 3),
    control="record",
    state=LIVE,
    year=2006,
    sponsor="Chongqing Library",
    domains=("library.example", "xn--fiqs8s.example"),
    services="reading",
    since=date(2006, 11, 3),
)

STATES = (LIVE, SILENT, RETIRED, ENDED)


def reader(lang: str = "en", *, jscontact: bool = False) -> Reader:
    return Reader(lang, "https://roll.example/rdap/", "https://roll.example/", jscontact)


def sent(answer: Any) -> Any:
    return json.loads(msgspec.json.encode(answer))


@needs("rdap")
def test_every_answer_about_a_domain_is_as_the_schemas_have_it() -> None:
    """In each state of a site, with each way of showing control, in two languages and both forms of contacts."""
    of_card = "jscontact_card"
    for state, control, lang, changed in product(STATES, CONTROLS, ("en", "zh"), (None, date(2006, 11, 20))):
        seen = {"control_places": 1 if changed else 0, "shown": changed, "looked": changed}
        site = msgspec.structs.replace(SITE, state=state, control=control, changed=changed, **seen)
        for name in site.domains:
            assert faults(sent(domain(site, name, ROLL, reader(lang))), "domain") == []
        several = sent(domain(site, name, ROLL, reader(lang), [site, site]))
        assert (faults(several, "domain"), len(several["remarks"])) == (
            [],
            len(site.domains) + 1 + (changed is not None),
        )
        answer = sent(domain(site, name, ROLL, reader(lang, jscontact=True)))
        for one in answer["entities"]:  # a member of the extension that the answer names, which the schemas do not have
            one.pop(of_card)
        assert faults(answer, "domain") == []


def test_an_answer_says_when_the_roll_found_a_proof_itself_and_from_how_many_places() -> None:
    """Where it is the operator's word, nothing of the kind stands there."""
    seen = msgspec.structs.replace(SITE, control_places=3, shown=date(2006, 11, 9), looked=date(2006, 12, 1))
    said = str(sent(domain(seen, "library.example", ROLL, reader()))["remarks"])
    assert "This roll found it itself on 9 November 2006, from 3 places." in said
    assert "1 December 2006" in said
    assert "This roll" not in str(sent(domain(SITE, "library.example", ROLL, reader()))["remarks"])


@needs("rdap")
def test_answers_about_organisations_and_help_are_as_the_schemas_have_them() -> None:
    """An organisation by itself, and what may be asked."""
    assert faults(sent(entity("bayu", ROLL.titles["bayu"], reader())), "entity") == []
    assert faults(sent(help_answer(reader())), "help") == []


@needs("rdap")
def test_the_schemas_refuse_what_is_no_answer() -> None:
    """A check that lets everything pass would say nothing: a domain without a name, an event without a day, a word of ours."""
    answer = sent(domain(SITE, "library.example", ROLL, reader()))
    for broken in (
        {name: value for name, value in answer.items() if name != "ldhName"},
        answer | {"events": [{"eventAction": "registration"}]},
        answer | {"sponsor": "Chongqing Library"},
        answer | {"entities": [{"objectClassName": "person"}]},
    ):
        assert faults(broken, "domain")


def test_a_site_says_who_answers_for_it_and_who_hosts_it() -> None:
    """The sponsor by its name, the operator so that it can be asked for; the number, the days by the roll's zone, both names."""
    answer = sent(domain(SITE, "xn--fiqs8s.example", ROLL, reader("zh")))
    sponsor, operator = answer["entities"]
    assert (sponsor["roles"], sponsor["vcardArray"][1][1]) == (["registrant"], ["fn", {}, "text", "Chongqing Library"])
    assert "handle" not in sponsor
    assert (operator["roles"], operator["handle"]) == (["technical"], "bayu")
    assert ["fn", {}, "text", "巴渝宽网"] in operator["vcardArray"][1]
    assert ["org", {"language": "en"}, "text", "Bayu Net"] in operator["vcardArray"][1]
    assert (answer["ldhName"], answer["unicodeName"]) == ("xn--fiqs8s.example", "中国.example")
    assert answer["events"][0] == {"eventAction": "registration", "eventDate": "2006-11-03T00:00:00+08:00"}
    assert answer["handle"] == answer["publicIds"][0]["identifier"] == number_text(1234)
    assert answer["status"] == ["active"]


@pytest.mark.parametrize(
    ("site", "status"),
    [
        ({"state": SILENT}, "inactive"),
        ({"state": RETIRED}, "removed"),
        ({"state": ENDED, "since": date(2006, 12, 1)}, "removed"),
    ],
)
def test_a_site_that_is_silent_or_over_says_so(site: dict[str, Any], status: str) -> None:
    """Who asks is told at once, by a word that every client knows."""
    assert sent(domain(msgspec.structs.replace(SITE, **site), "library.example", ROLL, reader()))["status"] == [status]


def test_what_is_announced_stands_beside_what_is_so() -> None:
    """A site that passes to somebody else next month is theirs who have it until then, and nothing changed yet."""
    museum = Announced(date(2007, 1, 20), "", "Chongqing Museum", ("museum.example",), "looking")
    answer = sent(domain(msgspec.structs.replace(SITE, announced=(museum,)), "library.example", ROLL, reader()))
    said = {one["title"]: one["description"] for one in answer["remarks"]}
    assert said["From 20 January 2007 on"] == ["Chongqing Museum", "museum.example", "looking"]
    assert "last changed" not in [one["eventAction"] for one in answer["events"]]
    assert "Chongqing Library" in str(answer["entities"])


@pytest.mark.parametrize(
    "name", ["straße.example", "中国.example.", "LIBRARY.Example.", "faß.de", "中。国.example", "xn--fiqs8s.cn"]
)
def test_a_name_is_sought_as_it_is_filed(name: str) -> None:
    """What a filing makes of a domain is what a look-up makes of it: one that is filed is found however it is written."""
    assert domain_fault(a_labels(name)) == ""
    assert ascii_host(name.removesuffix(".")) == a_labels(name)


def test_contacts_come_as_jscontact_where_that_is_asked() -> None:
    """One form in an answer, and the answer says which; what a name is in other languages stands in the card."""
    answer = sent(domain(SITE, "library.example", ROLL, reader(jscontact=True)))
    assert answer["rdapConformance"] == ["rdap_level_0", "jscontact"]
    sponsor, operator = (one["jscontact_card"] for one in answer["entities"])
    assert not any("vcardArray" in one for one in answer["entities"])
    assert operator["name"] == {"@type": "Name", "full": "Bayu Net"}
    assert operator["localizations"]["zh"]["name/full"] == "巴渝宽网"
    assert (sponsor["kind"], "language" in sponsor) == ("org", False)
