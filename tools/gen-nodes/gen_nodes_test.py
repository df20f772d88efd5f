#!/usr/bin/env python3
# What the generator refuses, and what it makes of names and units.
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import cpp_writer  # noqa: E402
import json_schema  # noqa: E402
import model  # noqa: E402

META = json.loads((Path(__file__).parents[2] / "nodes/node.schema.json").read_text(encoding="utf-8"))
HTTP_REQUEST = {
    "id": "http-request", "version": "1.0.0", "compatibility": {"minRuntime": "1.0.0"}, "category": "Network",
    "name": "HTTP Request", "description": "Performs an HTTP request",
    "ui": {"color": "#ff8800", "icon": "globe", "resizable": True},
    "execution": {"timeoutMs": 5000, "retry": 2, "recoverable": True},
    "ports": {"inputs": [{"name": "trigger", "type": "signal", "required": True},
                         {"name": "body", "type": "object", "required": False}],
              "outputs": [{"name": "response", "type": "any"}, {"name": "error", "type": "error_packet"}]},
    "settings": [{"name": "url", "type": "string", "label": "Target URL"},
                 {"name": "method", "type": "enum", "options": ["GET", "POST"]}],
}


class Names(unittest.TestCase):
    def test_options_become_names_of_cpp(self):
        self.assertEqual([model.camel(word) for word in ("GET", "utf-8", "dropOldest", "int", "1", "count-distinct")],
                         ["get", "utf8", "dropOldest", "int_", "_1", "countDistinct"])

    def test_units_are_read(self):
        self.assertEqual(model.milliseconds("1m30s"), 90_000)
        self.assertEqual(model.byte_count("64MiB"), 64 << 20)
        self.assertRaises(model.SchemaError, model.milliseconds, "soon")

    def test_texts_stay_themselves_in_cpp(self):
        self.assertEqual(cpp_writer.quoted('a"b\\n\n'), '"a\\"b\\\\n\\n"')


class MetaSchema(unittest.TestCase):
    def test_the_first_example_is_valid_as_it_stands(self):
        self.assertEqual(json_schema.problems(HTTP_REQUEST, META), [])

    def test_an_unknown_key_is_refused_with_its_place(self):
        wrong = {**HTTP_REQUEST, "setings": []}
        self.assertTrue(json_schema.problems(wrong, META)[0].startswith("/setings: there is no such key"))

    def test_an_enum_without_options_is_refused(self):
        wrong = {**HTTP_REQUEST, "settings": [{"name": "method", "type": "enum"}]}
        self.assertEqual(json_schema.problems(wrong, META), ["/settings/0: 'options' is missing"])


if __name__ == "__main__":
    unittest.main()
