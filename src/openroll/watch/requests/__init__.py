"""Requests as their bodies read them on machines of their own: facts and keys proved by the log, envelopes opened and checked."""
