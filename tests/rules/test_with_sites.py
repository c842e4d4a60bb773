"""One roll keeps subscriptions and sites: by a rule with sites laid over it, which keeps every safeguard."""

from datetime import date

from openroll import places
from openroll.register.subscription.terms import personal_fields, terms_of
from openroll.rules import load
from openroll.rules.check import check
from openroll.rules.kinds import fields_of_sites, fields_of_subscriptions


def test_sites_laid_over_a_rule_keep_its_safeguards_and_its_subscriptions() -> None:
    """All of them are met; what a subscription tells, and who may file one, is what it was; a site has fields of its own."""
    before, both = load("notification-2006"), load("notification-2006+with-sites")
    assert {one.outcome for one in check(both)} == {"passed"}
    assert personal_fields(both) == personal_fields(before) == ("name", "contact", "address", "phone")
    assert [one.name for one in fields_of_sites(both)] == ["organisation", "domain", "service"]
    place, day = places.load("cn-cq-2006"), date(2006, 12, 20)
    assert terms_of(both, place, day).kinds == terms_of(before, place, day).kinds
    assert "site" in both.covers
    assert all(both_title.keys() >= {"zh", "en"} for both_title in [one.title for one in both.fields])
    assert next(one for one in both.sources if one.id == "of-sites").standing == "ours"


def test_a_rule_of_sites_alone_asks_all_its_fields_of_them() -> None:
    """And a rule of subscriptions alone all its personal fields of those."""
    sites, subscriptions = load("cn-iis-2000-sites"), load("notification-2006")
    assert fields_of_sites(sites) == sites.fields
    assert fields_of_subscriptions(subscriptions) == subscriptions.fields
