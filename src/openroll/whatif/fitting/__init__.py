"""How people come to file, fitted to a drive that was counted, and held against what then came.

`fit(drive, rule, until=day)` learns from counts up to a day and nothing after it; `report(fitted, drive)` says, count by
count, what was predicted and what came. docs/whatif-philippines.md tells the one drive that ships.
"""
