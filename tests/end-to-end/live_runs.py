# What the tests of running flows share: runs that go on, their sockets, and their end.
import json
import os
import signal
import tempfile
import time
from pathlib import Path

from program import ProgramTest, node


class LiveTest(ProgramTest):
    def setUp(self):
        super().setUp()
        # The path of a socket is short.
        holder = tempfile.TemporaryDirectory(prefix="w", dir="/tmp")
        self.addCleanup(holder.cleanup)
        self.runtime = Path(holder.name)
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = holder.name
        self.addCleanup(lambda: os.environ.pop("XDG_RUNTIME_DIR") if before is None else os.environ.update(XDG_RUNTIME_DIR=before))

    def going(self, *more, rate=1000, rows=0, nodes=None, to="o.csv", **config):
        """A run that goes on, and its id; ended with the test."""
        steps = nodes or (node("even", "logic/filter", condition="row.id % 2 == 0"),)
        flow = self.flow("live", node("numbers", "generate/pattern", rows=rows, rate=rate, batchRows=10), *steps,
                         node("write", "files/csv-write", path=to), **config)
        process = self.start("run", flow, "-q", *more)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        return process, self.socket_of(process)

    def socket_of(self, process):
        limit = time.monotonic() + 120
        while time.monotonic() < limit:
            for run in json.loads(self.weir("runs", "--json")[0]):
                if run["process"] == process.pid:
                    return run["run"]
            self.assertIsNone(process.poll(), process.poll() is not None and process.stderr.read())
            time.sleep(0.02)
        self.fail("the run does not listen")

    def stop(self, process):
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=120)
        self.assertEqual(code, 130)
