"""The domain, pure: a folder a record, each with its commands, events, refusals and decisions. No I/O, clock or randomness."""
