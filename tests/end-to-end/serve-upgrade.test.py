# Another program takes over the data folder while flows run: they go on in it from their checkpoints.
import json
import os
import shutil
import unittest
from pathlib import Path
from unittest.mock import patch

from program import WEIR, chain, node, until
from serving import ServeTest


def counted(name, **more):
    """Rows whose gaps and doubles would be seen."""
    nodes = [node("count", "generate/pattern", rows=0, rate=100, batchRows=1), node("write", "files/json-write", path=f"{name}.ndjson")]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes), "config": {"checkpoint": {"everyMs": 100}, **more}}


def children_of(process):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


class Upgrade(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def begin(self, server, flow, folder):
        self.json(server, "POST", f"/flows?folder={folder}", flow, 201)
        self.json(server, "POST", f"/flows/{flow['id']}/versions", {"publish": True}, 201)
        run = self.json(server, "POST", f"/flows/{flow['id']}/runs", {}, 201)["id"]
        until(lambda: self.rows(server, run) > 20)
        return run

    def rows(self, server, run):
        found = self.json(server, "GET", f"/runs/{run}")
        metrics = self.json(server, "GET", f"/runs/{run}/metrics").get("metrics", {}) if found["state"] == "running" else {}
        return next((one["rowsOut"] for one in metrics.get("nodes", []) if one["id"] == "count"), 0)

    def other_program(self):
        """The same source as another program: its build id differs, and with it its bytes."""
        path = self.folder / "weir-next"
        shutil.copy2(WEIR, path)
        code = path.read_bytes()
        note = code.find(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0")
        if note < 0:
            path.write_bytes(code + b"another build")
        else:
            at = note + 16
            path.write_bytes(code[:at] + bytes(byte ^ 255 for byte in code[at:at + 20]) + code[at + 20:])
        return path

    def test_R16_another_program_takes_over_and_the_runs_go_on_in_it(self):
        server = self.serve()
        together, alone = self.begin(server, counted("together"), "team"), self.begin(server, counted("alone", isolation="process"), "team")
        other = self.begin(server, counted("elsewhere"), "other")
        runs = {together: "team/together", alone: "team/alone", other: "other/elsewhere"}
        self.assertEqual(server.stop(), 0)
        program = self.other_program()
        with patch("program.WEIR", program):
            newer = self.serve()
        self.assertEqual(os.readlink(f"/proc/{newer.process.pid}/exe"), str(program))
        for run in runs:
            until(lambda: self.rows(newer, run) > 20, 120)
        engines = children_of(newer.process.pid)
        self.assertEqual(len(engines), 3)
        for engine in engines:
            self.assertEqual(os.stat(f"/proc/{engine}/exe").st_ino, program.stat().st_ino)
        # And back again, killed: what the newer one has written the older one of the same formats reads.
        newer.kill()
        again = self.serve()
        for run in runs:
            until(lambda: self.rows(again, run) > 20, 120)
        for run, name in runs.items():
            self.json(again, "POST", f"/runs/{run}/stop", status=202)
            until(lambda: self.json(again, "GET", f"/runs/{run}")["state"] == "stopped", 120)
            written = [json.loads(line)["id"] for line in (self.folder / f"data/files/{name}.ndjson").read_text().splitlines()]
            # Nothing twice, and nothing is missing.
            self.assertEqual(written, list(range(len(written))), name)


if __name__ == "__main__":
    unittest.main()
