# weir serve starts runs at planned times: once each, also after it was killed, and never past what overlap allows.
import json
import time
import unittest

from program import chain, node, until
from serving import ServeTest


def short(name, rows=3):
    source = node("count", "generate/pattern", rows="${rows}")
    kept = node("write", "files/json-write", path=f"{name}.ndjson")
    return {"id": name, "version": "1.0.0", "nodes": [source, kept], "edges": chain(source, kept),
            "parameters": [{"name": "rows", "type": "integer", "default": rows}]}


def endless(name):
    source = node("count", "generate/pattern", rows=0, rate=50, batchRows=1)
    kept = node("write", "files/json-write", path=f"{name}.ndjson")
    return {"id": name, "version": "1.0.0", "nodes": [source, kept], "edges": chain(source, kept)}


class Schedules(ServeTest):
    def json(self, server, method, path, body=None, status=200, headers=None):
        found, got, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        answer = json.loads(said) if said else {}
        if "etag" in got:
            answer["etag"] = got["etag"]
        return answer

    def publish(self, server, flow):
        self.json(server, "POST", "/flows", flow, 201)
        self.json(server, "POST", f"/flows/{flow['id']}/versions", {"publish": True}, 201)

    def fires(self, server, schedule, **where):
        found = self.json(server, "GET", f"/schedules/{schedule}/fires?limit=500")["fires"]
        return [one for one in found if all(one.get(name) == value for name, value in where.items())]

    def test_runs_begin_at_their_times_and_their_results_are_told(self):
        server = self.serve()
        self.publish(server, short("orders"))
        made = self.json(server, "POST", "/flows/orders/schedules", {"name": "each second", "everyMs": 1000, "parameters": {"rows": 5}}, 201)
        self.assertEqual((made["flow"], made["overlap"], made["misfire"], made["version"]), ("orders", "skip", "once", "published"))
        self.assertGreater(made["next"], made["createdAt"])
        done = until(lambda: self.fires(server, made["id"], runState="done"))[-1]
        run = self.json(server, "GET", f"/runs/{done['run']}")
        self.assertEqual((run["parameters"], run["startedBy"]), ({"rows": 5}, f"schedule:{made['id']}"))
        self.assertEqual([one["id"] for one in self.json(server, "GET", "/flows/orders/schedules")["schedules"]], [made["id"]])
        self.assertEqual([one["id"] for one in self.json(server, "GET", "/schedules?folder=elsewhere")["schedules"]], [])
        times = self.json(server, "GET", f"/schedules/{made['id']}/times?count=3&after={made['createdAt']}")["times"]
        self.assertEqual([one - made["createdAt"] for one in times], [1000, 2000, 3000])

        paused = self.json(server, "POST", f"/schedules/{made['id']}/pause")
        self.assertEqual((paused["paused"], paused["why"]), (True, "it is paused"))
        until(lambda: not self.fires(server, made["id"], runState="running") and not self.fires(server, made["id"], runState="starting"))
        before = len(self.fires(server, made["id"]))
        time.sleep(2.5)
        self.assertEqual(len(self.fires(server, made["id"])), before)
        by_hand = self.json(server, "POST", f"/schedules/{made['id']}/run", status=201)
        self.assertEqual((by_hand["outcome"], by_hand["byHand"]), ("started", True))
        self.json(server, "POST", f"/schedules/{made['id']}/resume")
        until(lambda: len(self.fires(server, made["id"], byHand=False)) > before)
        self.json(server, "DELETE", f"/schedules/{made['id']}", status=204)
        self.json(server, "GET", f"/schedules/{made['id']}", status=404)

    def test_R15_after_a_kill_no_time_comes_twice(self):
        server = self.serve()
        self.publish(server, short("orders"))
        made = self.json(server, "POST", "/flows/orders/schedules", {"everyMs": 1000, "misfire": "all", "overlap": "parallel", "parallel": 100}, 201)
        until(lambda: len(self.fires(server, made["id"])) >= 2)
        server.kill()
        time.sleep(2.5)
        again = self.serve()
        until(lambda: len(self.fires(again, made["id"])) >= 6)
        self.json(again, "POST", f"/schedules/{made['id']}/pause")
        fires = self.fires(again, made["id"], outcome="started")
        planned = sorted(one["plannedAt"] for one in fires)
        self.assertEqual([b - a for a, b in zip(planned, planned[1:])], [1000] * (len(planned) - 1))
        runs = self.json(again, "GET", "/runs?flow=orders&limit=500")["runs"]
        self.assertEqual(len(runs), len(fires))
        self.assertEqual({one["id"] for one in runs}, {one["run"] for one in fires})

    def test_a_time_that_comes_while_a_run_goes_on(self):
        server = self.serve()
        self.publish(server, endless("ticks"))
        made = self.json(server, "POST", "/flows/ticks/schedules", {"everyMs": 1000, "overlap": "queue"}, 201)
        until(lambda: self.fires(server, made["id"], outcome="waiting") and self.fires(server, made["id"], outcome="skipped"))
        first = self.fires(server, made["id"], outcome="started")
        self.assertEqual(len(first), 1)
        self.assertEqual(self.json(server, "GET", f"/schedules/{made['id']}")["going"], 1)
        self.json(server, "POST", f"/runs/{first[0]['run']}/stop", status=202)
        until(lambda: len(self.fires(server, made["id"], outcome="started")) == 2)

        changed = self.json(server, "GET", f"/schedules/{made['id']}")
        self.json(server, "PUT", f"/schedules/{made['id']}", {"cron": "0 0 1 1 *", "timeZone": "Europe/Berlin"}, 428)
        self.json(server, "PUT", f"/schedules/{made['id']}", {"cron": "0 0 1 1 *"}, 412, {"if-match": '"1"'})
        new_year = self.json(server, "PUT", f"/schedules/{made['id']}", {"cron": "0 0 1 1 *", "timeZone": "Europe/Berlin"}, headers={"if-match": changed["etag"]})
        self.assertEqual((new_year["overlap"], new_year["cron"]), ("skip", "0 0 1 1 *"))
        self.assertEqual(time.gmtime(new_year["next"] / 1000)[1:5], (12, 31, 23, 0))
        refused = self.json(server, "POST", f"/schedules/{made['id']}/run", status=409)
        self.assertEqual(refused["code"], "schedule.overlap")

    def test_a_schedule_of_a_flow_that_was_deleted_starts_no_later_one_of_its_id(self):
        server = self.serve()
        self.publish(server, short("orders"))
        old = self.json(server, "POST", "/flows/orders/schedules", {"everyMs": 1000}, 201)["id"]
        until(lambda: self.fires(server, old, runState="done"))
        any_state = {"if-match": "*", "authorization": f"Bearer {server.token}"}
        until(lambda: server.ask("DELETE", "/api/v1/flows/orders", headers=any_state)[0] == 200)
        until(lambda: server.ask("DELETE", "/api/v1/flows/orders?purge=true", headers=any_state)[0] == 204)
        self.publish(server, short("orders"))
        begun = self.json(server, "GET", "/flows/orders")
        self.assertEqual(self.json(server, "GET", "/flows/orders/schedules")["schedules"], [])
        self.json(server, "GET", f"/schedules/{old}", status=404)
        self.json(server, "POST", f"/schedules/{old}/run", status=404)
        # One of the later flow's own is dealt with in the same rounds.
        new = self.json(server, "POST", "/flows/orders/schedules", {"everyMs": 1000}, 201)["id"]
        until(lambda: len(self.fires(server, new, runState="done")) >= 3)
        runs = self.json(server, "GET", "/runs?flow=orders&limit=500")["runs"]
        self.assertEqual({one["startedBy"] for one in runs if one["createdAt"] >= begun["createdAt"]}, {f"schedule:{new}"})

    def test_what_plans_nothing_or_cannot_run_is_refused(self):
        server = self.serve()
        self.json(server, "POST", "/flows", short("orders"), 201)
        self.assertEqual(self.json(server, "POST", "/flows/orders/schedules", {"everyMs": 1000}, 409)["code"], "run.no_version")
        self.json(server, "POST", "/flows/orders/versions", {"publish": True}, 201)
        for body, status in (({}, 400), ({"cron": "* * * * *", "everyMs": 1000}, 400), ({"everyMs": 10}, 400), ({"everyMs": 0}, 400), ({"everyMs": 999}, 400), ({"everyMs": None}, 400),
                             ({"cron": ""}, 400), ({"cron": "", "timeZone": "UTC"}, 400), ({"cron": " "}, 422), ({"cron": None}, 400), ({"cron": "", "everyMs": 1000}, 400),
                             ({"cron": "* * * * *", "startAt": 1}, 400), ({"cron": "* * * * *", "timeZone": ""}, 422), ({"cron": "61 * * * *"}, 422),
                             ({"cron": "0 0 30 2 *"}, 422), ({"cron": "* * * * *", "timeZone": "Mars/Olympus"}, 422), ({"everyMs": 1000, "overlap": "maybe"}, 400),
                             ({"everyMs": 1000, "parallel": 3}, 400), ({"everyMs": 1000, "parameters": {"rows": "many"}}, 422), ({"everyMs": 1000, "version": 9}, 404),
                             ({"everyMs": 1000, "misfires": "once"}, 400), ({"everyMs": 1000, "jitterMs": -1}, 400), ("[]", 400), ("{", 400)):
            with self.subTest(body=body):
                self.json(server, "POST", "/flows/orders/schedules", body, status, {"content-type": "application/json"})
        self.json(server, "POST", "/flows/none/schedules", {"everyMs": 1000}, 404)
        self.assertEqual(self.json(server, "GET", "/schedules")["schedules"], [])
        self.json(server, "GET", "/schedules/none/fires", status=404)
        self.json(server, "POST", "/schedules/none/run", status=404)


if __name__ == "__main__":
    unittest.main()
