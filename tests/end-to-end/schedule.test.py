#!/usr/bin/env python3
# Schedules against Python's own time zones, second by second.
import datetime
import json
import random
import sys
import unittest
import zoneinfo
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, node  # noqa: E402

UTC = datetime.timezone.utc


def planned(minutes, hours, days, months, weekdays, zone, begin, end):
    """The moments of the rule: each local time that fits, when clocks show it first; a skipped one when they have changed."""
    moments = set()
    wall = begin.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0) - datetime.timedelta(days=2)
    while wall < end.replace(tzinfo=None) + datetime.timedelta(days=2):
        if wall.minute in minutes and wall.hour in hours and wall.day in days and wall.month in months and wall.isoweekday() % 7 in weekdays:
            first = wall.replace(tzinfo=zone, fold=0)
            moment = first.astimezone(UTC)
            if moment.astimezone(zone).replace(tzinfo=None) != wall:
                # Skipped: the change is the first moment that shows a later wall clock than this.
                low, high = moment - datetime.timedelta(days=2), moment + datetime.timedelta(days=2)
                while high - low > datetime.timedelta(seconds=1):
                    middle = low + (high - low) / 2
                    middle = middle.replace(microsecond=0)
                    if middle <= low:
                        break
                    if middle.astimezone(zone).replace(tzinfo=None) > wall:
                        high = middle
                    else:
                        low = middle
                moment = high
            moments.add(moment)
        wall += datetime.timedelta(minutes=1)
    return sorted(moment for moment in moments if begin < moment <= end)


class Schedules(ProgramTest):
    def times(self, *arguments):
        return [row["at"] for row in json.loads(self.weir("schedule", "--json", *arguments)[0])]

    def test_the_next_times_are_those_that_pythons_zones_give(self):
        dice = random.Random(4)
        names = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "Pacific/Apia", "Africa/Casablanca", "Europe/Dublin"]
        for name in names:
            zone = zoneinfo.ZoneInfo(name)
            # Around a change of the year's clocks, and anywhere.
            starts = [datetime.datetime(dice.randint(2015, 2034), dice.randint(1, 12), dice.randint(1, 28), tzinfo=UTC)]
            for year in (2011, 2019, 2024, 2031):
                day = datetime.datetime(year, 1, 1, tzinfo=UTC)
                while day.year == year:
                    after = day + datetime.timedelta(days=1)
                    if day.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
                        starts.append(day - datetime.timedelta(hours=12))
                    day = after
            for begin in starts:
                fields = [sorted(dice.sample(range(60), 3)), sorted(dice.sample(range(5), 2)) + [dice.randint(5, 23)]]
                days = range(1, 32)
                line = f"{','.join(map(str, fields[0]))} {','.join(map(str, fields[1]))} * * *"
                end = begin + datetime.timedelta(days=3)
                expected = [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in planned(fields[0], fields[1], days, range(1, 13), range(7), zone, begin, end)]
                with self.subTest(zone=name, line=line, begin=str(begin)):
                    found = self.times("--cron", line, "--zone", name, "--from", begin.strftime("%Y-%m-%dT%H:%M:%SZ"), "--count", str(len(expected)))
                    self.assertEqual(found, expected)

    def test_a_flow_shows_its_schedules(self):
        flow = self.flow("daily", node("at-nine", "flow/schedule", cron="0 9 * * *", timeZone="Europe/Berlin"), node("w", "debug/log"))
        out, _ = self.weir("schedule", flow, "--from", "2024-03-30T00:00:00Z", "--count", "2")
        self.assertEqual(out, "at-nine  2024-03-30T09:00:00+01:00  2024-03-30T08:00:00Z\nat-nine  2024-03-31T09:00:00+02:00  2024-03-31T07:00:00Z\n")
        out, _ = self.weir("schedule", "--every", "90s", "--from", "2024-03-30T00:00:00Z", "--count", "1")
        self.assertEqual(out, "2024-03-30T00:01:30Z\n")

    def test_what_is_wrong_is_said_before_a_run(self):
        for settings, says in (({"cron": "0 24 * * *"}, ["/nodes/0/settings/cron", "the field 'hour'", "Midnight is hour 0", "cron.syntax"]),
                               ({"cron": "0 0 31 2 *"}, ["cron.never"]), ({"cron": "@dialy"}, ["Did you mean '@daily'?"]),
                               ({"cron": "@daily", "timeZone": "Europ/Paris"}, ["did you mean 'Europe/Paris'?", "zone.unknown"]),
                               ({"every": "0s"}, ["settings.range"]), ({"every": "1h", "cron": "@daily"}, ["has both"])):
            with self.subTest(settings=settings):
                self.fails("validate", self.flow("bad", node("s", "flow/schedule", **settings), node("w", "debug/log")), code=2, says=says)
        self.fails("run", self.flow("lost", node("s", "flow/schedule", cron="@daily", timeZone="Europe/Atlantis"), node("w", "debug/log")), code=2, says=["zone.unknown", "Europe/Atlantis"])
        self.fails("schedule", self.flow("none", node("n", "generate/pattern", rows=1), node("w", "debug/log")), code=2, says=["has no schedule"])
        self.fails("schedule", code=2, says=["give either"])
        self.fails("schedule", "--cron", "* * * *", code=2, says=["has 4 fields"])
        self.fails("schedule", "--cron", "@daily", "--zone", "Nowhere/Town", code=2, says=["zone.unknown"])

    def test_a_frozen_clock_jumps_from_time_to_time(self):
        flow = self.flow("year", node("s", "flow/schedule", cron="0 0 1 1 *", count=3), node("w", "files/csv-write", path="o.csv"))
        self.weir("run", flow, "--clock", "2024-06-01T00:00:00Z", "-q")
        self.assertEqual((self.folder / "o.csv").read_text().splitlines()[1:],
                         [f"{year}-01-01T00:00:00Z,{year}-01-01T00:00:00Z,{i + 1},0" for i, year in enumerate((2025, 2026, 2027))])


if __name__ == "__main__":
    unittest.main()
