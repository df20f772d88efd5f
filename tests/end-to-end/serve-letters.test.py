# Dead letters of runs of a server: read, mended, replayed and thrown away, also while their run goes on.
import json
import os
import signal
import unittest

from program import chain, node, until
from serving import ServeTest

CSV = "id,n,at\n1,2,2026-01-01T00:00:00Z\n2,0,2026-01-02T00:00:00Z\n3,4\n4,0,2026-01-03T00:00:00Z\n"


def shares(name):
    nodes = [node("read", "files/csv-read", path="in.csv", schema="{id: int, n: int, at: timestamp}"),
             node("share", "logic/map", set={"share": "100 / row.n"}), node("write", "files/json-write", path="out.ndjson")]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}


def failing(name):
    """For ever; every tenth row fails. It writes no file, which one run at a time could do."""
    nodes = [node("count", "generate/pattern", rows=0, rate=200, batchRows=1), node("share", "logic/map", set={"share": "100 / (row.id % 10)"})]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}


class Letters(ServeTest):
    def json(self, server, method, path, body=None, status=200, headers=None):
        found, _, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def begin(self, server, flow):
        self.json(server, "POST", "/flows", flow, 201)
        self.json(server, "POST", f"/flows/{flow['id']}/versions", {"publish": True}, 201)
        return self.json(server, "POST", f"/flows/{flow['id']}/runs", {}, 201)["id"]

    def ends(self, server, run):
        return until(lambda: (found := self.json(server, "GET", f"/runs/{run}"))["state"] in ("done", "failed", "stopped", "held") and found)

    def letters(self, server, run):
        return self.json(server, "GET", f"/runs/{run}/dead-letters?limit=1000")["letters"]

    def rows(self):
        return sorted(json.loads(line)["id"] for line in (self.folder / "data/files/out.ndjson").read_text().splitlines())

    def failed(self, server):
        self.write("data/files/in.csv", CSV)
        run = self.begin(server, shares("shares"))
        self.assertEqual(self.ends(server, run)["state"], "done")
        return run

    def test_mended_rows_go_through_the_rest_of_their_flow_and_the_others_stay(self):
        server = self.serve()
        run = self.failed(server)
        letters = self.letters(server, run)
        self.assertEqual([one["code"] for one in letters], ["csv.field_count", "cel.divide_by_zero", "cel.divide_by_zero"])
        second = letters[1]
        self.json(server, "PUT", f"/runs/{run}/dead-letters/{second['number']}", {"traceId": second["traceId"], "row": {**second["row"], "n": 5}})
        replay = self.json(server, "POST", f"/runs/{run}/dead-letters/replay", {"edited": True}, 201)
        self.assertEqual((replay["flow"], replay["version"], replay["replay"]["run"]), ("shares", 1, run))
        ended = self.ends(server, replay["id"])
        self.assertEqual(ended["state"], "done", ended)
        self.assertEqual(self.rows(), [1, second["row"]["id"]])
        self.assertEqual(len(self.letters(server, run)), 2)
        # What fails again is a dead letter of the replay.
        again = self.json(server, "POST", f"/runs/{run}/dead-letters/replay", {"nodes": ["share"]}, 201)
        self.assertEqual(self.ends(server, again["id"])["state"], "done")
        self.assertEqual([one["code"] for one in self.letters(server, again["id"])], ["cel.divide_by_zero"])
        self.assertEqual([one["code"] for one in self.letters(server, run)], ["csv.field_count"])
        self.json(server, "DELETE", f"/runs/{run}/dead-letters")
        self.assertEqual(self.letters(server, run), [])

    def test_what_cannot_be_replayed_is_refused(self):
        server = self.serve()
        run = self.failed(server)
        path = f"/runs/{run}/dead-letters/replay"
        for body, status in (({"codes": ["no.such"]}, 422), ({"numbers": []}, 400), ({"numbers": [0]}, 400), ({"numbers": [99]}, 422), ({"edited": "yes"}, 400),
                             ({"edited": True}, 422), ({"version": 9}, 404), ({"run": "other"}, 400), ("{", 400)):
            with self.subTest(body=body):
                self.json(server, "POST", path, body, status, {"content-type": "application/json"})
        self.json(server, "POST", "/runs/none/dead-letters/replay", {}, 404)
        self.assertEqual(len(self.json(server, "GET", "/runs")["runs"]), 1)
        # A row that could not be read has nothing that could be given again.
        replay = self.json(server, "POST", path, {"codes": ["csv.field_count"]}, 201)
        ended = self.ends(server, replay["id"])
        self.assertEqual((ended["state"], ended["error"]["code"]), ("failed", "dead_letters.nothing"))
        self.assertEqual(len(self.letters(server, run)), 3)

    def test_edited_rows_need_the_rights_of_who_may_write_them(self):
        server = self.serve()
        run = self.failed(server)
        letter = self.letters(server, run)[1]
        self.json(server, "PUT", f"/runs/{run}/dead-letters/{letter['number']}", {"traceId": letter["traceId"], "row": {**letter["row"], "n": 5}})
        _, headers, text = server.ask("POST", "/api/v1/session", {"name": server.NAME, "password": server.PASSWORD}, {"cookie": "none=1"})
        session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(text)["csrf"]}
        wanted = {"name": "operator", "permissions": ["flow.read", "data.read", "run.start", "deadletter.replay"]}
        token = self.json(server, "POST", "/tokens", wanted, 201, session)["token"]
        operator = {"authorization": f"Bearer {token}"}
        refused = self.json(server, "POST", f"/runs/{run}/dead-letters/replay", {"edited": True}, 403, operator)
        self.assertIn("secret.use", refused["detail"])
        self.json(server, "POST", f"/runs/{run}/dead-letters/replay", {"numbers": [letter["number"] + 1]}, 201, operator)

    def test_letters_of_a_run_that_goes_on_are_mended_replayed_and_survive_its_engine(self):
        server = self.serve()
        run = self.begin(server, failing("fails"))
        until(lambda: len(self.letters(server, run)) >= 3)
        first = self.letters(server, run)[0]
        self.json(server, "PUT", f"/runs/{run}/dead-letters/{first['number']}", {"traceId": first["traceId"], "row": {**first["row"], "id": 7}})
        replay = self.json(server, "POST", f"/runs/{run}/dead-letters/replay", {"edited": True}, 201)
        ended = self.ends(server, replay["id"])
        self.assertEqual(ended["state"], "done", ended)
        self.assertNotIn(first["traceId"], [one["traceId"] for one in self.letters(server, run)])
        self.assertEqual(self.json(server, "GET", f"/runs/{run}")["state"], "running")
        kept = [one["traceId"] for one in self.letters(server, run)]
        engines = [int(one) for one in os.listdir("/proc") if one.isdigit() and self.parent(one) == server.process.pid]
        for engine in engines:
            os.kill(engine, signal.SIGKILL)
        until(lambda: self.json(server, "GET", f"/runs/{run}")["restarts"] >= 1 and len(self.letters(server, run)) > len(kept))
        now = [one["traceId"] for one in self.letters(server, run)]
        self.assertEqual(now[:len(kept)], kept)
        gone = self.json(server, "DELETE", f"/runs/{run}/dead-letters/1")
        self.assertEqual(gone, {"discarded": 1})
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        self.ends(server, run)

    @staticmethod
    def parent(process):
        try:
            with open(f"/proc/{process}/stat") as stat:
                return int(stat.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            return 0


if __name__ == "__main__":
    unittest.main()
