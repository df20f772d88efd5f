# What one request may make of a document, of memory and of everybody's time.
import json
import socket
import time
import unittest

from serving import ServeTest

MIB = 1 << 20


def flow(name, settings=None, nodes=None, **more):
    given = nodes if nodes is not None else [{"id": "a", "typeId": "debug/log", "version": "1.0.0", "settings": settings or {}}]
    return {"id": name, "version": "1.0.0", "nodes": given, "edges": [], **more}


class Bounds(ServeTest):
    def resident(self, server):
        with open(f"/proc/{server.process.pid}/status") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))

    def patch(self, server, operations):
        status, _, said = server.ask("PATCH", "/api/v1/flows/drawn", operations, {"if-match": "*", "content-type": "application/json-patch+json"})
        return status, json.loads(said)

    def test_L2_a_patch_neither_doubles_a_document_without_an_end_nor_puts_it_into_itself(self):
        server = self.serve()
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("drawn", {"text": "x" * 1000}))[0], 201)
        doubling = [{"op": "copy", "from": "/nodes", "path": f"/nodes/0/settings/k{i}"} for i in range(25)]
        status, said = self.patch(server, doubling)
        self.assertEqual((status, said["code"]), (413, "json.too_large"))
        self.assertIn("operation", said["detail"])
        nesting, depth = [{"op": "replace", "path": "/nodes/0/settings", "value": {}}], 0
        for _ in range(17):
            nesting.append({"op": "copy", "from": "/nodes/0/settings", "path": "/nodes/0/settings" + "/x" * (depth + 1)})
            depth = 2 * depth + 1
        status, said = self.patch(server, nesting)
        self.assertEqual((status, said["code"]), (422, "json.too_deep"))
        self.assertIn("512", said["detail"])
        # Nothing of either is there, and what is in bounds is done.
        document = json.loads(server.ask("GET", "/api/v1/flows/drawn")[2])["document"]
        self.assertEqual(document["nodes"][0]["settings"], {"text": "x" * 1000})
        self.assertEqual(self.patch(server, [{"op": "copy", "from": "/nodes/0/settings/text", "path": "/nodes/0/settings/also"}])[0], 200)
        self.assertLess(self.resident(server), 400 * MIB)

    def test_L2_a_canonical_text_is_not_many_times_as_long_as_what_was_sent(self):
        server = self.serve()
        deep = "[" * 480 + ",".join(["1"] * 200_000) + "]" * 480
        text = f'{{"id": "deep", "version": "1.0.0", "nodes": [], "edges": [], "x-deep": {deep}}}'
        status, _, said = server.ask("POST", "/api/v1/flows/format", text, {"content-type": "application/json"})
        self.assertIn(status, (200, 413), said[:200])
        self.assertLess(len(said), 20 * MIB)
        longer = text.replace(deep, "[" * 480 + ",".join(["1"] * 2_000_000) + "]" * 480)
        for path in ("/flows/format", "/flows"):
            status, _, said = server.ask("POST", f"/api/v1{path}", longer, {"content-type": "application/json"})
            self.assertEqual((status, json.loads(said)["code"]), (413, "json.too_large"))
        self.assertEqual(server.ask("GET", "/api/v1/flows/deep")[0], 404)

    def test_L2_a_question_about_a_formula_has_an_answer_of_a_few_mebibytes(self):
        server = self.serve()
        question = {"text": '"' + "a" * 90_000 + '"', "rows": [{}] * 1000}
        status, _, said = server.ask("POST", "/api/v1/formulas/check", question)
        self.assertEqual(status, 200)
        self.assertLess(len(said), 8 * MIB)
        results = json.loads(said)["results"]
        self.assertEqual(len(results), 1000)
        self.assertIn("value", results[0])
        self.assertIn("fewer rows", results[-1]["error"])
        status, _, said = server.ask("POST", "/api/v1/formulas/check", {"text": "1", "rows": [{}] * 1001})
        self.assertEqual((status, json.loads(said)["code"]), (400, "api.body"))

    def test_comparing_and_merging_flows_of_many_nodes_come_to_an_end(self):
        server = self.serve()
        nodes = lambda prefix: [{"id": f"{prefix}{i}", "typeId": "debug/log", "version": "1.0.0"} for i in range(8000)]
        before, after = flow("x", nodes=nodes("a")), flow("x", nodes=nodes("b"))
        status, _, said = server.ask("POST", "/api/v1/flows/diff", {"before": before, "after": after})
        self.assertEqual(status, 200)
        self.assertEqual(len(json.loads(said)["parts"]), 8000)
        status, _, said = server.ask("POST", "/api/v1/flows/merge", {"base": before, "ours": after, "theirs": before})
        self.assertEqual(status, 200)
        self.assertIn('"b7999"', json.loads(said)["text"])

    def test_L2_what_is_told_of_differences_does_not_say_a_long_name_again_and_again(self):
        server = self.serve()
        changed = lambda n: flow("x", {"k" * 60_000: {f"m{i}": n for i in range(4000)}})
        status, _, said = server.ask("POST", "/api/v1/flows/diff", {"before": changed(1), "after": changed(2)})
        self.assertEqual(status, 200)
        self.assertLess(len(said), 40 * MIB)
        self.assertIn("more than can be told", json.loads(said)["summary"])
        status, _, said = server.ask("POST", "/api/v1/flows/merge", {"base": changed(1), "ours": changed(2), "theirs": changed(3)})
        self.assertEqual(status, 200)
        self.assertLess(len(said), 40 * MIB)
        self.assertEqual(len(json.loads(said)["conflicts"]), 4000)
        self.assertLess(self.resident(server), 600 * MIB)

    def test_L2_one_row_of_a_formula_is_bounded_too(self):
        server = self.serve()
        text = "[row.x]" + "".join(f".map({name}, [{name}, {name}])" for name in "abcdefghijklmnopqrstuv")
        status, _, said = server.ask("POST", "/api/v1/formulas/check", {"text": text, "rows": [{"x": 1}] * 40})
        self.assertEqual(status, 200)
        self.assertLess(len(said), 40 * MIB)
        self.assertLess(self.resident(server), 600 * MIB)

    def test_checking_a_flow_with_many_unknown_settings_comes_to_an_end(self):
        server = self.serve()
        status, _, said = server.ask("POST", "/api/v1/flows/validate", flow("wide", {f"k{i}": 1 for i in range(50_000)}))
        self.assertEqual(status, 200)
        self.assertFalse(json.loads(said)["valid"])
        self.assertLessEqual(len(json.loads(said)["problems"]), 1000)
        many = flow("wide", parameters=[{"name": f"p{i}", "type": "string"} for i in range(40_000)])
        self.assertEqual(server.ask("POST", "/api/v1/flows/validate", many)[0], 200)

    def test_L2_answers_that_nobody_reads_have_a_bound_and_others_are_answered(self):
        server = self.serve()
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("large", {"text": "y" * (6 * MIB)}))[0], 201)
        asked = f"GET /api/v1/flows/large HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode()
        before = self.resident(server)
        unread = []
        for _ in range(200):
            client = socket.socket()
            self.addCleanup(client.close)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect((server.host, server.port))
            client.sendall(asked)
            unread.append(client)
        firsts = [client.recv(12) for client in unread]
        self.assertIn(b"HTTP/1.1 200", firsts)
        self.assertIn(b"HTTP/1.1 503", firsts)
        self.assertLess(self.resident(server) - before, 700 * MIB)
        self.assertEqual(server.ask("GET", "/health/ready")[0], 200)
        for client in unread:
            client.close()
        deadline = time.monotonic() + 60
        while server.ask("GET", "/api/v1/flows/large")[0] != 200:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
