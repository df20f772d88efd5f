# The machine's clock is wrong, and is put right: nothing that was refused is allowed again, no time comes twice, and what runs goes on.
import datetime
import json
import mmap
import struct
import unittest

from program import chain, node, until
from servers import POSTGRES, PostgreSql, needs
from serving import ServeTest

# The clock of the day is as many seconds ahead as the first eight bytes of a file say; the steady one is not touched.
CLOCK = """
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static const volatile long long* ahead;
__attribute__((constructor)) static void look(void) {
  int file = open(getenv("SHIM"), O_RDONLY);
  void* at = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
  if (at != MAP_FAILED) ahead = at;
  close(file);
}
int clock_gettime(clockid_t clock, struct timespec* at) {
  int done = (int)syscall(SYS_clock_gettime, clock, at);
  if (ahead && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += *ahead;
  return done;
}
int gettimeofday(struct timeval* at, void* zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t* at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
"""
HOUR, DAY = 3600, 86_400


def ticking(name):
    nodes = [node("count", "generate/pattern", rows=0, rate=50, batchRows=1)]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}


class ClockTest(ServeTest):
    def setUp(self):
        super().setUp()
        (self.folder / "shim-on").write_bytes(bytes(8))
        self.environment = self.preloaded(CLOCK)

    def ahead(self, seconds):
        """From now on the clock of all that was started with self.environment is so far ahead."""
        with (self.folder / "shim-on").open("r+b") as file, mmap.mmap(file.fileno(), 8) as memory:
            memory[:] = struct.pack("q", seconds)

    def json(self, server, method, path, body=None, status=200, headers=None):
        found, _, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def now(self, server):
        """As the server writes it."""
        _, headers, _ = server.ask("GET", "/api/v1/health")
        return datetime.datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=datetime.timezone.utc).timestamp()

    def begin(self, server, flow):
        self.json(server, "POST", "/flows", flow, 201)
        self.json(server, "POST", f"/flows/{flow['id']}/versions", {"publish": True}, 201)
        run = self.json(server, "POST", f"/flows/{flow['id']}/runs", {}, 201)["id"]
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "running")
        return run

    def rows(self, server, run):
        metrics = self.json(server, "GET", f"/runs/{run}/metrics").get("metrics", {})
        return next((one["rowsOut"] for one in metrics.get("nodes", []) if one["id"] == "count"), 0)

    def goes_on(self, server, run):
        before = self.rows(server, run)
        until(lambda: self.rows(server, run) > before)
        found = self.json(server, "GET", f"/runs/{run}")
        self.assertEqual((found["state"], found["restarts"]), ("running", 0), found)


class Clock(ClockTest):
    def test_s16_a_password_is_good_for_as_long_as_its_owner_wants(self):
        server = self.serve(env=self.environment)
        self.ahead(5 * 365 * DAY)
        status, headers, said = server.ask("POST", "/api/v1/session", {"name": server.NAME, "password": server.PASSWORD}, {"cookie": ""})
        self.assertEqual(status, 201, said)
        session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]}
        # Nothing asks for another one, and everything goes on.
        self.assertNotIn("xpire", json.dumps(self.json(server, "GET", "/me", headers=session)))
        self.json(server, "POST", "/flows", {"id": "late", "version": "1.0.0", "nodes": [], "edges": []}, 201, session)
        self.json(server, "POST", "/tokens", {"name": "late", "permissions": ["flow.read"]}, 201, session)

    def test_what_is_too_old_stays_refused_and_what_runs_goes_on(self):
        server = self.serve(env=self.environment)
        before = self.now(server)
        run = self.begin(server, ticking("ticks"))
        status, headers, _ = server.ask("POST", "/api/v1/session", {"name": server.NAME, "password": server.PASSWORD}, {"cookie": ""})
        self.assertEqual(status, 201)
        session = {"cookie": headers["set-cookie"].split(";")[0]}
        self.json(server, "GET", "/me", headers=session)
        self.ahead(13 * HOUR)
        self.assertGreater(self.now(server), before + 12 * HOUR)
        self.json(server, "GET", "/me", headers=session, status=401)
        self.goes_on(server, run)
        self.ahead(0)
        # A session that was too old is over; a token goes by the clock.
        self.json(server, "GET", "/me", headers=session, status=401)
        self.json(server, "GET", "/me")
        # Its timers are those of before: an hour back is not an hour's wait.
        self.ahead(-13 * HOUR)
        self.goes_on(server, run)
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "stopped")
        self.ahead(100 * DAY)
        self.assertEqual(self.json(server, "GET", "/flows", status=401)["code"], "auth.expired")
        self.ahead(0)
        self.json(server, "GET", "/flows")
        # Who signs in while the clock is wrong has not gained a year.
        self.ahead(365 * DAY)
        status, headers, said = server.ask("POST", "/api/v1/session", {"name": server.NAME, "password": server.PASSWORD}, {"cookie": ""})
        self.assertEqual(status, 201, said)
        self.ahead(0)
        self.json(server, "GET", "/me", headers={"cookie": headers["set-cookie"].split(";")[0]}, status=401)
        self.assertEqual(server.stop(), 0)

    def test_R15_a_clock_that_is_put_back_and_forward_starts_no_time_twice(self):
        server = self.serve(env=self.environment)
        self.json(server, "POST", "/flows", {"id": "short", "version": "1.0.0", "nodes": [node("count", "generate/pattern", rows=3)], "edges": []}, 201)
        self.json(server, "POST", "/flows/short/versions", {"publish": True}, 201)
        made = self.json(server, "POST", "/flows/short/schedules", {"everyMs": 1000, "overlap": "parallel", "parallel": 100, "misfire": "skip"}, 201)
        fires = lambda: [one for one in self.json(server, "GET", f"/schedules/{made['id']}/fires?limit=500")["fires"] if one["outcome"] == "started"]
        until(lambda: len(fires()) >= 2)
        self.ahead(-30)
        frozen = until(lambda: self.now(server)) and len(fires())
        self.ahead(HOUR)
        until(lambda: len(fires()) >= frozen + 3)
        self.ahead(0)
        planned = [one["plannedAt"] for one in fires()]
        self.assertEqual(len(planned), len(set(planned)))
        runs = self.json(server, "GET", "/runs?flow=short&limit=500")["runs"]
        self.assertEqual(len(runs), len(fires()))
        # Its next time is an hour from now, as far as the clock had been.
        self.assertEqual(max(planned), planned[0])


@needs(POSTGRES / "postgres")
class Leases(ClockTest):
    def test_R15_leases_go_by_the_clock_of_the_database(self):
        database = PostgreSql(self, self.folder / "postgres")
        first = self.serve("--database-url", database.url, data="first")
        self.tokens["second"] = first.token
        self.ahead(HOUR)
        second = self.serve("--database-url", database.url, data="second", env=self.environment)
        owner = lambda run: database.sql(f"SELECT owner, epoch FROM runs WHERE id = '{run}'")[0]
        run = self.begin(first, ticking("here"))
        there = self.begin(second, ticking("there"))
        owners = owner(run), owner(there)
        self.assertNotEqual(*(one.split("|")[0] for one in owners))
        until_of = lambda run: int(database.sql(f"SELECT lease_until FROM runs WHERE id = '{run}'")[0])
        begun = until_of(run), until_of(there)
        self.ahead(-HOUR)
        # Both renew, a term long, and neither takes what is the other's.
        until(lambda: until_of(run) > begun[0] + 15_000 and until_of(there) > begun[1] + 15_000, 120)
        self.assertEqual((owner(run), owner(there)), owners)
        self.assertLess(abs(until_of(run) - until_of(there)), 60_000)
        self.goes_on(first, run)
        self.goes_on(second, there)


if __name__ == "__main__":
    unittest.main()
