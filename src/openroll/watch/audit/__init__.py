"""The monitor: follows a log from outside, and writes evidence of misbehaviour that anyone can check without a server."""
