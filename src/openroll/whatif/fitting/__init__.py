"""Fit the city model's filing behaviour to a filing drive that happened, and test the fit on data held out.

`fit(drive, rule, until=day)` learns from counts up to a day and nothing after it; `report(fitted, drive)` says, count by
count, what was predicted and what came. docs/whatif-philippines.md tells the one drive that ships.
"""
