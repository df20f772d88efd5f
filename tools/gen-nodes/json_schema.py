# A small JSON Schema (2020-12) validator: the keywords that nodes/node.schema.json uses, and nothing else.
import re

KNOWN = {
    "$schema", "$id", "$defs", "$ref", "title", "description", "default", "type", "required", "properties",
    "patternProperties", "additionalProperties", "items", "minItems", "maxItems", "uniqueItems", "enum", "const",
    "pattern", "minLength", "minimum", "maximum", "anyOf", "allOf", "if", "then",
}

TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "null": lambda v: v is None,
}


def same(a, b):
    return type(a) is type(b) and a == b


def problems(value, schema, root=None, pointer=""):
    """All violations as sentences that begin with the JSON pointer."""
    root = root or schema
    if schema is True:
        return []
    if schema is False:
        return [f"{pointer or '/'}: is not allowed here"]
    unknown = set(schema) - KNOWN
    if unknown:
        raise ValueError(f"the validator does not know the keywords {sorted(unknown)}")
    found = []
    if "$ref" in schema:
        target = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        found += problems(value, target, root, pointer)
    found += of_type(value, schema, pointer)
    if isinstance(value, dict):
        found += of_object(value, schema, root, pointer)
    if isinstance(value, list):
        found += of_list(value, schema, root, pointer)
    found += of_scalar(value, schema, pointer)
    if "anyOf" in schema and all(problems(value, option, root, pointer) for option in schema["anyOf"]):
        found.append(f"{pointer or '/'}: fits none of the allowed forms")
    for part in schema.get("allOf", []):
        found += problems(value, part, root, pointer)
    if "if" in schema and not problems(value, schema["if"], root, pointer):
        found += problems(value, schema.get("then", True), root, pointer)
    return found


def of_type(value, schema, pointer):
    kinds = schema.get("type")
    if kinds is None:
        return []
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if any(TYPES[kind](value) for kind in kinds):
        return []
    return [f"{pointer or '/'}: expected {' or '.join(kinds)}"]


def of_object(value, schema, root, pointer):
    found = [f"{pointer or '/'}: '{key}' is missing" for key in schema.get("required", []) if key not in value]
    for key, member in value.items():
        below = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        known = False
        if key in schema.get("properties", {}):
            known = True
            found += problems(member, schema["properties"][key], root, below)
        for pattern, part in schema.get("patternProperties", {}).items():
            if re.search(pattern, key):
                known = True
                found += problems(member, part, root, below)
        if not known and "additionalProperties" in schema:
            if schema["additionalProperties"] is False:
                names = ", ".join(sorted(schema.get("properties", {})))
                found.append(f"{below}: there is no such key; known are {names}")
            else:
                found += problems(member, schema["additionalProperties"], root, below)
    return found


def of_list(value, schema, root, pointer):
    found = []
    if len(value) < schema.get("minItems", 0):
        found.append(f"{pointer}: needs at least {schema['minItems']} elements")
    if len(value) > schema.get("maxItems", len(value)):
        found.append(f"{pointer}: takes at most {schema['maxItems']} elements")
    if schema.get("uniqueItems") and any(same(a, b) for i, a in enumerate(value) for b in value[:i]):
        found.append(f"{pointer}: an element comes twice")
    for index, element in enumerate(value):
        if "items" in schema:
            found += problems(element, schema["items"], root, f"{pointer}/{index}")
    return found


def of_scalar(value, schema, pointer):
    found = []
    if "enum" in schema and not any(same(value, option) for option in schema["enum"]):
        found.append(f"{pointer}: expected one of {', '.join(map(str, schema['enum']))}, found {value!r}")
    if "const" in schema and not same(value, schema["const"]):
        found.append(f"{pointer}: expected {schema['const']!r}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{pointer}: '{value}' does not match {schema['pattern']}")
        if len(value) < schema.get("minLength", 0):
            found.append(f"{pointer}: must not be empty")
    if TYPES["number"](value):
        if value < schema.get("minimum", value):
            found.append(f"{pointer}: is less than {schema['minimum']}")
        if value > schema.get("maximum", value):
            found.append(f"{pointer}: is more than {schema['maximum']}")
    return found
