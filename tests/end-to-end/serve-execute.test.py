# weir serve runs flows in engine processes: what an execution tells, and what the end of an engine does to it.
import http.client
import json
import os
import signal
from pathlib import Path

from program import chain, node, until
from serving import ServeTest


def numbers(count, name="numbers"):
    source = node("a", "generate/pattern", rows=count)
    square = node("b", "logic/map", set={"square": "row.id * row.id"}, drop=["ts", "id", "value"])
    return {"id": name, "version": "1.0.0", "nodes": [source, square], "edges": chain(source, square)}


def endless(name="endless"):
    """A row every 20 ms, for ever."""
    document = numbers(0, name)
    document["nodes"][0]["settings"].update(rate=50, batchRows=1)
    return document


class Events:
    """The Server-Sent Events of one answer, read one by one."""

    def __init__(self, server, method, path, body=None, headers=None):
        self.connection = http.client.HTTPConnection(server.host, server.port, timeout=120)
        text = None if body is None else json.dumps(body)
        signed = {"authorization": f"Bearer {server.token}"} if server.token else {}
        self.connection.request(method, path, text, {"content-type": "application/json", **signed, **(headers or {})})
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.id = self.answer.getheader("x-execution-id")

    def next(self):
        """(id, event) or None at the end."""
        number, data = None, None
        while line := self.answer.readline().decode():
            line = line.rstrip("\n")
            if line.startswith("id:"):
                number = int(line[3:])
            elif line.startswith("data:"):
                data = json.loads(line[5:])
            elif line == "" and data is not None:
                return number, data
        return None

    def all(self):
        return list(iter(self.next, None))

    def close(self):
        self.connection.close()


def rows_of(events):
    return [row for _, event in events if event["type"] == "node-output" for row in event["data"]]


def children_of(process):
    """Ids of the processes that it has started and that go on."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


class Executing(ServeTest):
    def execute(self, server, flow, path="/api/v1/execute", **more):
        events = Events(server, "POST", path, {"flow": flow, **more})
        self.addCleanup(events.close)
        if events.status != 200:
            self.fail(f"{events.status}: {events.answer.read().decode()}")
        return events

    def test_a_flow_is_run_and_its_rows_are_told(self):
        server = self.serve()
        for path in ("/api/v1/execute", "/execute"):
            events = self.execute(server, numbers(250), path).all()
            self.assertEqual(rows_of(events), [{"square": i * i} for i in range(250)])
            last = events[-1][1]
            self.assertEqual((last["type"], last["data"]["status"]), ("execution-update", "done"), last)
            self.assertEqual([number for number, _ in events], list(range(1, len(events) + 1)))

    def test_one_engine_runs_many_executions_at_a_time(self):
        server = self.serve("--executions-of-one", "32")
        running = [self.execute(server, numbers(2_000, f"n{i}")) for i in range(20)]
        for events in running:
            self.assertEqual(len(rows_of(events.all())), 2_000)
        self.assertEqual(len(children_of(server.process.pid)), 1)

    def test_files_and_parameters_come_with_the_request(self):
        server = self.serve()
        read = node("a", "files/csv-read", path="in.csv")
        keep = node("b", "logic/filter", condition="row.n > params.least")
        flow = {"id": "given", "version": "1.0.0", "nodes": [read, keep], "edges": chain(read, keep),
                "parameters": [{"name": "least", "type": "integer", "default": 0}]}
        events = self.execute(server, flow, files={"in.csv": "n\n1\n2\n3\n"}, parameters={"least": 1}).all()
        self.assertEqual(rows_of(events), [{"n": 2}, {"n": 3}])

    def test_what_is_executed_again_is_a_run_of_its_own(self):
        server = self.serve()
        read = node("a", "files/csv-read", path="in.csv")
        keep = node("b", "logic/filter", condition="row.n > params.least")
        once = node("c", "aggregate/distinct", keys=["n"])
        flow = {"id": "again", "version": "1.0.0", "nodes": [read, keep, once], "edges": chain(read, keep, once),
                "parameters": [{"name": "least", "type": "integer", "default": 0}]}
        ids = set()
        for given, least, expected in (("1 2 2", 0, [1, 2]), ("1 2 2", 0, [1, 2]), ("1 2 2", 1, [2]), ("5 5", 0, [5]), ("1 2 2", 0, [1, 2])):
            files = {"in.csv": "\n".join(["n", *given.split()]) + "\n"}
            for more in ({}, {}, {"runId": f"mine-{len(ids)}"}):
                events = self.execute(server, flow, files=files, parameters={"least": least}, **more)
                self.assertEqual(rows_of(events.all()), [{"n": n} for n in expected], (given, least))
                self.assertEqual(events.id, more.get("runId", events.id))
                ids.add(events.id)
        self.assertEqual(len(ids), 15)
        for _ in range(3):
            refused = Events(server, "POST", "/execute", {"flow": flow, "parameters": {"least": "none"}})
            self.addCleanup(refused.close)
            self.assertEqual(refused.status, 422)

    def test_an_execution_sees_no_file_of_the_machine(self):
        server = self.serve()
        self.write("secret.csv", "n\n1\n")
        for path in (str(self.folder / "secret.csv"), "../secret.csv", "/etc/passwd"):
            read = node("a", "files/csv-read", path=path)
            end = self.execute(server, {"id": "peek", "version": "1.0.0", "nodes": [read], "edges": []}).all()[-1][1]
            self.assertEqual(end["data"]["status"], "failed", end)

    def test_an_execution_reaches_no_address_of_this_machine(self):
        server = self.serve()
        ask = node("a", "http/poll", url=f"http://127.0.0.1:{server.port}/health")
        events = self.execute(server, {"id": "inside", "version": "1.0.0", "nodes": [ask], "edges": []}).all()
        self.assertIn("network.refused", json.dumps(events))

    def test_a_bad_flow_is_refused_with_all_its_problems(self):
        server = self.serve()
        broken = numbers(1)
        broken["nodes"][0]["settings"]["rwos"] = 3
        broken["nodes"][1]["settings"]["set"] = {"square": "row.id *"}
        status, _, said = server.ask("POST", "/api/v1/execute", {"flow": broken})
        problem = json.loads(said)
        self.assertEqual(status, 422, said)
        self.assertGreaterEqual(len(problem["problems"]), 2, said)
        status, _, said = server.ask("POST", "/api/v1/execute", {"flow": [1]})
        self.assertEqual((status, json.loads(said)["code"]), (400, "api.body"))

    def test_what_is_cancelled_ends_and_says_so(self):
        server = self.serve()
        events = self.execute(server, endless())
        while not rows_of([events.next()]):
            pass
        status, _, said = server.ask("DELETE", f"/api/v1/executions/{events.id}")
        self.assertEqual(status, 204, said)
        self.assertEqual(events.all()[-1][1]["data"]["status"], "cancelled")

    def test_what_goes_on_when_the_server_ends_is_told_to_be_over(self):
        for more in ((), ("--stateless",)):
            with self.subTest(more=more):
                token = "a token for a test of the end"
                server = self.serve("--drain-timeout", "3s", *more, data=None if more else "data", signed_in=not more,
                                    **({"env": {**os.environ, "WEIR_TOKEN": token}} if more else {}))
                server.token = server.token or token
                events = self.execute(server, endless(), "/execute")
                while events.next()[1]["type"] != "node-output":
                    pass
                server.process.send_signal(signal.SIGTERM)
                last = events.all()
                self.assertEqual(server.process.wait(60), 0)
                self.assertEqual(last[-2][1]["data"]["code"], "server.ending")
                self.assertEqual((last[-1][1]["type"], last[-1][1]["data"]["status"]), ("execution-update", "cancelled"))

    def test_a_reader_that_was_cut_off_goes_on_behind_the_last_event_it_saw(self):
        server = self.serve()
        events = self.execute(server, numbers(3_000))
        first = [events.next() for _ in range(5)]
        events.close()
        again = Events(server, "GET", f"/api/v1/executions/{events.id}/events", headers={"last-event-id": str(first[-1][0])})
        self.addCleanup(again.close)
        self.assertEqual(again.status, 200)
        rows = rows_of(first) + rows_of(again.all())
        self.assertEqual(rows, [{"square": i * i} for i in range(3_000)])

    def test_the_end_of_an_engine_ends_its_executions_and_nothing_else(self):
        server = self.serve()
        events = [self.execute(server, endless(f"e{i}")) for i in range(3)]
        for one in events:
            while not rows_of([one.next()]):
                pass
        engine, = children_of(server.process.pid)
        os.kill(engine, signal.SIGKILL)
        for one in events:
            told = one.all()
            errors = [event["data"] for _, event in told if event["type"] == "error"]
            self.assertEqual([error["code"] for error in errors], ["engine.crashed"])
            self.assertIn("signal 9", errors[0]["message"])
            self.assertEqual(told[-1][1]["data"]["status"], "failed")
        self.assertEqual(server.ask("GET", "/api/v1/health")[0], 200)
        self.assertEqual(len(rows_of(self.execute(server, numbers(10)).all())), 10)

    def test_an_engine_does_not_outlive_its_server(self):
        server = self.serve()
        events = self.execute(server, endless())
        while not rows_of([events.next()]):
            pass
        engine, = children_of(server.process.pid)
        server.kill()
        until(lambda: not Path(f"/proc/{engine}").exists() or Path(f"/proc/{engine}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z")

    def test_an_engine_gives_up_what_it_does_not_need(self):
        server = self.serve()
        self.execute(server, numbers(1)).all()
        engine, = children_of(server.process.pid)
        status = dict(line.split(":", 1) for line in Path(f"/proc/{engine}/status").read_text().splitlines())
        self.assertEqual(status["NoNewPrivs"].strip(), "1")
        self.assertEqual(status["Seccomp"].strip(), "2")
        limits = Path(f"/proc/{engine}/limits").read_text()
        self.assertRegex(limits, r"Max core file size\s+0\s+0")
        self.assertGreater(int(Path(f"/proc/{engine}/oom_score_adj").read_text()), 0)

    def test_weir_engine_by_hand_says_what_it_is(self):
        self.fails("engine", code=2, says=["weir serve", "engine.protocol"])


if __name__ == "__main__":
    import unittest

    unittest.main()
