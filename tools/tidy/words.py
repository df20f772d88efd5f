# What a line may not say: forbidden calls, notes to self, raw ownership; first lines and file names.
import re

from source import Problem, Source

COMMENT_OF = {
    ".cpp": "//", ".h": "//", ".mjs": "//", ".js": "//", ".ts": "//", ".tsx": "//",
    ".py": "#", ".sh": "#", ".cmake": "#", ".yml": "#", ".yaml": "#",
}
NAMED = (".cpp", ".h", ".mjs", ".ts", ".tsx")
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)+")
VAGUE_NAMES = re.compile(r"(^|[-/_.])(utils?|helpers?|common|misc)([-/_.]|$)")
NOTES = re.compile(r"\b(TODO|FIXME|HACK)\b")
WORKPLACE = re.compile(
    r"\b(claude|anthropic|chatgpt|openai|copilot|gpt-\d|llms?|sub-?agents?|language model)\b|(?<!user )(?<!user-)\bagents?\b(?! string)"
    r"|(?<![\w.-])/(work|tmp/w|root)/",
    re.I,
)
COMMENTED_CODE = re.compile(r"^\s*//(?!/)\s*(?:[\w:<>*&,\s]+\([^)]*\)\s*;|[\w:<>*&]+\s+\w+\s*=\s*[^.]+;|(?:if|for|while)\s*\(.*\)\s*\{?|\}\s*|return\b[^.]*;)\s*$")
LIBM = "acosh?|asinh?|atan2?|atanh|cbrt|cosh?|erfc?|exp[2]?|expm1|fdim|fma|hypot|lgamma|log(?:10|1p|2|b)?|nearbyint|pow|remainder|l?l?round|sinh?|tanh?|tgamma"
LIBM_CALL = re.compile(rf"\b(?:std::|__builtin_)({LIBM})[fl]?\s*\(")
PORTABLE_RULES = [
    (re.compile(r"\bstd::hash\b"), "std::hash differs between targets; hash with the engine's own function"),
    (re.compile(r"\bstd::(mutex|scoped_lock|lock_guard|unique_lock)\b"), "use Lock of engine/data/lock.h"),
    (re.compile(r"\bstd::chrono::(system|steady|high_resolution)_clock\b"), "the time comes from the host's Clock"),
    (re.compile(r"\b(try\s*\{|catch\s*\(|throw\b(?!\s*\())"), "portable code has no exceptions; return a Result"),
    (re.compile(r"\b(dynamic_cast\s*<|typeid\s*\()"), "portable code has no RTTI"),
    (re.compile(r"\b(getenv|setlocale|rand|srand|gettimeofday)\s*\("), "the outside world comes from the host"),
]
CPP_RULES = [
    (re.compile(r"(?<![\w_])new\s+(?!\()[A-Za-z_]"), "no raw new; use std::make_unique or a container"),
    (re.compile(r"^\s*friend\b", re.M), "no friend; make it a member or part of the contract"),
    (re.compile(r"\busing namespace std\b"), "no using namespace std"),
]
# What the language asks for itself, and what judges words must be able to name them.
NEW_ALLOWED = {"hosts/browser/standalone.cpp"}
# (file, start of the reason it is spared): the lock itself; the switch by which tests turn AVX2 off.
PORTABLE_SPARED = {("engine/data/lock.h", "use Lock"), ("engine/simd/simd.cpp", "the outside world")}
WORDS_ALLOWED = ("tools/tidy/", "package-lock.json", "web/package-lock.json", "THIRD_PARTY.md", "LICENSE", "docs/conformance/", "tests/conformance/")


def check_first_line(source: Source) -> list[Problem]:
    suffix = "." + source.path.rsplit(".", 1)[-1] if "." in source.path.rsplit("/", 1)[-1] else ""
    mark = COMMENT_OF.get(suffix)
    if source.path.endswith("CMakeLists.txt"):
        mark = "#"
    lines = source.lines
    if lines and lines[0].startswith("#!"):
        mark, lines = mark or "#", lines[1:]
    if suffix == ".py" and lines and re.match(r'"""\S', lines[0]):
        return []
    if mark is None or (lines and re.match(rf"{mark}/?\s+\S", lines[0])):
        return []
    return [Problem(source.path, 1, "the first line is a comment that says what the file is for")]


def check_name(source: Source) -> list[Problem]:
    name = source.path.rsplit("/", 1)[-1]
    problems = []
    if name.endswith(NAMED) and not KEBAB.fullmatch(name):
        problems.append(Problem(source.path, 1, "file names are kebab-case"))
    if VAGUE_NAMES.search(source.path):
        problems.append(Problem(source.path, 1, "names like utils, helpers, common say nothing; name what it does"))
    return problems


def check_words(source: Source) -> list[Problem]:
    if source.path.startswith(WORDS_ALLOWED):
        return []
    problems = []
    for number, line in enumerate(source.lines, 1):
        if len(line) > 4000:
            continue
        if source.is_cpp and NOTES.search(line):
            problems.append(Problem(source.path, number, "a note to self: do it, or open an issue"))
        if found := WORKPLACE.search(line):
            problems.append(Problem(source.path, number, f"does not belong in the project: {found.group(0)}"))
        if source.is_cpp and COMMENTED_CODE.match(line):
            problems.append(Problem(source.path, number, "commented-out code; the history keeps it"))
    return problems


def matches(source: Source, rules: list) -> list[Problem]:
    return [
        Problem(source.path, source.line_at(found.start()), why)
        for pattern, why in rules
        for found in pattern.finditer(source.code)
        if "// unordered:" not in source.lines[source.line_at(found.start()) - 1]
    ]


def check_code(source: Source) -> list[Problem]:
    if not source.is_cpp or source.is_generated:
        return []
    problems = [] if source.path in NEW_ALLOWED else matches(source, CPP_RULES)
    if source.is_portable:
        spared = [why for path, why in PORTABLE_SPARED if path == source.path]
        rules = [rule for rule in PORTABLE_RULES if not any(rule[1].startswith(why) for why in spared)]
        problems += matches(source, rules)
        if not source.path.startswith("engine/data/portable-math"):
            why = "libm differs between machines; use engine/data/portable-math.h"
            problems += matches(source, [(LIBM_CALL, why)])
    return problems


def check(sources: list[Source]) -> list[Problem]:
    problems = []
    for source in sources:
        problems += check_first_line(source) + check_name(source) + check_words(source) + check_code(source)
    return problems
