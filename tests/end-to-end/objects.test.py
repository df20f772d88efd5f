# Large documents of a server: sealed files beside its database, which come and go with what names them, whatever ends the process.
import json
import random
import string
import threading
import time
import unittest

from program import chain, node, until
from serving import ServeTest


def text_of(seed, size):
    """Not to be compressed to nothing."""
    return "".join(random.Random(seed).choices(string.ascii_letters, k=size))


def large(name, size=5 << 20, seed=0):
    nodes = [node("count", "generate/pattern", rows=3), node("show", "debug/log")]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes), "notes": [{"id": "n", "text": text_of(seed, size)}]}


class Objects(ServeTest):
    def json(self, server, method, path, body=None, status=200, headers=None):
        headers = {"authorization": f"Bearer {server.token}", **(headers or {})}
        found, _, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def objects(self, data="data"):
        return sorted((self.folder / data / "objects").glob("*"))

    def bytes_of(self, data="data"):
        return sum(path.stat().st_size for path in (self.folder / data).glob("weir.db*"))

    def text(self, server, name):
        return self.json(server, "GET", f"/flows/{name}")["document"]["notes"][0]["text"]

    def remove(self, server, name):
        self.json(server, "DELETE", f"/flows/{name}", headers={"if-match": "*"})
        self.json(server, "DELETE", f"/flows/{name}?purge=true", status=204, headers={"if-match": "*"})

    def use(self, server):
        return next((one for one in self.json(server, "GET", "/disk")["files"] if one["name"] == "objects"), {"bytes": 0, "count": 0})

    def test_a_flow_of_5_mib_leaves_the_database_small_and_its_room_when_it_goes(self):
        server = self.serve("--keeping-every", "200ms")
        before = self.bytes_of()
        self.json(server, "POST", "/flows", large("big"), 201)
        self.json(server, "POST", "/flows/big/versions", {"publish": True}, 201)
        run = self.json(server, "POST", "/flows/big/runs", {}, 201)["id"]
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "done")
        # The flow, its version and its run name one file.
        self.assertEqual(len(self.objects()), 1)
        self.assertEqual(self.use(server)["count"], 1)
        self.assertGreater(self.use(server)["bytes"], 3 << 20)
        self.assertLess(self.bytes_of() - before, 1 << 20)
        self.assertEqual(self.text(server, "big"), text_of(0, 5 << 20))
        self.assertEqual(self.objects()[0].stat().st_mode & 0o077, 0)
        # Sealed, as all is.
        self.assertNotIn(text_of(0, 64).encode(), self.objects()[0].read_bytes())
        self.remove(server, "big")
        time.sleep(0.5)
        self.assertEqual(len(self.objects()), 1)  # its run still has it
        self.json(server, "DELETE", f"/runs/{run}", status=204)
        until(lambda: not self.objects())
        self.assertEqual(self.use(server)["bytes"], 0)

    def test_R6_kills_between_object_and_transaction_lose_nothing_and_leave_nothing(self):
        acknowledged, sent = {}, 0
        for turn in range(3):
            server = self.serve("--keeping-every", "200ms")
            ends = threading.Event()

            def write(who, server=server, turn=turn, ends=ends):
                number = 0
                while not ends.is_set():
                    name, seed = f"w{turn}-{who}-{number}", f"{turn}/{who}/{number}"
                    try:
                        status = server.ask("POST", "/api/v1/flows", large(name, 200_000, seed))[0]
                    except OSError:
                        return
                    if status == 201:
                        acknowledged[name] = seed
                    number += 1

            writers = [threading.Thread(target=write, args=(who,)) for who in range(4)]
            for writer in writers:
                writer.start()
            wanted = len(acknowledged) + 10
            until(lambda: len(acknowledged) >= wanted)
            server.kill()
            ends.set()
            for writer in writers:
                writer.join()
        # As a kill may leave them in the worst case.
        folder = self.folder / "data/objects"
        for name in ("ab" * 32, "cd" * 32 + ".making"):
            (folder / name).write_bytes(b"half")
            (folder / name).chmod(0o600)
        server = self.serve()
        for name, seed in acknowledged.items():
            self.assertEqual(self.text(server, name), text_of(seed, 200_000), name)
        flows, cursor = 0, ""
        while cursor is not None:
            page = self.json(server, "GET", "/flows?limit=200" + (f"&cursor={cursor}" if cursor else ""))
            flows, cursor = flows + len(page["flows"]), page.get("next")
        self.assertGreaterEqual(flows, len(acknowledged))
        until(lambda: len(self.objects()) == flows)

    def test_a_damaged_object_is_named_and_the_rest_goes_on(self):
        server = self.serve()
        tag = server.ask("POST", "/api/v1/flows", large("one", 300_000, 1))[1]["etag"]
        first = self.objects()[0]
        self.json(server, "POST", "/flows", large("two", 300_000, 2), 201)
        other = next(path for path in self.objects() if path != first)
        self.assertEqual(server.stop(), 0)
        whole = first.read_bytes()
        changed = bytearray(whole)
        changed[len(whole) // 2] ^= 4
        for bad in (bytes(changed), whole[:-20], b"", other.read_bytes(), None):
            if bad is None:
                first.unlink()
            else:
                first.write_bytes(bad)
            server = self.serve()
            status, headers, said = server.ask("GET", "/api/v1/flows/one")
            problem = json.loads(said)
            self.assertEqual((status // 100, problem["code"]), (5, "storage.corrupt"), said)
            self.assertEqual(headers["content-type"], "application/problem+json")
            self.assertIn("document of flow 'one'", problem["detail"])
            self.assertIn(f"objects/{first.name}", problem["detail"])
            self.assertIn("backup", problem["detail"])
            self.assertEqual(self.text(server, "two"), text_of(2, 300_000))
            self.assertIn("one", [one["id"] for one in self.json(server, "GET", "/flows")["flows"]])
            self.assertEqual(server.stop(), 0)
        # It is whole again when it is written again.
        server = self.serve()
        status, _, said = server.ask("PUT", "/api/v1/flows/one", large("one", 300_000, 1), {"if-match": tag, "authorization": f"Bearer {server.token}"})
        self.assertEqual(status, 200, said)
        self.assertEqual(self.text(server, "one"), text_of(1, 300_000))
        self.assertEqual(server.stop(), 0)
        # Put back, as it says, it is read again; and what is damaged can be deleted.
        first.write_bytes(whole)
        first.chmod(0o600)
        server = self.serve("--keeping-every", "200ms")
        self.assertEqual(self.text(server, "one"), text_of(1, 300_000))
        first.write_bytes(bytes(changed))
        self.remove(server, "one")
        until(lambda: self.objects() == [other])

    def test_R21_a_backup_has_the_large_documents(self):
        server = self.serve("--keeping-every", "200ms")
        self.json(server, "POST", "/flows", large("big", 1 << 20, 3), 201)
        self.weir("backup", "data", "kept.backup")
        self.assertNotIn(text_of(3, 64).encode(), (self.folder / "kept.backup").read_bytes())
        self.remove(server, "big")
        self.weir("restore", "kept.backup", "again")
        self.tokens["again"] = self.tokens["data"]
        restored = self.serve(data="again")
        self.assertEqual(self.text(restored, "big"), text_of(3, 1 << 20))
        self.assertEqual(len(self.objects("again")), 1)

    def test_S12_encrypt_and_rotate_keys_take_the_large_documents_along(self):
        server = self.serve("--no-encryption")
        self.json(server, "POST", "/flows", large("big", 1 << 20, 4), 201)
        self.assertEqual(server.stop(), 0)
        plain = self.objects()[0].read_bytes()
        out, _ = self.weir("encrypt", "data")
        self.assertIn("1 large documents were written anew", out)
        sealed = self.objects()[0].read_bytes()
        self.assertNotEqual(plain, sealed)
        self.assertNotIn(text_of(4, 64).encode(), sealed)
        # A file that is not sealed is none of this folder's any more.
        self.objects()[0].write_bytes(plain)
        server = self.serve()
        self.assertEqual(json.loads(server.ask("GET", "/api/v1/flows/big")[2])["code"], "storage.corrupt")
        self.assertEqual(server.stop(), 0)
        self.objects()[0].write_bytes(sealed)
        self.weir("rotate-keys", "data", "--rewrite")
        rewritten = self.objects()[0].read_bytes()
        self.assertNotEqual(sealed, rewritten)
        server = self.serve()
        self.assertEqual(self.text(server, "big"), text_of(4, 1 << 20))
        self.assertEqual(server.stop(), 0)
        # The keys from before are gone.
        self.objects()[0].write_bytes(sealed)
        server = self.serve()
        self.assertEqual(json.loads(server.ask("GET", "/api/v1/flows/big")[2])["code"], "storage.corrupt")


if __name__ == "__main__":
    unittest.main()
