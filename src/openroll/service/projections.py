"""The registry of what comes of events: the ways of official acts, and how every kind of event is projected.

A new room adds its tables to the two lists here; a new kind adds a line to its room's own.
"""

from openroll.service.filing import projections as filing
from openroll.service.governance import projections as governance
from openroll.service.identity import projections as identity
from openroll.service.log import projections as log
from openroll.service.recovery import projections as recovery
from openroll.service.way import Projections, Ways

ROOMS = (filing, identity, governance, log, recovery)

WAYS: Ways = {command: way for room in ROOMS for command, way in room.WAYS.items()}
"""The way of every official act by its command. Filings have one of their own (filing/submit.py)."""

PROJECTIONS: Projections = {kind: way for room in ROOMS for kind, way in room.PROJECTIONS.items()}
"""How every kind of event is projected, or why no table shows it."""
