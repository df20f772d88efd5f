# Reads the schema.json files of a folder of nodes and checks them; what the writers of C++ and Markdown work on.
import json
import re
from dataclasses import dataclass
from pathlib import Path

import json_schema

KEYWORDS = set(
    """alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const constexpr
    continue default delete do double else enum explicit export extern false float for friend goto if inline int long
    mutable namespace new not not_eq nullptr operator or or_eq private protected public register requires return short
    signed sizeof static struct switch template this throw true try typedef typeid typename union unsigned using
    virtual void volatile wchar_t while xor xor_eq""".split())

# Names that several categories have: their namespaces begin with the category (sql_read, tcp_read).
EVERYWHERE = {"read", "webhook", "write"}

UNITS_MS = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
UNITS_BYTES = {"": 1, "B": 1, "kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4,
               "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}


class SchemaError(Exception):
    pass


@dataclass
class NodeFolder:
    folder: Path  # of the schema.json
    relative: str  # nodes/<category>/<name>[/v<n>]
    name: str  # <name>
    schema: dict
    schema_text: str
    cases_text: str
    has_code: bool

    @property
    def namespace(self):
        last = Path(self.relative).name
        suffix = f"_{last}" if last != self.name else ""
        words = self.name.replace("-", "_")
        if self.name in EVERYWHERE:
            words = f"{Path(self.relative).parts[1]}_{words}"
        return identifier(words) + suffix

    @property
    def header(self):
        return f"{self.relative}/{self.name}.gen.h"

    @property
    def cases(self):
        return json.loads(self.cases_text) if self.cases_text else []


def identifier(word):
    """A C++ name for a word: keywords get an underscore behind, digits one before."""
    if word in KEYWORDS:
        return word + "_"
    return "_" + word if word[:1].isdigit() else word


def camel(word):
    if word.isupper():
        word = word.lower()
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", word) if part]
    if not parts:
        return "none"
    return identifier(parts[0][0].lower() + parts[0][1:] + "".join(part[0].upper() + part[1:] for part in parts[1:]))


def pascal(word):
    name = camel(word).strip("_")
    return name[0].upper() + name[1:]


def singular(word):
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word + "Item"


def milliseconds(value):
    if isinstance(value, str):
        parts = re.findall(r"([0-9.]+)(ns|us|ms|s|m|h|d)", value)
        if not parts or "".join(number + unit for number, unit in parts) != value:
            raise SchemaError(f"'{value}' is no duration")
        return round(sum(float(number) * UNITS_MS[unit] for number, unit in parts))
    return value


def byte_count(value):
    if isinstance(value, str):
        match = re.fullmatch(r"([0-9.]+) ?([A-Za-z]*)", value)
        if not match or match[2] not in UNITS_BYTES:
            raise SchemaError(f"'{value}' is no size")
        return round(float(match[1]) * UNITS_BYTES[match[2]])
    return value


def fits_default(setting):
    kind, value = setting["type"], setting["default"]
    if kind == "duration":
        milliseconds(value)
    if kind == "bytesize":
        byte_count(value)
    expected = {"string": str, "text": str, "path": str, "code": str, "expression": str, "secret": str, "enum": str,
                "boolean": bool, "list": list, "map": dict}.get(kind)
    if kind == "integer" and (isinstance(value, bool) or not isinstance(value, int)):
        return False
    if kind == "number" and (isinstance(value, bool) or not isinstance(value, (int, float))):
        return False
    if kind == "enum" and value not in setting["options"]:
        return False
    return expected is None or isinstance(value, expected)


def check_settings(settings, where):
    seen = set()
    for setting in settings:
        name = setting["name"]
        if name in seen:
            raise SchemaError(f"{where}: the setting '{name}' comes twice")
        seen.add(name)
        if setting.get("default") is not None and not fits_default(setting):
            raise SchemaError(f"{where}: the default of '{name}' does not fit its type")
        if isinstance(setting.get("items"), list):
            check_settings(setting["items"], f"{where}, items of {name}")


def check_ports(schema, where):
    lists = {setting["name"] for setting in schema.get("settings", []) if setting["type"] == "list"}
    for side in ("inputs", "outputs"):
        seen = set()
        for port in schema["ports"].get(side, []):
            for name in [port["name"], *port.get("aliases", [])]:
                if name in seen:
                    raise SchemaError(f"{where}: the port '{name}' comes twice in {side}")
                seen.add(name)
            if "from" in port and port["from"] not in lists:
                raise SchemaError(f"{where}: the port '{port['name']}' follows '{port['from']}', which is no list setting")


def read_folder(path, root, meta):
    folder = path.parent
    relative = f"nodes/{folder.relative_to(root).as_posix()}"
    name = folder.parent.name if re.fullmatch(r"v[0-9]+", folder.name) else folder.name
    text = path.read_text(encoding="utf-8")
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise SchemaError(f"{relative}/schema.json: {error}") from error
    found = json_schema.problems(schema, meta)
    if found:
        raise SchemaError("\n".join(f"{relative}/schema.json: {problem}" for problem in found))
    category = relative.split("/")[1]
    if schema["id"] != f"{category}/{name}":
        raise SchemaError(f"{relative}/schema.json: the id is '{schema['id']}', its folder says '{category}/{name}'")
    check_settings(schema.get("settings", []), f"{relative}/schema.json")
    check_ports(schema, f"{relative}/schema.json")
    cases = folder / "cases.json"
    return NodeFolder(folder, relative, name, schema, text,
                      cases.read_text(encoding="utf-8") if cases.exists() else "",
                      (folder / f"{name}.cpp").exists())


def read_nodes(roots):
    """All node folders, sorted by id and version; SchemaError names every file that is wrong."""
    nodes, wrong = [], []
    for root in map(Path, roots):
        meta = json.loads((root / "node.schema.json").read_text(encoding="utf-8"))
        for path in sorted([*root.glob("*/*/schema.json"), *root.glob("*/*/v*/schema.json")]):
            try:
                nodes.append(read_folder(path, root, meta))
            except SchemaError as error:
                wrong.append(str(error))
    taken = {}
    for node in nodes:
        key = (node.schema["id"], node.schema["version"])
        if key in taken:
            wrong.append(f"{node.relative} and {taken[key]} are both {key[0]} {key[1]}")
        taken[key] = node.relative
    if wrong:
        raise SchemaError("\n".join(wrong))
    return sorted(nodes, key=lambda node: (node.schema["id"], version_key(node.schema["version"])))


def version_key(version):
    return [int(part) for part in version.split("-")[0].split(".")]
