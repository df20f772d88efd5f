#!/usr/bin/env python3
# POST /apply with much in it: two at once, of which one has it whole; kills; senders that are slow and those that hang up.
import http.client
import json
import random
import re
import signal
import socket
import struct
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import chain, node, until  # noqa: E402
from servers import POSTGRES, PostgreSql, needs  # noqa: E402
from serving import ServeTest  # noqa: E402

MIB = 1 << 20
# Together more than what is read by the thread that answers.
FLOWS, DESCRIPTION = 60, "x" * 20_000


def hooked(name, path, description=DESCRIPTION):
    hook = node("hook", "http/webhook", path=path)
    kept = node("write", "files/json-write", path="out.ndjson")
    return {"id": name, "version": "1.0.0", "metadata": {"description": description}, "nodes": [hook, kept], "edges": chain(hook, kept)}


def memory_of(server, which="VmRSS"):
    return int(re.search(rf"{which}:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text())[1]) << 10


class Applying(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said[:1000])
        return json.loads(said) if said else None

    def apply(self, server, *flows, folder="team", status=200, **more):
        """Each flow a document, or its document and what is believed of it."""
        wanted = [{"folder": folder, **(flow if "document" in flow else {"document": flow})} for flow in flows]
        return self.json(server, "POST", "/apply", {"flows": wanted, "publish": True, **more}, status)

    def at_once(self, server, *bodies):
        """What each is answered, sent as near to each other as can be."""
        answers, together = [None] * len(bodies), threading.Barrier(len(bodies))

        def send(i, body):
            together.wait()
            status, _, said = server.ask("POST", "/api/v1/apply", body)
            answers[i] = status, json.loads(said)

        senders = [threading.Thread(target=send, args=one) for one in enumerate(bodies)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        return answers

    def inside(self, server, folder):
        """Its flows by their ids, and those of which it has claims."""
        status, _, said = server.ask("GET", f"/api/v1/folders/{folder}")
        self.assertEqual(status, 200, said)
        found = json.loads(said)
        return {flow["id"]: flow for flow in found["flows"]}, {one["name"] for one in found["settings"] if one["kind"] == "hooks"}

    def owner(self, server, path, folder="team"):
        """Who has the path: another who claims it is told."""
        refused = self.apply(server, hooked("another", path, ""), folder=folder, status=409)
        self.assertEqual(refused["code"], "hook.taken")
        return re.search(r"is answered by the flow '(.*?)' already", refused["detail"])[1]


class Races(Applying):
    options = ()

    def test_of_two_who_claim_the_same_paths_one_has_all_and_the_other_nothing(self):
        server = self.serve(*self.options)
        for turn in range(8):
            folder = f"team{turn}"
            wanted = {side: [hooked(f"{side}{turn}-{i}", f"/{i}") for i in range(FLOWS)] for side in "ab"}
            # One begins at the end: each has claimed something when it comes upon what the other has.
            wanted["b"].reverse()
            answers = self.at_once(server, *({"folder": folder, "flows": [{"document": flow} for flow in flows]} for flows in wanted.values()))
            self.assertEqual(sorted(status for status, _ in answers), [200, 409], answers)
            winner, loser = ("a", "b") if answers[0][0] == 200 else ("b", "a")
            refused = answers["ab".index(loser)][1]
            self.assertEqual(refused["code"], "hook.taken")
            self.assertRegex(refused["detail"], rf"'flows/\d+', the flow '{loser}{turn}-\d+': .* is answered by the flow '{winner}{turn}-\d+' already")
            flows, hooks = self.inside(server, folder)
            self.assertEqual(set(flows), {flow["id"] for flow in wanted[winner]})
            self.assertEqual({self.json(server, "GET", f"/flows/{name}")["publishedVersion"] for name in flows}, {1})
            self.assertEqual(hooks, set(flows))
            for i in (0, FLOWS // 2, FLOWS - 1):
                self.assertEqual(self.owner(server, f"/{i}", folder), f"{winner}{turn}-{i}")
            self.json(server, "GET", f"/flows/{loser}{turn}-0", status=404)
        # A server that has not seen the race finds the same.
        before = [self.inside(server, f"team{turn}") for turn in range(8)]
        self.assertEqual(server.stop(), 0)
        server = self.serve(*self.options)
        self.assertEqual([self.inside(server, f"team{turn}") for turn in range(8)], before)

    def test_of_what_the_loser_claimed_the_rest_is_free(self):
        server = self.serve(*self.options)
        # Of 60 paths each, 20 are those of both.
        wanted = {"a": range(60), "b": range(40, 100)}
        bodies = {side: [hooked(f"{side}-{i}", f"/{i}") for i in paths] for side, paths in wanted.items()}
        bodies["b"].reverse()
        answers = self.at_once(server, *({"folder": "team", "flows": [{"document": flow} for flow in flows]} for flows in bodies.values()))
        self.assertEqual(sorted(status for status, _ in answers), [200, 409], answers)
        loser = "ab"[[status for status, _ in answers].index(409)]
        rest = [f"/{i}" for i in wanted[loser] if i not in range(40, 60)]
        self.apply(server, *(hooked(f"third-{path[1:]}", path) for path in rest))
        flows, hooks = self.inside(server, "team")
        self.assertEqual(len(flows), 100)
        self.assertEqual(hooks, set(flows))
        self.assertEqual(self.owner(server, rest[0]), f"third-{rest[0][1:]}")

    def test_of_two_who_both_believe_a_flow_is_not_there_one_makes_all_of_them(self):
        server = self.serve(*self.options)
        for turn in range(6):
            folder = f"team{turn}"
            bodies = [{"folder": folder, "flows": [{"ifMatch": None, "document": hooked(f"f{turn}-{i}", f"/{i}", side + DESCRIPTION)} for i in range(FLOWS)]} for side in "ab"]
            bodies[1]["flows"].reverse()
            answers = self.at_once(server, *bodies)
            self.assertEqual(sorted(status for status, _ in answers), [200, 412], answers)
            winner = "ab"[[status for status, _ in answers].index(200)]
            for i in range(FLOWS):
                flow = self.json(server, "GET", f"/flows/f{turn}-{i}")
                self.assertEqual((flow["document"]["metadata"]["description"][0], flow["publishedVersion"]), (winner, 1))

    def test_of_two_who_believe_nothing_the_later_one_has_all_of_them(self):
        server = self.serve(*self.options)
        for turn in range(4):
            bodies = [{"folder": "team", "flows": [{"document": hooked(f"f-{i}", f"/{side}{turn}/{i}", side + DESCRIPTION)} for i in range(FLOWS)]} for side in "ab"]
            bodies[1]["flows"].reverse()
            answers = self.at_once(server, *bodies)
            self.assertEqual([status for status, _ in answers], [200, 200], answers)
            flows, hooks = self.inside(server, "team")
            sides = {self.json(server, "GET", f"/flows/{name}")["document"]["metadata"]["description"][0] for name in flows}
            self.assertEqual(len(sides), 1)
            self.assertEqual(hooks, set(flows))
            for i in (0, FLOWS - 1):
                self.assertEqual(self.owner(server, f"/{min(sides)}{turn}/{i}"), f"f-{i}")


@needs(POSTGRES / "postgres")
class RacesInPostgreSql(Races):
    def setUp(self):
        super().setUp()
        self.options = ("--database-url", PostgreSql(self, self.folder / "postgres").url)


class Claims(Applying):
    def test_paths_go_from_one_flow_to_another_whichever_stands_first(self):
        server = self.serve()
        self.apply(server, hooked("a", "/x"), hooked("b", "/y"))
        for first, second in (("a", "b"), ("b", "a")):
            for paths in (("/x", "/z"), ("/y", "/x"), ("/x", "/y")):
                self.apply(server, hooked(first, paths[0]), hooked(second, paths[1]))
                self.assertEqual([self.owner(server, path) for path in paths], [first, second])
        # Two of one request do not get the same one, and one that stays as it is keeps its own.
        twice = self.apply(server, hooked("a", "/new"), hooked("b", "/:any"), status=409)
        self.assertEqual(twice["code"], "hook.taken")
        self.assertEqual(self.apply(server, hooked("c", "/x"), status=409)["code"], "hook.taken")
        # Of a flow that goes, the path is free for one that comes.
        self.apply(server, hooked("c", "/y"), remove=[{"id": "a"}])
        self.assertEqual([self.owner(server, path) for path in ("/x", "/y")], ["b", "c"])
        self.assertEqual(self.inside(server, "team")[1], {"b", "c"})

    def test_others_are_answered_while_a_thousand_paths_are_claimed(self):
        server = self.serve()
        ending, longest = threading.Event(), []

        def probe():
            while not ending.is_set():
                began = time.monotonic()
                self.assertEqual(server.ask("GET", "/health")[0], 200)
                longest.append(time.monotonic() - began)

        prober = threading.Thread(target=probe)
        prober.start()
        # What each costs must not grow with how many there are.
        began = time.monotonic()
        for turn in range(3):
            self.apply(server, *(hooked(f"f{turn}-{i}", f"/{turn}/{i}", "") for i in range(1000)))
        took = time.monotonic() - began
        ending.set()
        prober.join()
        # When each claim was compared with all others, one order kept a request waiting for most of this time.
        self.assertLess(max(longest), took / 3)
        self.assertEqual(len(self.inside(server, "team")[1]), 3000)
        print(f"\n3 x 1,000 flows with a path each: {len(longest)} probes meanwhile, the longest {max(longest) * 1000:.0f} ms", flush=True)

    def test_a_kill_leaves_all_of_an_order_or_nothing(self):
        server = self.serve()
        names = [f"flow{i}" for i in range(40)]
        chance = random.Random(5)
        self.apply(server, *(hooked(name, f"/first/{name}", "") for name in names))
        seen, turn = set(), [0]

        def change():
            """Moves all paths with each order, as long as there is a server."""
            while True:
                turn[0] += 1
                try:
                    server.ask("POST", "/api/v1/apply", {"flows": [{"folder": "team", "document": hooked(name, f"/{turn[0]}/{name}", "")} for name in names]})
                except (OSError, http.client.HTTPException):
                    return

        for _ in range(8):
            person = threading.Thread(target=change)
            person.start()
            time.sleep(chance.uniform(0.1, 0.5))
            server.stop(signal.SIGKILL)
            person.join()
            server = self.serve()
            _, hooks = self.inside(server, "team")
            paths = {}
            for name in names:
                draft = self.json(server, "GET", f"/flows/{name}")
                version = self.json(server, "GET", f"/flows/{name}/versions/{draft['publishedVersion']}")
                paths[name] = version["document"]["nodes"][0]["settings"]["path"]
                self.assertEqual(draft["document"], version["document"])
            self.assertEqual(hooks, set(names))
            self.assertEqual({name: self.owner(server, path) for name, path in paths.items()}, {name: name for name in names})
            order = {path.split("/")[1] for path in paths.values()}
            self.assertEqual(len(order), 1, paths)
            seen |= order
        # Orders went through between the kills.
        self.assertGreater(len(seen), 1)


class Senders(Applying):
    """Bodies of nearly 64 MiB."""

    LARGE = 60 * MIB

    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.apply(self.server, hooked("small", "/small", ""))
        self.before = memory_of(self.server)

    def body(self, name, size):
        flow = {"folder": "team", "document": {"id": name, "version": "1.0.0", "nodes": [], "edges": []}}
        return json.dumps({"flows": [flow]}).encode().ljust(size)

    def connect(self, size):
        """The connection of a sender whose head has come."""
        wire = socket.create_connection((self.server.host, self.server.port), timeout=120)
        self.addCleanup(wire.close)
        wire.sendall(f"POST /api/v1/apply HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {self.server.token}\r\n"
                     f"Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode())
        return wire

    def answer(self, wire):
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(answer.read())

    def large(self, name, size=12 * MIB):
        """What an order of its own is answered, sent at once."""
        wire = self.connect(size)
        try:
            wire.sendall(self.body(name, size))
        except OSError:
            pass  # refused before all of it had come
        return self.answer(wire)

    def served(self):
        self.assertEqual(self.server.ask("GET", "/api/v1/flows/small")[0], 200)
        self.apply(self.server, hooked("small", "/small", ""))
        self.json(self.server, "POST", "/flows/validate", hooked("other", "/other"))

    def test_four_slow_senders_hold_up_nobody_and_a_fifth_is_told_to_wait(self):
        slow = [(self.connect(self.LARGE), self.body(f"slow-{i}", self.LARGE)) for i in range(4)]
        # In turns, all but the end.
        for at in range(0, self.LARGE - 2 * MIB, 2 * MIB):
            for wire, body in slow:
                wire.sendall(body[at:at + 2 * MIB])
            if at % (20 * MIB) == 0:
                self.served()
        sent = range(0, self.LARGE - 2 * MIB, 2 * MIB)[-1] + 2 * MIB
        status, headers, problem = self.large("fifth")
        self.assertEqual((status, problem["code"], headers["retry-after"]), (503, "api.busy", "1"))
        self.served()
        self.assertLess(memory_of(self.server, "VmHWM") - self.before, 4 * 64 * MIB + 64 * MIB)
        # One that hangs up makes room, and its memory is given back.
        held = memory_of(self.server)
        slow.pop()[0].close()
        until(lambda: memory_of(self.server) < held - 32 * MIB)
        self.assertEqual(until(lambda: (found := self.large("fifth"))[0] != 503 and found)[0], 200)
        for wire, body in slow:
            wire.sendall(body[sent:])
        for wire, _ in slow:
            self.assertEqual(self.answer(wire)[0], 200)
        for name in ("slow-0", "slow-1", "slow-2", "fifth"):
            self.json(self.server, "GET", f"/flows/{name}")
        self.json(self.server, "GET", "/flows/slow-3", status=404)
        until(lambda: memory_of(self.server) - self.before < 64 * MIB)
        self.assertEqual(self.server.stop(), 0)

    def test_what_is_made_of_large_bodies_is_in_memory_once(self):
        # Each of these objects takes dozens of times what it has in the body.
        body = b'{"flows": [' + b'{"a":0},' * (2 * MIB) + b"0]}"

        def refused(wire):
            wire.sendall(body)
            status, _, problem = self.answer(wire)
            self.assertEqual((status, problem["code"]), (413, "api.too_large"))

        refused(self.connect(len(body)))
        one = memory_of(self.server, "VmHWM") - self.before
        senders = [threading.Thread(target=refused, args=(self.connect(len(body)),)) for _ in range(4)]
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders):
            self.served()
        most = memory_of(self.server, "VmHWM") - self.before
        print(f"\n{len(body) >> 20} MiB of objects: {one >> 20} MiB for one, {most >> 20} MiB for four at once", flush=True)
        self.assertLess(most, one + 4 * len(body) + 128 * MIB)
        until(lambda: memory_of(self.server) - self.before < 64 * MIB)

    def test_bodies_of_those_who_hung_up_are_not_kept(self):
        for reset in (False, True):
            for i in range(24):
                wire = self.connect(self.LARGE)
                try:
                    wire.sendall(self.body(f"gone-{i}", self.LARGE))
                except OSError:
                    pass  # refused, while those before are not gone yet
                if reset:
                    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                wire.close()
                self.assertEqual(self.server.ask("GET", "/health")[0], 200)
        until(lambda: memory_of(self.server) - self.before < 64 * MIB)
        self.served()
        self.assertEqual(until(lambda: (found := self.large("stays"))[0] != 503 and found)[0], 200)
        print(f"\n48 who hung up behind 60 MiB: {(memory_of(self.server, 'VmHWM') - self.before) >> 20} MiB at most", flush=True)
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
