# Remembers which suites passed with exactly these programs and this data, so that a second `make test` takes seconds.
import hashlib
import json
import os
from pathlib import Path

# What tests read besides their own program. Sources are in the program.
DATA_FOLDERS = ("tests", "nodes", "examples", "docs", "bench", "tools", "engine", "apps", "hosts", "node_modules/.package-lock.json")
DATA_SUFFIXES = (".json", ".ndjson", ".csv", ".tsv", ".txt", ".md", ".mjs", ".py", ".sh", ".bin", ".arrow", "")


class Cache:
    """Keys are hashes of the program's bytes and of the names, sizes and times of the data. FRESH=1 forgets all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, list] = {}
        if not os.environ.get("FRESH") and path.exists():
            try:
                self.known = json.loads(path.read_text())
            except ValueError:
                self.known = {}
        self.data = self._data_state()

    @staticmethod
    def _data_state() -> str:
        digest = hashlib.sha256()
        for folder in DATA_FOLDERS:
            for base, folders, files in os.walk(folder):
                folders[:] = sorted(name for name in folders if name not in ("__pycache__", "node_modules"))
                for name in sorted(files):
                    if os.path.splitext(name)[1] in DATA_SUFFIXES:
                        status = os.lstat(os.path.join(base, name))
                        digest.update(f"{base}/{name} {status.st_size} {status.st_mtime_ns}\n".encode())
        return digest.hexdigest()

    def key(self, programs: list[str], command: list[str], environment: dict[str, str]) -> str:
        digest = hashlib.sha256(self.data.encode())
        digest.update(json.dumps([command, sorted(environment.items())]).encode())
        for program in programs:
            if os.path.isfile(program):
                with open(program, "rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def passed(self, name: str, key: str) -> list | None:
        entry = self.known.get(name)
        return entry[1] if entry and entry[0] == key else None

    def remember(self, name: str, key: str, counts: list) -> None:
        self.known[name] = [key, counts]

    def forget(self, name: str) -> None:
        self.known.pop(name, None)

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.known, indent=1))
