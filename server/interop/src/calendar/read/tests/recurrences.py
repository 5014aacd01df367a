"""Writes recurrences.txt: rules and what python-dateutil, another implementation, makes of them.

    python3 recurrences.py > recurrences.txt        (needs python-dateutil)

A line is: rule | start | from | the first twelve from there. Every start fits its rule, for where it does not
RFC 5545 leaves open what the series is.
"""
import random
from datetime import datetime, timedelta
from dateutil.rrule import rrulestr

random.seed(5545)
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some(values, most=3):
    return ",".join(str(v) for v in random.sample(list(values), random.randint(1, most)))


def rule():
    freq = random.choice(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"] * 3 + ["HOURLY", "MINUTELY", "SECONDLY"])
    parts = ["FREQ=" + freq]
    if random.random() < 0.5:
        most = {"SECONDLY": 5000, "MINUTELY": 700, "HOURLY": 50}.get(freq, 4)
        parts.append(f"INTERVAL={random.randint(2, most)}")
    if random.random() < 0.4:
        parts.append("BYMONTH=" + some(range(1, 13), 4))
    nth = freq in ("YEARLY", "MONTHLY") and random.random() < 0.5
    kind = random.random()
    if kind < 0.35:
        if nth:
            parts.append("BYDAY=" + ",".join(
                f"{random.choice([1, 2, 3, 4, -1, -2])}{d}" for d in random.sample(DAYS, random.randint(1, 3))))
        else:
            parts.append("BYDAY=" + some(DAYS, 4))
    elif kind < 0.6 and freq != "WEEKLY":
        parts.append("BYMONTHDAY=" + some([1, 2, 13, 15, 28, 29, 30, 31, -1, -2, -10], 3))
        if random.random() < 0.3:
            parts.append("BYDAY=" + some(DAYS, 4))
    elif kind < 0.7 and freq in ("YEARLY", "HOURLY"):
        parts.append("BYYEARDAY=" + some([1, 59, 60, 100, 200, 365, 366, -1, -60, -366], 4))
    elif kind < 0.8 and freq == "YEARLY":
        parts.append("BYWEEKNO=" + some([1, 2, 20, 51, 52, 53, -1], 3) + ";BYDAY=" + some(DAYS, 3))
    if random.random() < 0.35:
        parts.append("BYHOUR=" + some(range(24)))
    if random.random() < 0.25:
        parts.append("BYMINUTE=" + some(range(0, 60, 5)))
    if random.random() < 0.25:
        parts.append("WKST=" + random.choice(["SU", "MO", "TH"]))
    if random.random() < 0.25 and len(parts) > 2 and freq in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY"):
        parts.append("BYSETPOS=" + some([1, 2, 3, -1, -2], 2))
    end = random.random()
    if end < 0.3:
        parts.append(f"COUNT={random.randint(1, 60)}")
    return ";".join(parts)


def first(series, after=None):
    """Twelve, or fewer; nothing when it takes ages to find them."""
    found = []
    for at in series.xafter(after, inc=True) if after else series:
        found.append(at)
        if len(found) == 12:
            break
    return found


written = 0
while written < 400:
    text = rule()
    start = datetime(random.randint(1995, 2026), random.randint(1, 12), random.randint(1, 28), random.choice([0, 8, 9, 23]), random.choice([0, 30]))
    if random.random() < 0.3:
        text += ";UNTIL=" + (start + timedelta(days=random.randint(30, 2000))).strftime("%Y%m%dT%H%M%S")
    try:
        begun = next(iter(rrulestr(text, dtstart=start)), None)
        if begun is None:
            continue
        series = rrulestr(text, dtstart=begun)
        if next(iter(series), None) != begun:
            continue
    except ValueError:
        continue
    after = begun if random.random() < 0.4 else begun + timedelta(days=random.randint(1, 1500))
    if "SECONDLY" in text or "MINUTELY" in text:
        after = min(after, begun + timedelta(days=40))
    found = first(series, after)
    stamp = "%Y%m%dT%H%M%S"
    print(" | ".join([text, begun.strftime(stamp), after.strftime(stamp), " ".join(at.strftime(stamp) for at in found)]))
    written += 1
