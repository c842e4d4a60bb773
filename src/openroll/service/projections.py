"""The registry of what comes of events: the ways of official acts, how every kind is projected, who is told by mail.

A new room is added to ROOMS; a new kind adds lines to its own room's tables, and nothing here.
"""

from openroll.service.filing import projections as filing
from openroll.service.governance import life_projections as lives
from openroll.service.governance import projections as governance
from openroll.service.identity import projections as identity
from openroll.service.log import projections as log
from openroll.service.recovery import projections as recovery
from openroll.service.requests import projections as requests
from openroll.service.sites import projections as sites
from openroll.service.way import Mails, Projections, Ways

ROOMS = (filing, identity, governance, lives, log, recovery, requests, sites)

WAYS: Ways = {command: way for room in ROOMS for command, way in room.WAYS.items()}
"""The way of every official act by its command. Filings have one of their own (filing/submit.py)."""

PROJECTIONS: Projections = {kind: way for room in ROOMS for kind, way in room.PROJECTIONS.items()}
"""How every kind of event is projected, or why no table shows it."""

MAILS: Mails = {kind: template for room in ROOMS for kind, template in room.MAILS.items()}
"""By which mail somebody is told of an event, for the kinds of which somebody is."""
