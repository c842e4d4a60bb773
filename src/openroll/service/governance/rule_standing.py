"""How a rule stands with the safeguards, and how events name it."""

import msgspec

from openroll import places
from openroll.places import Bundle
from openroll.register.roll.decide import RuleStanding
from openroll.rules import Rule, check, digest, load, obstacles, overlays, shipped


def rule_name(rule: Rule) -> str:
    """How events name the rule they happened under: its reference and the first 16 digits of its SHA-256."""
    return f"{rule.ref}@{digest(rule)[:16]}"


def rule_from(text: str) -> Rule:
    """A whole rule from the canonical JSON it is kept as."""
    return msgspec.json.decode(text, type=Rule)


MOST_FAULTS = 20
"""Parts of a jurisdiction that are told at once."""


def standing(rule: Rule, place: Bundle) -> RuleStanding:
    """How a rule and its jurisdiction stand with the safeguards, and which shipped rules would pass in its place."""
    findings = check(rule)
    hindered = tuple(finding.id for finding in findings if finding.shuts)
    articles = "; ".join(dict.fromkeys(finding.article for finding in findings if finding.shuts and finding.article))
    passed = tuple(finding.id for finding in findings if finding.outcome == "passed")
    would_pass = _would_pass(rule) if hindered else ()
    # Asked for when it is needed: what judges a jurisdiction reads numbering plans, and an open roll does without.
    faults = tuple(one.told for one in places.readable_faults(place, rule.natures)[:MOST_FAULTS])
    return RuleStanding(rule_name(rule), passed, rule.zone, hindered, would_pass, articles, faults)


def _would_pass(rule: Rule) -> tuple[str, ...]:
    alone = tuple(ref for ref in shipped() if not obstacles(load(ref)))
    laid = (f"{ref}+{overlay}" for ref in sorted({rule.id, *shipped()} & set(shipped())) for overlay in overlays())
    return alone + tuple(ref for ref in laid if _opens(ref))


def _opens(ref: str) -> bool:
    try:
        return not obstacles(load(ref))
    except ValueError:
        return False  # an overlay is written for one rule; laid over another it may not fit
