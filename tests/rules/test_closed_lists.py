"""What opens a live roll is a closed list: every act, event, measure and kind is tried, and only what stands here is let through.

The next act or event that the format learns is tried too, and has to be put here, by somebody who thought of it.
"""

from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.rules import (
    Deadline,
    Duty,
    Measure,
    Money,
    Most,
    Rule,
    RuleFaults,
    check,
    duties,
    load,
    obstacles,
    parse_rule,
)
from openroll.rules.calendar import WorkingDays, add, span_of
from openroll.rules.doings import is_staff_paper, logs, watches
from openroll.rules.duty import Act, Event
from openroll.rules.kinds import DeclaredKind, Nature
from openroll.rules.measures import FINAL, MeasureKind
from openroll.rules.readable import MOST_KINDS, names_people, revealing_kind, telling_apart
from openroll.rules.subject import Subject
from openroll.rules.telltales import Group, listed, stray, vocabulary

BASE = msgspec.structs.replace(load("notification-2006"), in_force=date(2026, 1, 1))
TEXT = {"en": "a duty"}
OPEN_ABOUT_PEOPLE: dict[Act, str] = {
    "file": "connection activation reactivation in-force transfer port",
    "report-change": "change transfer port",
    "report-end": "end deactivation transfer port",
    "amend": "change",
    "renew": "transfer port",
    "deactivate": "end",
}
"""What operators may have to do about people at home, once each. Proving, telling or handing over who they are stands nowhere."""
OPEN_AGAIN = {("report", "P1M"), ("renew", "P1M")}
"""What an operator may have to do about itself again and again, and how often at most."""
NATURES: dict[Nature, str] = {
    "organisation": "a school",
    "operator": "a provider",
    "site": "a blog",
    "machine": "a meter",
}


def duty(act: Act, event: Event, **more: object) -> Duty:
    """A duty of an access operator about each person, with 30 days for it; `more` changes it."""
    tried = Duty(
        id="tried",
        bearers=("access-operator",),
        about=("person",),
        act=act,
        title=TEXT,
        to=TEXT,
        counts_from=event,
        deadlines=(Deadline(period="P30D"),),
        measures=("warning",),
        most=Most(of="lines", number=9) if act == "hold-at-most" else msgspec.UNSET,
    )
    return msgspec.structs.replace(tried, **more)


def opens(rule: Rule, *more: Duty) -> bool:
    """Whether a live roll opens under a rule with one duty more."""
    return not obstacles(msgspec.structs.replace(rule, duties=(*rule.duties, *more)))


def test_what_operators_do_about_people_is_a_closed_list() -> None:
    """Each act is counted from each event; once, and again with each month: what opens is what stands above, and no more."""
    acts: tuple[Act, ...] = get_args(Act)
    events: tuple[Event, ...] = get_args(Event)
    allowed: set[tuple[Act, Event]] = {
        (act, event) for act, listed in OPEN_ABOUT_PEOPLE.items() for event in events if event in listed.split()
    }
    allowed |= {("hold-at-most", event) for event in events if event not in ("post", "sale")}
    assert {(act, event) for act in acts for event in events if opens(BASE, duty(act, event))} == allowed
    again = [
        duty(act, event, recurs="P1M") for act, event in sorted(allowed) if act not in ("deactivate", "hold-at-most")
    ]
    assert [one for one in again if opens(BASE, one)] == []


def test_what_operators_do_again_about_themselves_is_a_closed_list() -> None:
    """A yearly renewal and a monthly report are; what comes daily is a feed."""
    own = {
        (act, often)
        for act in get_args(Act)
        for often in ("P1M", "P1D", "P7D")
        if opens(BASE, duty(act, "connection", about=msgspec.UNSET, recurs=often))
    }
    assert own - {("hold-at-most", often) for often in ("P1M", "P1D", "P7D")} == OPEN_AGAIN


@pytest.mark.parametrize("condition", ["before-activation", "after-activation", "before-reactivation"])
@pytest.mark.parametrize("whom", ["person", "organisation", "access-operator", "site"])
def test_no_duty_carries_a_condition(condition: str, whom: str) -> None:
    """Whose service hangs on an act is cut off by nobody's decision: whoever it is, and each check of a decision says so."""
    own = (
        {"bearers": (whom,)}
        if whom in ("access-operator", "site")
        else {"bearers": ("access-operator",), "about": (whom,)}
    )
    tried = msgspec.structs.replace(
        duty("file", "connection"), **{"about": msgspec.UNSET, **own, "condition": condition}
    )
    covers = (*BASE.covers, "site")
    rule = msgspec.structs.replace(BASE, covers=covers, duties=(*BASE.duties, tried))
    failed = {one.id: one.witness for one in check(rule) if one.outcome == "failed"}
    assert {"court", "cap", "correction", "hearing", "appeal"} <= set(failed)
    assert all(failed.values())


@pytest.mark.parametrize(
    ("of", "number", "whom", "may"),
    [
        ("lines", 9, "person", True),
        ("lines", 1000, "organisation", True),
        ("lines", 999, "organisation", False),
        ("subscriptions", 1, "person", True),
        ("lines", 0, "organisation", False),
        ("hours-online-a-day", 23, "person", False),
        ("megabytes", 10**9, "organisation", False),
        ("lines", 10**6, "access-operator", False),
    ],
)
def test_what_may_be_limited_is_lines(of: str, number: int, whom: str, may: bool) -> None:
    """Lines may be limited, above none, and of no operator; whatever else is counted rations service, however much there is."""
    about = msgspec.UNSET if whom == "access-operator" else (whom,)
    assert opens(BASE, duty("hold-at-most", "connection", about=about, most=Most(of=of, number=number))) == may
    over_all = Most(of=of, number=number, per="country")
    assert opens(BASE, duty("hold-at-most", "connection", about=about, most=over_all)) == (may and whom != "person")


def test_the_measures_that_may_follow_are_a_closed_list() -> None:
    """Decided by a court, with a cap: what may fall on an operator leaves it serving everyone; on people, nothing may."""
    open_to: dict[str, set[str]] = {}
    for kind in get_args(MeasureKind):
        for whom in ("person", "organisation", "access-operator"):
            if not obstacles(with_measure(kind, whom)):
                open_to.setdefault(whom, set()).add(kind)
    gentle = {"order-to-correct", "warning"}
    assert "person" not in open_to
    assert open_to["access-operator"] == gentle | {"fine", "publication"}
    assert open_to["organisation"] == set(get_args(MeasureKind)) - {"detention", "prison"} - FINAL


def with_measure(kind: MeasureKind, whom: str) -> Rule:
    """The proposal with one measure more, at the third step (gentle ones last nowhere)."""
    gentle = kind in ("order-to-correct", "warning", "fine")
    tried = Measure(
        id="tried",
        step=3,
        kind=kind,
        title=TEXT,
        against=(whom,),
        decider="court",
        after_correction=True,
        cap=None if gentle else "P30D",
        fine_to=BASE.measures[1].fine_to if kind == "fine" else None,
        article="Art. 6",
    )
    return msgspec.structs.replace(BASE, measures=(*BASE.measures, tried))


@pytest.mark.parametrize("nature", NATURES)
def test_a_kind_says_that_it_is_no_person(nature: Nature) -> None:
    """In each language whose words are known: else it is people, as a machine always is, since somebody uses it."""
    assert names_people(nature, "thing", {"en": NATURES[nature]}) == (nature == "machine")
    for title in ({"en": "a hut"}, {"en": NATURES[nature], "fr": "une cabane"}, {"eu": "etxola"}):
        assert names_people(nature, "thing", title)
    assert (
        names_people("organisation", "seller", {"eu": "saltzailea"}) is False
    )  # its name says it where no title can be read


SOMEBODY: tuple[tuple[str, dict[str, str]], ...] = (
    ("seller", {"en": "a shop that sells prepaid lines", "pt": "estabelecimento que vende"}),
    ("seller", {"en": "who sells cards", "zh": "代销点"}),
    ("vendedor-de-sim", {"es": "un vendedor"}),
    ("carrier", {"en": "an operator of mobile and fixed networks", "sw": "mtoa huduma wa mtandao"}),
    ("school", {"en": "public or state schools", "de": "eine öffentliche Schule", "zh": "公司、企业和其他单位"}),
    ("provider", {"fr": "un fournisseur d'accès", "zh": "互联网接入服务提供商", "ru": "оператор связи", "id": "badan"}),
)
"""Kinds whose words say who they are."""
SOMETHING: tuple[tuple[str, dict[str, str]], ...] = (
    ("shop-card", {"en": "a shop"}),
    ("seller", {"en": "a prepaid sim card that a shop sells"}),
    ("seller", {"en": "a shop", "zh": "商店的卡"}),
    ("seller", {"zh": "公司和卡"}),
    ("store", {"en": "an internet access line in a shop or other store"}),
    ("company", {"en": "one that a company sells a line to"}),
    ("company", {"en": "a company or line"}),
    ("company", {"en": "a company (line)"}),
    ("company", {"en": "a line a company sells"}),
    ("operator", {"en": "lines operators sell"}),
    ("operator", {"en": "an operator of a network or a card"}),
    ("school", {"en": "a school or one"}),
    ("plant", {"en": "machine to machine"}),
    ("company", {"sw": "laini ya kampuni"}),
    ("company", {"es": "red de una empresa"}),
    ("company", {"fil": "telepono ng kumpanya"}),
    ("company", {"fr": "service d'un opérateur"}),
    ("company", {"de": "das Telefon der Firma"}),
    ("bank", {"pt": "um serviço que o banco vende"}),
    ("bank", {"id": "jaringan bank"}),
    ("agency", {"en": "an agency or other"}),
    ("company", {"en": "a company to company line"}),
)
"""Kinds of what people use, in whose words an organisation stands too."""


@pytest.mark.parametrize(("name", "title"), SOMEBODY + SOMETHING)
def test_a_kind_is_what_the_head_of_its_title_is(name: str, title: dict[str, str]) -> None:
    """A card that a shop sells is a card, and whoever has it is people: in each language, and in each part that "or" joins."""
    assert names_people("organisation", name, title) == ((name, title) in SOMETHING)


@pytest.mark.parametrize("lang", ["en", "de", "fr", "sw", "fil", "es"])
def test_no_thing_becomes_somebody_by_what_stands_behind_it(lang: str) -> None:
    """Whatever links a card or a line to an organisation, in each language that has such words, it stays what it is."""
    somebody = sorted(vocabulary("firm", lang))[:4]
    said = [
        f"{thing} {link} {firm}"
        for thing in vocabulary("things", lang) - vocabulary("before", lang)
        for link in [*vocabulary("links", lang), *vocabulary("joins", lang), ",", "("]
        for firm in somebody
    ]
    assert [text for text in said if not names_people("organisation", "seller", {lang: text})] == []


@pytest.mark.parametrize(
    ("name", "title", "may"),
    [
        ("minor", {"en": "a minor under 18, registered by a guardian", "zh": "未成年人"}, True),
        ("foreigner", {"en": "A visitor from abroad", "fr": "Un étranger", "sw": "Mgeni kutoka nje"}, True),
        ("minor", {"en": "a minor", "zh": "异端"}, False),
        ("heretic", {"en": "a person"}, False),
        ("visitor", {"en": "a visitor", "eu": "bisitaria"}, False),
        ("visitor", {"en": "a visitor born on 19620304"}, False),
        ("visitor", {"en": "ＭＵＳＬＩＭ visitor"}, False),
    ],
)
def test_a_kind_of_people_is_said_in_plain_words(name: str, title: dict[str, str], may: bool) -> None:
    """The kind stands readable in each record: it is made of words of a closed list, in every language it is said in."""
    assert (not list(revealing_kind("person", name, title))) == may
    kinds = (DeclaredKind(name, title, "person"),)
    found = {one.id for one in obstacles(msgspec.structs.replace(BASE, kinds=kinds))}
    assert found == (set() if may else {"apart"})


PLAINLY_CALLED = {"person": "visitor", "household": "home", "machine": "meter"}
"""A name for a kind of people that gives nothing away, by nature."""


@pytest.mark.parametrize(
    ("nature", "title"),
    [
        ("person", {"en": "a minor without guardian"}),
        ("person", {"en": "a single parent with young children at home"}),
        ("person", {"en": "a person registered in the country"}),
        ("person", {"en": "a person without a home"}),
        ("person", {"en": "a person over 65 years"}),
        ("person", {"en": "a citizen", "zh": "公民"}),
        ("person", {"zh": "由家长登记的学生"}),
        ("person", {"zh": "65年以上的人"}),
        ("person", {"en": "a foreign minor from another country by a foreign guardian"}),
        ("person", {"es": "ciudadana"}),
        ("person", {"es": "una menor de edad"}),
        ("person", {"fr": "une touriste"}),
        ("person", {"de": "eine Minderjährige"}),
        ("household", {"en": "a household of one person"}),
        ("household", {"zh": "外国人家庭"}),
        ("household", {"fr": "un ménage de mineur"}),
        ("machine", {"en": "a machine of a minor"}),
        ("machine", {"en": "the car of the neighbour"}),
        ("machine", {"en": "meter 37"}),
        ("machine", {"zh": "女人的手机"}),
    ],
)
def test_a_kind_of_people_tells_no_family_home_origin_age_or_gender(nature: Nature, title: dict[str, str]) -> None:
    """Whom they live with, of what country they are, how old or of which gender: nothing of it stands readable in a record."""
    assert list(revealing_kind(nature, PLAINLY_CALLED[nature], title))


@pytest.mark.parametrize(
    ("nature", "title"),
    [
        ("person", {"en": "a holder or user under 18 years", "es": "una persona menor de edad", "de": "eine Person"}),
        ("person", {"fr": "une personne", "zh": "由监护人登记的未成年人", "fil": "isang bisita"}),
        ("household", {"en": "a private home", "zh": "住户", "sw": "kaya", "de": "ein Haushalt"}),
        ("machine", {"en": "a card in a machine", "zh": "电表", "fr": "un compteur"}),
    ],
)
def test_a_kind_of_people_has_its_plain_words(nature: Nature, title: dict[str, str]) -> None:
    """What a law needs to say of people, households and machines can be said."""
    assert not list(revealing_kind(nature, PLAINLY_CALLED[nature], title))


@given(st.lists(st.sampled_from(["a minor", "under 18", "over 18", "under 16", "a visitor"]), min_size=1, max_size=9))
def test_kinds_of_people_are_few_and_know_one_age(titles: list[str]) -> None:
    """However many kinds a rule declares, those that are let through are four at most and have one number among them."""
    kinds = [DeclaredKind(f"kind-{chr(97 + n)}", {"en": title}, "person") for n, title in enumerate(titles)]
    refused = {name for name, __ in telling_apart(kinds)}
    passed = [one.title["en"] for one in kinds if one.id not in refused]
    assert len(passed) <= MOST_KINDS
    assert len(set(passed)) == len(passed)
    assert len({word for title in passed for word in title.split() if word.isdigit()}) <= 1


def test_a_day_at_the_calendars_end_breaks_nothing() -> None:
    """A rule of the year 9999 is checked, and in a file it is a fault with its line; days stop at the calendar's end."""
    late = date(9999, 12, 30)
    far = msgspec.structs.replace(BASE, in_force=late, ended=date.max)
    assert len(check(far)) == 24
    early = msgspec.structs.replace(BASE.duties[0], since=date.min, until=date.max)
    assert len(check(msgspec.structs.replace(BASE, in_force=date.min, duties=(early,)))) == 24
    assert duties(Subject("organisation", late), BASE, late)[0].due == date.max
    assert add(late, span_of("P99Y")) == add(late, span_of("P99999D")) == WorkingDays().add(late, 9) == date.max
    assert add(date(5, 1, 1), span_of("P99Y").back) == date.min
    text = (files("openroll.rules") / "shipped" / "notification-2006.yaml").read_text(encoding="utf-8")
    text = text.replace("status: proposal", "status: proposal\nin_force: 9999-12-30", 1)
    with pytest.raises(RuleFaults, match="9999-12-30 is far away"):
        parse_rule(text, "far.yaml")


@pytest.mark.parametrize(
    ("group", "name", "title", "may"),
    [
        ("body", "seller", {"en": "a shop that sells prepaid lines", "pt": "estabelecimento que vende"}, True),
        ("body", "school", {"zh": "学校", "de": "eine Schule"}, True),
        ("body", "sole-trader", {"en": "a sole trader company"}, False),
        ("body", "carrier", {"en": "an operator of shelters"}, False),
        ("carrier", "mvno", {"en": "a virtual mobile operator"}, True),
        ("carrier", "forum", {"en": "an operator of a forum"}, False),
        ("asked", "id_number", {"en": "identity number", "zh": "身份证号"}, True),
        ("asked", "name", {"en": "name", "cy": "enw"}, True),
        ("asked", "name", {"cy": "enw pob plentyn"}, False),
        ("asked", "spouse", {"en": "name"}, False),
        ("asked", "name", {"en": "names of all members"}, False),
        ("purpose", "", {"en": "to serve notices", "fr": "pour notifier les communications"}, True),
        ("purpose", "", {"en": "to serve notices", "fr": "pour vendre les noms"}, False),
        ("purpose", "", {"cy": "i werthu enwau"}, False),
    ],
)
def test_kinds_fields_and_purposes_are_said_in_listed_words(
    group: Group, name: str, title: dict[str, str], may: bool
) -> None:
    """Each language whose words are known is made of them alone, and one at least is known: no other text is read."""
    assert listed(group, name, title) == may


LOGS: tuple[dict[str, str], ...] = (
    {"en": "date of contact"},
    {"en": "town of the phone"},
    {"en": "mobile device city"},
    {"en": "domain access"},
    {"en": "post and e-mail of the subscriber"},
    {"en": "email, letters"},
    {"en": "name", "zh": "用户联系日期"},
    {"zh": "联系的用户"},
    {"zh": "用户通信"},
    {"zh": "设备地址"},
    {"es": "fecha y teléfono"},
    {"es": "ciudad del celular"},
    {"fr": "lieu de l'appareil"},
    {"sw": "barua ya mteja"},
    {"sw": "mji wa simu"},
    {"fil": "lungsod ng telepono"},
    {"pt": "data do telefone"},
)
"""Fields in listed words that are logs of what people do."""
PLAIN_FIELDS: tuple[dict[str, str], ...] = (
    {"en": "date and place of birth", "zh": "出生日期", "es": "fecha de nacimiento"},
    {"en": "installation address of the device", "zh": "设备安装地址", "fr": "adresse de raccordement"},
    {"en": "MAC address of the device", "es": "dirección y teléfono", "zh": "电话、地址"},
    {"en": "address for letters and notices", "zh": "通信地址", "sw": "anwani ya posta"},
    {"en": "name, address and phone of the contact person", "zh": "联系人电子邮件", "sw": "barua pepe"},
    {"en": "web site", "zh": "网站域名", "es": "sitio web"},
)


@pytest.mark.parametrize("title", LOGS + PLAIN_FIELDS)
def test_a_field_is_no_log_in_listed_words(title: dict[str, str]) -> None:
    """A date of a contact, the place of a phone, the sites of a connection and letters themselves are what people do."""
    assert logs("field", title) == (title in LOGS)


STAFF_PAPERS: tuple[dict[str, str], ...] = (
    {"en": "national document number of the responsible person"},
    {"en": "tax number of the representative"},
    {"en": "document of the company's manager"},
    {"en": "card number"},
    {"en": "telephone", "zh": "负责人号码"},
    {"zh": "代表人税号"},
    {"es": "número fiscal del representante"},
    {"fr": "numéro du responsable"},
    {"sw": "nambari ya mtu"},
    {"de": "Nummer der Kontaktperson"},
)
"""What an organisation would tell of somebody who works there."""
OWN_PAPERS: tuple[dict[str, str], ...] = (
    {"en": "company registration number", "zh": "单位证件号码", "sw": "namba ya usajili wa kampuni"},
    {"en": "identification number of the company", "zh": "营业执照号码", "es": "número de identificación tributaria"},
    {"en": "telephone number of the contact person", "zh": "负责人手机号", "es": "teléfono de la persona de contacto"},
    {"en": "licence number of the operator", "es": "ruc de la persona jurídica"},
)


@pytest.mark.parametrize("title", STAFF_PAPERS + OWN_PAPERS)
def test_no_organisation_tells_the_number_of_who_works_there(title: dict[str, str]) -> None:
    """A paper or a number is the organisation's own, and says so; of its staff it tells a telephone and a name."""
    assert is_staff_paper("field", title) == (title in STAFF_PAPERS)


WATCHING: tuple[dict[str, str], ...] = (
    {"en": "to inform on subscribers"},
    {"en": "to record who subscribers write to"},
    {"en": "to notify operators of the subscriber"},
    {"en": "to help the court against subscribers"},
    {"en": "to count letters of subscribers"},
    {"en": "statistics of contact"},
    {"en": "to reach the subscriber", "zh": "统计用户联系"},
    {"zh": "联系的统计"},
    {"zh": "打击用户"},
    {"es": "informar al operador de los abonados"},
    {"fr": "tenir le registre des communications"},
    {"de": "Register der Mitteilungen"},
    {"sw": "daftari la notisi"},
)
"""Purposes in listed words that are to know what people do, or to tell of them."""
PLAIN_PURPOSES: tuple[dict[str, str], ...] = (
    {"en": "to contact the subscriber, and to keep the register correct", "zh": "联系登记机构"},
    {"en": "to notify subscribers of faults of the network", "es": "notificar a los abonados de cambios"},
    {"en": "to help against crime, after prior approval", "zh": "经事先批准配合查处犯罪"},
    {"en": "for statistics of complaints", "zh": "答复用户投诉", "es": "mantener el registro exacto"},
    {"en": "to write to the organisation", "zh": "以书写通知用户", "fr": "pour notifier les communications"},
)


@pytest.mark.parametrize("text", WATCHING + PLAIN_PURPOSES)
def test_a_purpose_is_to_reach_people_and_not_to_watch_them(text: dict[str, str]) -> None:
    """Whom they reach, and what others are told of them, is no purpose, in whatever order listed words say it."""
    assert watches(text) == (text in WATCHING)


@pytest.mark.parametrize("since", [None, BASE.in_force, date(2020, 1, 1), date(2199, 12, 31)])
@pytest.mark.parametrize("until", [msgspec.UNSET, date(2030, 1, 1), date(2199, 12, 31)])
def test_a_safeguard_holds_on_every_day_there_is(since: date | None, until: date | msgspec.UnsetType) -> None:
    """A roll opens before a rule's first day and keeps its records after the last: no `since` and no `until` leaves a gap."""
    told = msgspec.structs.replace(BASE.safeguards["told"], since=since, until=until)
    for rule in (
        BASE,
        msgspec.structs.replace(BASE, in_force=None),
        msgspec.structs.replace(BASE, ended=date(2030, 1, 1)),
    ):
        found = obstacles(msgspec.structs.replace(rule, safeguards={**rule.safeguards, "told": told}))
        assert [one.id for one in found] == ([] if since is None and until is msgspec.UNSET else ["told"])


@pytest.mark.parametrize(
    ("of_others", "recurs", "amount", "may"),
    [
        (False, None, 100_000_000, True),
        (False, "P1M", 8_000_000, True),
        (False, "P1M", 9_000_000, False),
        (True, None, 1_000_000, True),
        (True, None, 1_000_001, False),
    ],
)
def test_fines_add_up(of_others: bool, recurs: str | None, amount: int, may: bool) -> None:
    """What is in bounds once is counted with each time a duty comes again and with each record that its bearer keeps."""
    most = Money(Decimal(amount), "CNY")
    fine = msgspec.structs.replace(BASE.measure("fine"), fine_from=None, fine_to=most)
    alone = msgspec.UNSET if not of_others else ("person",)
    tried = duty("file" if of_others else "renew", "connection", about=alone, measures=("warning", "fine"))
    tried = msgspec.structs.replace(tried, recurs=recurs or msgspec.UNSET)
    rule = msgspec.structs.replace(BASE, duties=(tried,), measures=(BASE.measures[0], fine))
    assert [one.id for one in obstacles(rule)] == ([] if may else ["ladder"])


@pytest.mark.parametrize(("kind", "title"), [("minor", "a minor"), ("visitor", "a visitor from abroad")])
def test_nobody_is_filed_alone_of_all_people(kind: str, title: str) -> None:
    """A duty about children or visitors asks the same of everybody, or keeps a roll shut."""
    kinds = (DeclaredKind(kind, {"en": title}, "person"),)
    rule = msgspec.structs.replace(BASE, kinds=kinds, covers=(*BASE.covers, kind))
    others = tuple(one for one in rule.duties if not one.of_others)
    alone = msgspec.structs.replace(rule, duties=(*others, duty("file", "connection", about=(kind,))))
    assert [one.id for one in obstacles(alone)] == ["apart"]
    assert opens(rule, duty("file", "connection", about=("person", kind)))


@pytest.mark.parametrize(("title", "may"), [("a school", True), ("a hospital", False), ("a hotel", False)])
def test_where_people_live_nothing_is_switched_off(title: str, may: bool) -> None:
    """A court may suspend a school for 30 days; a hospital goes dark with whoever lies there."""
    kinds = (DeclaredKind("place", {"en": title}, "organisation"),)
    rule = msgspec.structs.replace(with_measure("suspension", "place"), kinds=kinds, covers=(*BASE.covers, "place"))
    assert ("no-cut-off" in {one.id for one in obstacles(rule)}) != may


@pytest.mark.parametrize(
    ("title", "may"),
    [
        ({"zh": "警告", "en": "warning"}, True),
        ({"zh-Hant": "警告"}, True),
        (
            {
                "en": "a written warning (警告)",
                "fr": "avertissement donné par le maître d'œuvre",
                "ru": "Предупреждение",
            },
            True,
        ),
        ({"ar": "إنذار", "cy": "rhybudd", "de": "Mahnung, schriftlich"}, True),
        ({"zh-Hant": "書面警告", "en": "warning"}, False),
        ({"zh": "警告并断 网", "en": "warning"}, False),
        ({"zh": "警告并断·网"}, False),
        ({"en": "warning, and cut-off"}, False),
        ({"en": "warning, and cut  off"}, False),
        ({"en": "warning, then swіtched оff"}, False),
        ({"en": "w\N{LATIN SMALL LETTER ALPHA}rning"}, False),
        ({"ru": "предупреждение и \N{LATIN SMALL LETTER O}тключение"}, False),
    ],
)
def test_a_warning_is_said_in_letters_that_can_be_read(title: dict[str, str], may: bool) -> None:
    """In other characters, or with other letters or signs within, no word that takes service would be found."""
    measures = (msgspec.structs.replace(BASE.measures[0], title=title), *BASE.measures[1:])
    assert bool(obstacles(msgspec.structs.replace(BASE, measures=measures))) != may


@pytest.mark.parametrize(
    ("text", "word", "lang"),
    [
        ({"en": "to reach the subscriber", "es": "perseguir al abonado"}, "perseguir", "es"),
        ({"es-PE": "contactar al prójimo"}, "prójimo", "es-PE"),
        ({"en": "to spy", "es": "contactar"}, "spy", "en"),
    ],
)
def test_the_word_that_is_in_no_list_is_told(text: dict[str, str], word: str, lang: str) -> None:
    """Of an aim in several languages the fault quotes the text that failed, its word as it is written, and the language."""
    found = stray("purpose", "", text)
    assert found == (word, lang, text[lang])
    field = msgspec.structs.replace(BASE.fields[0], aims=(text,))
    finding = next(one for one in check(msgspec.structs.replace(BASE, fields=(field,))) if one.id == "aim")
    told = f"{text[lang]}; the word {word} in {lang} (`openroll rule words --lang {lang} --list purpose`"
    assert told in str(finding.witness)


@pytest.mark.parametrize("text", [{"es": "ubicar al abonado"}, {"es": "entregar notificaciones"}, {"zz": "xx"}])
def test_what_is_listed_has_no_stray_word(text: dict[str, str]) -> None:
    """Ordinary words of an aim are known, and a language without a list names no word."""
    assert stray("purpose", "", text) is None


def test_a_rule_without_a_first_day_says_whom_it_counts() -> None:
    """`realistic` does not say that no duty falls on those already connected where duties count from their connection."""
    rule = msgspec.structs.replace(load("notification-2006"), in_force=None)
    finding = next(one for one in check(rule) if one.id == "realistic")
    assert "no first day is stated" in str(finding.seen)


@pytest.mark.parametrize(
    ("of", "may"),
    [(msgspec.UNSET, False), (("organisation",), True), (("organisation", "household"), False), (("person",), False)],
)
def test_what_people_are_offered_stands_in_no_clear_field(of: tuple[str, ...] | msgspec.UnsetType, may: bool) -> None:
    """An organisation's telephone may stand readable; where people have it in their form, by choice too, what they tell does."""
    contact = next(one for one in BASE.fields if one.name == "contact")
    office = msgspec.structs.replace(contact, name="office_phone", title={"en": "telephone of the head office"})
    clear = msgspec.structs.replace(office, personal=False, classes=("contact",), required_of=("organisation",), of=of)
    fields = tuple(clear if one is contact else one for one in BASE.fields)
    rule = msgspec.structs.replace(BASE, fields=fields, minimum=(*BASE.minimum, "office_phone"))
    assert [one.id for one in obstacles(rule)] == ([] if may else ["apart"])
