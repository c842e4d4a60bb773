"""What outsiders run against a log without trusting its operator: client, witness, mirror and monitor (audit) of any C2SP log.

Nothing here needs a roll, a database or the registrar's help; `tlog` is all it stands on.
"""
