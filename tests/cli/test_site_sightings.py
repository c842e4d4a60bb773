"""`openroll site seen`: who saw what of a site, and whether each place signed it, by the facts that the roll serves."""

import json
from typing import Any

import msgspec
import pytest
from tests.sites import BEGAN

from openroll.cli import site_sightings
from openroll.register.site.control import wanted_at
from openroll.register.site.events import Sighting, SiteChanged, SiteChecked, SiteFiled
from openroll.register.site.number import number_text
from openroll.register.site.sightings import seen_text, signature_said
from openroll.tlog import Signer

ROLL, ACCOUNT = "roll.example/log", "https://roll.example/operators/east"
PLACE, LIAR = (Signer.from_seed(f"w{at}.example", bytes([at]) * 32, "ed25519") for at in (1, 2))
OF: dict[str, Any] = {"site": 7, "operator": "east", "by": "roll", "rule": "r"}
SAID: dict[str, Any] = {"kind": "site", "sponsor": "A", "services": "s", "control": ""}


def saw(signer: Signer, control: str | None, signed: str | None) -> Sighting:
    """What a place saw, and what it signed of that."""
    sighting = Sighting(signer.name, 1_200_000_000, True, control)
    of_what = msgspec.structs.replace(sighting, control=signed)
    text = seen_text(ROLL, ("a.example.org",), wanted_at("https://roll.example", "east"), of_what)
    said = signature_said(signer.verifier, signer.sign(text))
    return msgspec.structs.replace(sighting, signature=said)


@pytest.fixture
def roll(monkeypatch: pytest.MonkeyPatch) -> None:
    """A roll that serves a site: filed, with other domains announced, and looked at by itself and three places."""
    sightings = (
        Sighting("", 1_200_000_000, True, "record"),
        saw(PLACE, "record", "record"),
        saw(LIAR, "record", ""),
        Sighting("w3.example", 1_200_000_000, None),
    )
    facts = (
        ("2006-11-02", SiteFiled(**OF, **SAID, domains=("c.example.org",), began=BEGAN)),
        ("2006-11-02", SiteChanged(**OF, **SAID, domains=("a.example.org",), on=BEGAN.replace(day=4))),
        ("2006-11-03", SiteChanged(**OF, **SAID, domains=("c.example.org", "d.example.org"), on=BEGAN.replace(day=3))),
        ("2006-11-03", SiteChanged(**OF, **SAID, domains=("b.example.org",), on=BEGAN.replace(month=12))),
        ("2006-11-04", SiteChecked(**OF, control="record", state="live", account=ACCOUNT, sightings=sightings)),
    )
    served = {"facts": [{"name": fact.name, "day": day, "body": fact.body()} for day, fact in facts]}
    answers: dict[str, Any] = {"api/v1/log": {"origin": "new.example", "before": [ROLL]}}
    answers |= {f"api/v1/sites/{number_text(number)}": served for number in (7, 8)}

    class Api:
        where = "https://roll.example"

        def get(self, path: str) -> bytes:
            return json.dumps(answers[path]).encode()

    monkeypatch.setattr(site_sightings, "RollApi", lambda _: Api())


def run(*words: str) -> int:
    """The status of the command."""
    with pytest.raises(SystemExit) as ended:
        site_sightings.app(["seen", *words, "--roll", "https://roll.example"], exit_on_error=False)
    return int(ended.value.code or 0)


@pytest.mark.usefixtures("roll")
def test_each_place_s_signature_is_held_against_what_the_fact_says(capsys: pytest.CaptureFixture[str]) -> None:
    """By the domains of that day and the log's name of then; a place whose key nobody gave is shown and not judged."""
    assert run(number_text(7), "--place", str(PLACE.verifier)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2006-11-04: live; control record",
        "  the roll itself: it answers; control by record",
        "  w1.example: it answers; control by record; signed",
        "  w2.example: it answers; control by record",
        "  w3.example: said nothing in time",
    ]
    assert run(number_text(7), "--place", str(PLACE.verifier), "--place", str(LIAR.verifier)) == 1
    assert "w2.example: it answers; control by record; SIGNED BY NO KEY" in capsys.readouterr().out


@pytest.mark.usefixtures("roll")
def test_facts_of_another_site_are_not_believed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each true, and of another number than was asked for."""
    assert run(number_text(8)) == 1
    assert "a fact of another site: it is not believed" in " ".join(capsys.readouterr().err.split())


@pytest.mark.usefixtures("roll")
def test_what_is_no_number_and_no_key_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anybody is asked."""
    assert run("0000-0701") == 2
    assert "no site's number" in capsys.readouterr().err
    assert run(number_text(7), "--place", "w1.example") == 2
    assert "no key of a place" in capsys.readouterr().err
