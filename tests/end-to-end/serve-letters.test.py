# Dead letters of runs of a server: read, mended, replayed and thrown away, also while their run goes on.
import json
import os
import signal
import unittest
from concurrent.futures import ThreadPoolExecutor

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

    def test_one_replay_at_a_time_has_the_letters_of_a_run(self):
        server = self.serve()
        run = self.failed(server)
        letter = self.letters(server, run)[1]
        self.json(server, "PUT", f"/runs/{run}/dead-letters/{letter['number']}", {"traceId": letter["traceId"], "row": {**letter["row"], "n": 5}})
        read, share, write = shares("shares")["nodes"]
        nodes = [read, share, node("wait", "flow/delay", delay="1h"), write]
        self.json(server, "PUT", "/flows/shares", {**shares("shares"), "nodes": nodes, "edges": chain(*nodes)}, headers={"if-match": "*"})
        self.json(server, "POST", "/flows/shares/versions", {"publish": True}, 201)
        path = f"/runs/{run}/dead-letters"
        with ThreadPoolExecutor(4) as people:
            answers = list(people.map(lambda _: server.ask("POST", f"/api/v1{path}/replay", {"edited": True, "version": 2}), range(4)))
        self.assertEqual(sorted(status for status, _, _ in answers), [201, 409, 409, 409], answers)
        replay = next(json.loads(said)["id"] for status, _, said in answers if status == 201)
        # It holds the letters as soon as it has begun, and says so to who would change them.
        until(lambda: server.ask("DELETE", f"/api/v1{path}?code=none")[0] == 409)
        refused = [self.json(server, "POST", f"{path}/replay", {"nodes": ["share"]}, 409), self.json(server, "DELETE", path, None, 409),
                   self.json(server, "PUT", f"{path}/{letter['number']}", {"traceId": letter["traceId"], "row": letter["row"]}, 409)]
        self.assertIn(replay, refused[0]["detail"])
        for problem in refused:
            self.assertEqual(problem["code"], "dead_letters.live")
            self.assertNotIn(str(self.folder), json.dumps(problem))
        self.json(server, "POST", f"/runs/{replay}/stop", {}, 202)
        self.ends(server, replay)
        again = self.json(server, "POST", f"{path}/replay", {"nodes": ["share"], "version": 1}, 201)
        self.assertEqual(self.ends(server, again["id"])["state"], "done")

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

    def editor(self, server, name, folder):
        """Headers of somebody who edits in one folder alone."""
        who = {"name": name, "password": "a password for tests"}
        user = self.json(server, "POST", "/users", who, 201)["id"]
        self.json(server, "POST", "/grants", {"user": user, "role": "editor", "folder": folder}, 201)
        _, headers, said = server.ask("POST", "/api/v1/session", who, {"cookie": ""})
        return {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]}

    def kept(self, server, flow, folder):
        self.write(f"data/files/{folder}/in.csv", CSV)
        self.json(server, "POST", f"/flows?folder={folder}", flow, 201)
        self.json(server, "POST", f"/flows/{flow['id']}/versions", {"publish": True}, 201)

    def mend(self, server, run, who):
        letter = next(one for one in self.letters(server, run) if one["code"] == "cel.divide_by_zero")
        self.json(server, "PUT", f"/runs/{run}/dead-letters/{letter['number']}", {"traceId": letter["traceId"], "row": {**letter["row"], "n": 5}}, headers=who)

    def removed(self, server, path, who):
        status, _, said = server.ask("DELETE", f"/api/v1{path}", None, {**who, "if-match": "*"})
        self.assertIn(status, (200, 204), said)

    def refuses(self, server, run, who):
        """Nothing that a run has left goes into what now has the id of its flow."""
        before = self.json(server, "GET", "/runs")["runs"]
        for body in ({}, {"version": 1}, {"version": "draft"}, {"edited": True}):
            refused = self.json(server, "POST", f"/runs/{run}/dead-letters/replay", body, 409, who)
            self.assertEqual(refused["code"], "run.other_flow", refused)
            self.assertNotIn(str(self.folder), refused["detail"])
        self.assertEqual(self.json(server, "GET", "/runs")["runs"], before)
        self.assertEqual(len(self.letters(server, run)), 3)

    def test_S1_letters_are_not_replayed_into_a_later_flow_of_that_id(self):
        server = self.serve()
        anna = self.editor(server, "anna", "a")
        self.kept(server, shares("taken"), "a")
        run = self.json(server, "POST", "/flows/taken/runs", {}, 201, anna)["id"]
        self.assertEqual(self.ends(server, run)["state"], "done")
        for path in ("/flows/taken", "/flows/taken?purge=true"):
            self.removed(server, path, anna)
        # In another folder, and later in the same one: it is another flow all the same.
        self.kept(server, shares("taken"), "b")
        self.json(server, "GET", "/flows/taken", None, 404, anna)
        self.mend(server, run, anna)
        self.refuses(server, run, anna)
        for path in ("/flows/taken", "/flows/taken?purge=true"):
            self.removed(server, path, {"authorization": f"Bearer {server.token}"})
        self.refuses(server, run, anna)
        self.kept(server, shares("taken"), "a")
        self.refuses(server, run, anna)
        # Its own key of a request finds no run of the flow that was there before.
        again = self.json(server, "POST", "/flows/taken/runs", {}, 201)["id"]
        self.assertEqual(self.ends(server, again)["state"], "done")
        self.assertFalse((self.folder / "data/files/b/out.ndjson").exists())

    def test_S1_a_flow_with_letters_stays_and_a_run_of_before_its_move_does_not_go_on(self):
        server = self.serve()
        anna = self.editor(server, "anna", "a")
        everything = {"authorization": f"Bearer {server.token}", "if-match": "*"}
        self.kept(server, shares("moves"), "a")
        run = self.json(server, "POST", "/flows/moves/runs", {}, 201, anna)["id"]
        self.assertEqual(self.ends(server, run)["state"], "done")
        refused = self.json(server, "POST", "/flows/moves/move", {"folder": "b"}, 409, everything)
        self.assertEqual(refused["code"], "dead_letters.waiting", refused)
        self.assertIn(run, refused["detail"])
        refused = self.json(server, "POST", "/apply", {"flows": [{"document": shares("moves"), "folder": "b"}]}, 409)
        self.assertEqual(refused["code"], "dead_letters.waiting", refused)
        self.json(server, "DELETE", f"/runs/{run}/dead-letters")
        self.write("data/files/b/in.csv", CSV)
        self.json(server, "POST", "/flows/moves/move", {"folder": "b"}, 200, everything)
        there = [(one["action"], one["folder"]) for one in self.json(server, "GET", "/audit?object=flow:moves&action=flow.moved")["entries"]]
        self.assertEqual(sorted(there), [("flow.moved", "a"), ("flow.moved", "b")])
        # A run that stopped before the move is not gone on with, nor with what lies elsewhere now.
        slow = {"id": "slow", "version": "1.0.0", "config": {"checkpoint": {"everyMs": 200}}, **failing("slow")}
        self.kept(server, slow, "a")
        held = self.json(server, "POST", "/flows/slow/runs", {}, 201, anna)["id"]
        until(lambda: self.json(server, "GET", f"/runs/{held}")["state"] == "running")
        until(lambda: server.ask("GET", f"/api/v1/runs/{held}/dead-letters")[0] == 200)
        self.json(server, "POST", f"/runs/{held}/stop", {"at": "checkpoint"}, 202)
        self.assertEqual(self.ends(server, held)["state"], "stopped")
        self.json(server, "DELETE", f"/runs/{held}/dead-letters")
        self.json(server, "POST", "/flows/slow/move", {"folder": "b"}, 200, everything)
        self.assertEqual(self.json(server, "POST", f"/runs/{held}/resume", None, 409, anna)["code"], "run.other_flow")
        self.json(server, "POST", f"/runs/{held}/version", {"version": "draft"}, 409)
        # Back where it was it goes on.
        self.json(server, "POST", "/flows/slow/move", {"folder": "a"}, 200, everything)
        self.json(server, "POST", f"/runs/{held}/resume", None, 202, anna)
        self.json(server, "POST", f"/runs/{held}/stop", {}, 202)
        self.ends(server, held)


if __name__ == "__main__":
    unittest.main()
