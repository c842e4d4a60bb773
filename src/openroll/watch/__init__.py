"""What outsiders run: reading, cosigning, mirroring and auditing any C2SP log, without trusting who keeps it.

Nothing here needs a roll, a database or the registrar's help; `tlog` is all it stands on.
"""
