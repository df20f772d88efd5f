# Large bodies: read beside the thread that answers, in the order of their connection, with the errors of small ones.
import http.client
import json
import threading
import unittest

from program import node
from serving import ServeTest

MIB = 1 << 20
LARGE = 9.5 * MIB


def large(name, wrong=False):
    """A document of nearly 10 MiB; wrong: its last node is of no type."""
    one = node("n", "logic/map", set={f"field{i}": f"row.value * {i}" for i in range(20)})
    size = len(json.dumps(one)) + 10
    nodes = [{**one, "id": f"node-{i}"} for i in range(int(LARGE / size))]
    if wrong:
        nodes[-1] = {"id": "last"}
    return json.dumps({"id": name, "version": "1.0.0", "nodes": nodes, "edges": []})


class Large(ServeTest):
    def post(self, server, path, body, method="POST", headers=None):
        """Sends all of it; the connection, whose answer nobody has read."""
        connection = http.client.HTTPConnection(server.host, server.port, timeout=300)
        self.addCleanup(connection.close)
        connection.request(method, path, body, {"content-type": "application/json", "authorization": f"Bearer {server.token}", **(headers or {})})
        return connection

    def answer(self, connection):
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or "null")

    def test_small_requests_are_answered_while_large_documents_are_read(self):
        server = self.serve()
        small = {"id": "small", "version": "1.0.0", "nodes": [], "edges": []}
        self.assertEqual(server.ask("POST", "/api/v1/flows", small)[0], 201)
        done, status = [], {}

        def send(i):
            status[i] = self.answer(self.post(server, "/api/v1/flows", large(f"large-{i}")))[0]
            done.append(i)

        senders = [threading.Thread(target=send, args=(i,)) for i in range(8)]
        for sender in senders:
            sender.start()
        # As many as are asked before the last of the large ones is through, and it is through only when all are read.
        answered = 0
        while len(done) < 8:
            self.assertEqual(server.ask("GET", "/health")[0], 200)
            self.assertEqual(server.ask("GET", "/api/v1/flows/small")[0], 200)
            answered += len(done) < 8
        for sender in senders:
            sender.join()
        self.assertEqual(set(status.values()), {201})
        # One thread would have read one document after the other, and answered a request between two of them at best.
        self.assertGreater(answered, 16)

    def test_what_is_wrong_with_a_large_document_is_said(self):
        server = self.serve()
        for path in ("/api/v1/flows", "/execute"):
            status, problem = self.answer(self.post(server, path, large("f", wrong=True)))
            self.assertEqual((status, problem["code"]), (422, "flow.invalid"), problem)
            self.assertTrue(any(each["pointer"].startswith("/nodes/") for each in problem["problems"]), problem)
            self.assertTrue(all(each["line"] == 1 and each["column"] > 9 * MIB for each in problem["problems"]), problem)
        status, problem = self.answer(self.post(server, "/api/v1/flows", large("f")[:-2]))
        self.assertEqual((status, problem["code"]), (400, "flow.invalid"), problem)
        status, found = self.answer(self.post(server, "/api/v1/flows/validate", large("f", wrong=True)))
        self.assertEqual((status, found["valid"]), (200, False))
        # More nodes than a flow may have are refused before anything runs.
        status, problem = self.answer(self.post(server, "/execute", json.dumps({"flow": json.loads(large("f"))})))
        self.assertEqual(status, 422, problem)

    def test_a_pipelined_request_waits_for_the_large_one_before_it(self):
        server = self.serve()
        body = large("piped")
        connection = self.post(server, "/api/v1/flows", body)
        connection.sock.sendall(f"GET /api/v1/flows/piped HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {server.token}\r\nConnection: close\r\n\r\n".encode())
        got = b""
        while more := connection.sock.recv(1 << 20):
            got += more
        first, _, rest = got.partition(b"\r\n\r\n")
        self.assertTrue(first.startswith(b"HTTP/1.1 201 "), first)
        self.assertIn(b"HTTP/1.1 200 OK", rest)
        self.assertIn(b'"node-0"', rest)

    def test_a_client_that_goes_takes_its_document_with_it(self):
        server = self.serve()
        for i in range(6):
            self.post(server, "/api/v1/flows", large(f"gone-{i}")).close()
        self.assertEqual(server.ask("GET", "/health")[0], 200)
        # The server is whole, and ends as it should.
        status, _ = self.answer(self.post(server, "/api/v1/flows", large("stays")))
        self.assertEqual(status, 201)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
