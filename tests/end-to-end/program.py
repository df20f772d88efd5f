# What the tests of the program share: a folder of its own for each test, flows written in a few words, and the binary.
import ctypes
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WEIR = Path(os.environ.get("WEIR_BINARY", ROOT / "build/bin/weir")).resolve()
DIES_WITH_PARENT = getattr(ctypes.CDLL(None), "prctl", None)  # loaded before any fork; None where there is no such call


def node(name, type_id, version="1.0.0", **settings):
    return {"id": name, "typeId": type_id, "version": version, "settings": settings}


def edge(name, source, target, **more):
    ends = [dict(zip(("node", "port"), end.split("."))) for end in (source, target)]
    return {"id": name, "source": ends[0], "target": ends[1], **more}


def chain(*nodes):
    """Edges from each node to the next, `name` or `name.port`; the first output of a filter is match."""
    edges = []
    for i, (source, target) in enumerate(zip(nodes, nodes[1:])):
        port = "match" if source["typeId"] in ("logic/filter", "text/grep") else "rows"
        edges.append(edge(f"e{i + 1}", f"{source['id']}.{port}", f"{target['id']}.rows"))
    return edges


def signals_as_from_a_shell():
    """Whoever runs the tests may ignore some of them (nohup does). A test that is killed leaves nothing running."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if DIES_WITH_PARENT:
        DIES_WITH_PARENT(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def until(holds, seconds=60.0):
    """Waits until `holds()` gives something true, and gives that; an error if it never does. No test is proof by being quick."""
    ends = time.monotonic() + seconds
    while True:
        if found := holds():
            return found
        if time.monotonic() > ends:
            raise AssertionError(f"not within {seconds:g} seconds")
        time.sleep(0.01)


def interrupt(process):
    """SIGINT once the program has said what it does about it; before that it would just end."""
    def ready():
        caught = next(line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if line.startswith("SigCgt:"))
        return int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1 or process.poll() is not None
    until(ready)
    process.send_signal(signal.SIGINT)


@unittest.skipUnless(WEIR.exists(), f"{WEIR} is not built")
class ProgramTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name).resolve()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def flow(self, name, *nodes, edges=None, **more):
        document = {"id": name, "version": "1.0.0", "nodes": list(nodes), "edges": chain(*nodes) if edges is None else edges, **more}
        self.write(f"{name}.flow.json", json.dumps(document))
        return f"{name}.flow.json"

    def start(self, *arguments, before=(), **more):
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        more.setdefault("preexec_fn", signals_as_from_a_shell)
        return subprocess.Popen([*before, WEIR, *arguments], cwd=self.folder, text=True, **more)

    def weir(self, *arguments, code=0, given=None, before=(), env=None):
        """Runs the program, expects `code`, gives standard output and standard error."""
        done = subprocess.run([*before, str(WEIR), *arguments], cwd=self.folder, input=given, capture_output=True, timeout=120,
                              text=not isinstance(given, bytes), env=env)
        out, err = (text if isinstance(text, str) else text.decode() for text in (done.stdout, done.stderr))
        self.assertEqual(done.returncode, code, f"weir {' '.join(map(str, arguments))}\n{out}{err}")
        return out, err

    def fails(self, *arguments, code, says=(), **more):
        """The same, and every text of `says` is in what it printed."""
        out, err = self.weir(*arguments, code=code, **more)
        for text in says:
            self.assertIn(text, out + err)
        return out, err

    def written(self, name, least=1):
        """Waits until that many bytes of an output are on the disk, also while it still has its temporary name."""
        names = (self.folder / f".{name}.weir-part", self.folder / name)
        return until(lambda: any(path.exists() and path.stat().st_size >= least for path in names))

    def assertNothingHalfWritten(self):
        left = [str(path) for path in self.folder.rglob("*weir-part*")]
        self.assertEqual(left, [])
