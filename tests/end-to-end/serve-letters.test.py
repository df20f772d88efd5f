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

    def many(self, server):
        """Runs of flows in two folders, with letters of two causes each."""
        runs = {}
        for name, folder in (("shares", "team/a"), ("parts", "team/b"), ("others", "other")):
            self.write(f"data/files/{folder}/in.csv", CSV)
            self.json(server, "POST", f"/flows?folder={folder}", shares(name), 201)
            self.json(server, "POST", f"/flows/{name}/versions", {"publish": True}, 201)
            runs[name] = self.json(server, "POST", f"/flows/{name}/runs", {}, 201)["id"]
            self.assertEqual(self.ends(server, runs[name])["state"], "done")
        return runs

    def test_letters_of_all_runs_are_listed_counted_and_thrown_away_together(self):
        server = self.serve()
        runs = self.many(server)
        counts = lambda query="": self.json(server, "GET", f"/dead-letters/counts?limit=1000{query}")["counts"]  # noqa: E731
        self.assertEqual({one["flow"]: (one["letters"], one["runs"], one["edited"]) for one in counts()}, dict.fromkeys(runs, (3, 1, 0)))
        self.assertEqual({one["run"] for one in counts("&group=run&folder=team")}, {runs["shares"], runs["parts"]})
        causes = counts("&group=cause&flow=shares")
        self.assertEqual([(one["nodeId"], one["code"], one["letters"]) for one in causes], [("share", "cel.divide_by_zero", 2), ("read", "csv.field_count", 1)])
        # The newest run first, in pages of any size.
        every = self.json(server, "GET", "/dead-letters?limit=1000")
        self.assertNotIn("next", every)
        self.assertEqual([one["flow"] for one in every["letters"]], ["others"] * 3 + ["parts"] * 3 + ["shares"] * 3)
        self.assertEqual([one["run"] for one in every["letters"][::3]], [runs["others"], runs["parts"], runs["shares"]])
        for size in (1, 2, 3, 8):
            pages, cursor = [], ""
            while cursor is not None:
                page = self.json(server, "GET", f"/dead-letters?limit={size}{cursor}")
                self.assertLessEqual(len(page["letters"]), size)
                pages += page["letters"]
                cursor = f"&cursor={page['next']}" if "next" in page else None
            self.assertEqual(pages, every["letters"])
        listed = lambda query: [(one["flow"], one["number"]) for one in self.json(server, "GET", f"/dead-letters?{query}")["letters"]]  # noqa: E731
        self.assertEqual(listed("folder=team&code=csv.field_count"), [("parts", 1), ("shares", 1)])
        self.assertEqual(listed(f"run={runs['shares']}&node=share"), [("shares", 2), ("shares", 3)])
        self.assertEqual(listed("until=1000"), [])
        self.assertEqual(len(listed("from=1000")), 9)
        second = every["letters"][-2]
        self.json(server, "PUT", f"/runs/{runs['shares']}/dead-letters/2", {"traceId": second["traceId"], "row": {**second["row"], "n": 5}})
        self.assertEqual(listed("state=edited"), [("shares", 2)])
        self.assertEqual(len(listed("state=unedited")), 8)
        self.assertEqual([(one["flow"], one["edited"]) for one in counts("&state=edited")], [("shares", 1)])
        for query in ("cursor=x", "cursor=1.", "cursor=1.x", "limit=0", "state=new", "bad=1"):
            self.json(server, "GET", f"/dead-letters?{query}", status=400)
        self.json(server, "GET", "/dead-letters/counts?group=row", status=400)
        self.json(server, "DELETE", "/dead-letters", status=400)
        gone = self.json(server, "DELETE", "/dead-letters?folder=team&code=cel.divide_by_zero&state=unedited")
        self.assertEqual(gone, {"discarded": 3, "runs": 2, "more": False})
        self.assertEqual(sorted(listed("folder=team")), [("parts", 1), ("shares", 1), ("shares", 2)])
        # A run that is deleted takes its letters out of the counts.
        self.json(server, "DELETE", f"/runs/{runs['others']}", status=204)
        self.assertEqual({one["flow"]: one["letters"] for one in counts()}, {"parts": 1, "shares": 2})
        server.stop(signal.SIGKILL)
        again = self.serve()
        self.assertEqual({one["flow"]: one["letters"] for one in self.json(again, "GET", "/dead-letters/counts")["counts"]}, {"parts": 1, "shares": 2})

    def test_nobody_is_told_of_letters_of_flows_that_they_may_not_see(self):
        server = self.serve()
        runs = self.many(server)
        _, headers, text = server.ask("POST", "/api/v1/session", {"name": server.NAME, "password": server.PASSWORD}, {"cookie": "none=1"})
        session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(text)["csrf"]}

        def token(*permissions):
            wanted = {"name": "-".join(permissions), "permissions": list(permissions), "folders": ["team/a"]}
            return {"authorization": f"Bearer {self.json(server, 'POST', '/tokens', wanted, 201, session)['token']}"}

        viewer, operator, editor = token("flow.read"), token("flow.read", "data.read"), token("flow.read", "data.read", "deadletter.edit")
        for who, sees in ((viewer, False), (operator, True)):
            letters = self.json(server, "GET", "/dead-letters", headers=who)["letters"]
            self.assertEqual({one["run"] for one in letters}, {runs["shares"]})
            self.assertEqual([one["row"] is not None for one in letters[1:]], [sees, sees])
            for query in ("", "?group=cause", "?group=run", "?flow=others", f"?run={runs['others']}", "?folder=other"):
                said = json.dumps(self.json(server, "GET", f"/dead-letters/counts{query}", headers=who))
                self.assertNotIn("other", said)
                self.assertNotIn("parts", said)
            self.assertEqual(self.json(server, "GET", f"/dead-letters?run={runs['others']}", headers=who)["letters"], [])
            status, _, _ = server.ask("DELETE", "/api/v1/dead-letters?code=csv.field_count", headers=who)
            self.assertIn(status, (200, 403))
        self.assertEqual(self.json(server, "GET", "/dead-letters/counts?flow=shares")["counts"][0]["letters"], 3)
        gone = self.json(server, "DELETE", "/dead-letters?code=csv.field_count", headers=editor)
        self.assertEqual((gone["discarded"], gone["runs"]), (1, 1))
        self.assertEqual({one["flow"]: one["letters"] for one in self.json(server, "GET", "/dead-letters/counts")["counts"]}, {"shares": 2, "parts": 3, "others": 3})

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
