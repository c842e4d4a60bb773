"""The quick account of a day at counters beside the exact day: the table of docs/whatif-queues.md.

`python -m tests.whatif.lines` prints it, a row at a time.

486 offices open for seven hours: 1, 4 and 20 counters; nine loads; services of 5 and 20 minutes with spreads 0, 1 and 2; patience
of half an hour, two and eight hours. For each as many days as bring some 60,000 people, 600 at most.
"""

import itertools

import numpy as np

from openroll.whatif.counters import Office, counter_day
from openroll.whatif.queues import day_at_counters

LOADS = (0.3, 0.6, 0.8, 0.9, 1.0, 1.1, 1.5, 2.5, 4.0)


def simulated(office: Office, present: float, people: int, state: int = 0) -> tuple[float, float, float]:
    """Share served, mean hours in line, and share in line at closing, over days on which some `people` come together."""
    runs = max(30, min(600, int(people / present)))
    days = [counter_day(office, present / office.hours, seed=5, run=run, state=state) for run in range(runs)]
    came = sum(day.came.size for day in days)
    return (
        sum(day.served for day in days) / came,
        sum(float(day.waited.sum()) for day in days) / came,
        sum(day.sent_home for day in days) / came,
    )


def table() -> None:
    """Print a row a load: what is simulated, what the quick account says, and its largest error in any office."""
    print(
        "| load | served | quick | largest error | minutes in line | quick | largest error | at closing, largest error |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for at, load in enumerate(LOADS):
        grid = list(itertools.product((1, 4, 20), (0.0, 1.0, 2.0), (0.5, 2.0, 8.0), (5.0, 20.0)))
        servers, spread, patience, minutes = np.array(grid).T
        present = load * servers * 7 * 60 / minutes
        quick = day_at_counters(present, servers, 7.0, minutes, spread, patience)
        exact = np.array(
            [
                simulated(Office(c, 7.0, m, s, p), n, 60_000, at * len(grid) + row)
                for row, ((c, s, p, m), n) in enumerate(zip(grid, present, strict=True))
            ]
        ).T
        served, wait, line = exact
        off_served, off_wait = np.abs(quick.share_served - served).max(), np.abs(quick.wait - wait).max()
        off_line = np.abs(quick.line_at_closing / present - line).max()
        print(
            f"| {load} | {served.mean():.3f} | {quick.share_served.mean():.3f} | {off_served:.3f} "
            f"| {wait.mean() * 60:.1f} | {quick.wait.mean() * 60:.1f} | {off_wait * 60:.1f} | {off_line:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    table()
