# A file of the repository, and C++ text without comments and string contents.
import re
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

TOKEN = re.compile(
    r'R"(?P<delimiter>[^()\\\s]{0,16})\((?s:.*?)\)(?P=delimiter)"'
    r"|//[^\n]*"
    r"|/\*(?s:.*?)\*/"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9A-Fa-f])'(?:[^'\\\n]|\\.)+'"
)
CPP = (".cpp", ".h")


@dataclass(frozen=True)
class Problem:
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def blank(text: str, keep_strings: bool) -> str:
    """Replaces comments, and string contents unless kept, by spaces, so that offsets and lines stay."""

    def replacement(found: re.Match) -> str:
        token = found.group(0)
        if token[0] == "/" or not keep_strings:
            return re.sub(r"[^\n]", " ", token)
        return token

    return TOKEN.sub(replacement, text)


@dataclass
class Source:
    path: str
    text: str
    problems: list = field(default_factory=list, repr=False)

    @property
    def is_cpp(self) -> bool:
        return self.path.endswith(CPP)

    @property
    def is_test(self) -> bool:
        return self.path.endswith((".test.cpp", ".test.h", ".fuzz.cpp", ".bench.cpp")) or self.path.startswith("tests/")

    @property
    def is_portable(self) -> bool:
        return self.path.startswith(("engine/", "nodes/", "service/api/", "service/store/memory/")) and not self.is_test

    @property
    def is_generated(self) -> bool:
        return ".gen." in self.path

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def code(self) -> str:
        return blank(self.text, keep_strings=False)

    @cached_property
    def code_with_strings(self) -> str:
        return blank(self.text, keep_strings=True)

    @cached_property
    def includes(self) -> list[tuple[int, str, str]]:
        """(line, kind, header); kind is `"` or `<`."""
        found = []
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if match:
                found.append((number, match.group(1), match.group(2)))
        return found

    def line_at(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1


def read_repository() -> list[Source]:
    """Reads every text file that git knows or would add."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True)
    sources = []
    for path in sorted(set(listed.stdout.splitlines())):
        # The texts of other people and the seeds of the fuzz targets are not ours to judge.
        if path.startswith(("tests/fuzz/corpus/", "third_party/")) or not Path(path).is_file():
            continue
        data = Path(path).read_bytes()
        if b"\0" in data[:8192]:
            continue
        sources.append(Source(path, data.decode(errors="replace")))
    return sources
