# Tests of the rules of the house: each rule finds what it forbids and lets its neighbour pass.
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import includes  # noqa: E402
import sizes  # noqa: E402
import tables  # noqa: E402
import words  # noqa: E402
from source import Source  # noqa: E402

FIRST = "// Does something.\n"


def texts(problems) -> str:
    return "\n".join(map(str, problems))


def cpp(path: str, body: str) -> Source:
    return Source(path, FIRST + body)


class Includes(unittest.TestCase):
    def problems(self, *sources):
        return texts(includes.check(list(sources)))

    def test_the_engine_includes_no_node_and_no_host(self):
        found = self.problems(cpp("engine/data/a.h", '#include "nodes/flow/limit/limit.h"\n#include "hosts/native/files.h"\n'))
        self.assertIn("engine/ may not include nodes/", found)
        self.assertIn("engine/ may not include hosts/", found)

    def test_a_module_includes_what_is_below_it_and_nothing_above(self):
        self.assertEqual("", self.problems(cpp("engine/runtime/a.cpp", '#include "engine/cel/parser.h"\n')))
        self.assertIn("engine/cel may not include engine/runtime", self.problems(cpp("engine/cel/a.cpp", '#include "engine/runtime/run.h"\n')))

    def test_an_unknown_module_must_be_put_into_the_table(self):
        self.assertIn("not in the table of modules", self.problems(cpp("engine/magic/a.cpp", '#include "engine/data/b.h"\n')))

    def test_a_leaf_header_of_data_may_be_included_from_below(self):
        leaf = cpp("engine/data/error.h", "#include <string>\n")
        other = cpp("engine/data/batch.h", '#include "engine/json/document.h"\n')
        self.assertEqual("", self.problems(leaf, cpp("engine/text/a.cpp", '#include "engine/data/error.h"\n')))
        self.assertIn("engine/text may not include engine/data", self.problems(other, cpp("engine/text/a.cpp", '#include "engine/data/batch.h"\n')))

    def test_a_node_includes_its_own_folder_but_not_another_node(self):
        own = cpp("nodes/flow/limit/limit.cpp", '#include "nodes/flow/limit/limit.gen.h"\n')
        other = cpp("nodes/flow/limit/limit.cpp", '#include "nodes/flow/merge/merge.h"\n')
        self.assertEqual("", self.problems(own))
        self.assertIn("own folder", self.problems(other))

    def test_portable_code_includes_no_iostream_but_a_test_may(self):
        self.assertIn("<iostream>", self.problems(cpp("engine/data/a.cpp", "#include <iostream>\n")))
        self.assertEqual("", self.problems(cpp("engine/data/a.test.cpp", "#include <iostream>\n")))

    def test_the_lock_alone_includes_mutex(self):
        self.assertEqual("", self.problems(cpp("engine/data/lock.h", "#include <mutex>\n")))
        self.assertIn("<mutex>", self.problems(cpp("engine/data/a.h", "#include <mutex>\n")))

    def test_an_unordered_map_needs_a_reason(self):
        self.assertIn("order is not deterministic", self.problems(cpp("nodes/a/b/b.cpp", "#include <unordered_map>\n")))
        self.assertEqual("", self.problems(cpp("nodes/a/b/b.cpp", "#include <unordered_map>  // unordered: looked up only\n")))

    def test_a_foreign_header_is_included_in_its_one_folder(self):
        self.assertEqual("", self.problems(cpp("hosts/native/gzip.cpp", "#include <zlib.h>\n")))
        self.assertIn("may not be included here", self.problems(cpp("apps/cli/a.cpp", "#include <zlib.h>\n")))
        self.assertIn("not in the table of foreign headers", self.problems(cpp("hosts/native/a.cpp", "#include <curl/curl.h>\n")))

    def test_headers_that_include_each_other_are_found(self):
        first = cpp("engine/data/a.h", '#include "engine/data/b.h"\n')
        second = cpp("engine/data/b.h", '#include "engine/data/a.h"\n')
        self.assertIn("include each other", self.problems(first, second))

    def test_the_api_sees_stores_as_an_interface_only(self):
        for header in ("service/store/memory/memory-store.h", "adapters/sqlite/sqlite.h", "hosts/native/clock.h"):
            self.assertNotEqual("", self.problems(cpp("service/api/a.cpp", f'#include "{header}"\n')))
        self.assertIn("thread", self.problems(cpp("service/api/a.cpp", "#include <thread>\n")))
        self.assertEqual("", self.problems(cpp("service/api/a.cpp", '#include "service/store/store.h"\n')))

    def test_hosts_do_not_include_each_other(self):
        self.assertIn("hosts do not", self.problems(cpp("hosts/native/a.cpp", '#include "hosts/simulation/clock.h"\n')))


class Words(unittest.TestCase):
    def problems(self, path, text):
        return texts(words.check([Source(path, text)]))

    def test_the_first_line_says_what_the_file_is_for(self):
        self.assertIn("first line", self.problems("engine/data/a.h", "#pragma once\n"))
        self.assertEqual("", self.problems("engine/data/a.h", "// What flows.\n#pragma once\n"))
        self.assertEqual("", self.problems("tools/run.sh", "#!/bin/sh\n# Runs.\n"))

    def test_notes_to_self_are_found_in_comments(self):
        self.assertIn("note to self", self.problems("engine/data/a.h", FIRST + "// TODO: later\n"))

    def test_commented_out_code_is_found_and_prose_is_not(self):
        self.assertIn("commented-out", self.problems("engine/data/a.h", FIRST + "  // run(batch, 3);\n"))
        self.assertEqual("", self.problems("engine/data/a.h", FIRST + "  // The batch is shared; its rows are not.\n"))

    def test_libm_is_found_and_a_method_called_log_is_not(self):
        self.assertIn("libm", self.problems("engine/cel/a.cpp", FIRST + "double x = std::pow(2.0, y);\n"))
        self.assertEqual("", self.problems("engine/cel/a.cpp", FIRST + "context.log(LogLevel::info, text); x = std::floor(y);\n"))
        self.assertEqual("", self.problems("engine/data/portable-math.cpp", FIRST + "double x = std::pow(2.0, y);\n"))

    def test_words_in_comments_and_strings_are_not_code(self):
        self.assertEqual("", self.problems("engine/cel/a.cpp", FIRST + '// std::hash would differ.\nauto x = "throw std::hash";\n'))
        self.assertIn("std::hash", self.problems("engine/cel/a.cpp", FIRST + "auto x = std::hash<int>{}(3);\n"))

    def test_exceptions_and_raw_new_are_found(self):
        self.assertIn("no exceptions", self.problems("nodes/a/b/b.cpp", FIRST + "void f() { throw 3; }\n"))
        self.assertIn("no raw new", self.problems("hosts/native/a.cpp", FIRST + "auto* x = new Batch();\n"))
        self.assertEqual("", self.problems("engine/data/a.cpp", FIRST + "auto* x = new (place) Batch();\n"))

    def test_vague_and_badly_cased_names_are_found(self):
        self.assertIn("say nothing", self.problems("engine/data/string-utils.h", FIRST))
        self.assertIn("kebab-case", self.problems("engine/data/StringList.h", FIRST))

    def test_words_of_the_workplace_are_found(self):
        self.assertIn("does not belong", self.problems("docs/a.md", "See /work/" + "main.\n"))
        self.assertEqual("", self.problems("docs/a.md", "The user agent is sent.\n"))


class Sizes(unittest.TestCase):
    def test_functions_of_classes_and_namespaces_are_measured(self):
        body = "  x();\n" * 5
        text = f"namespace a {{\nclass B : public C {{\n public:\n  int f(int y) const {{\n{body}  }}\n}};\n\nint g()\n    noexcept {{\n{body}}}\n}}\n"
        found = {name: lines for name, _, lines in sizes.cpp_functions(cpp("engine/data/a.cpp", text))}
        self.assertEqual({"f": 7, "g": 8}, found)

    def test_braces_in_strings_and_characters_do_not_count(self):
        text = "int f() {\n  auto a = \"{\";\n  auto b = '{';\n  auto c = R\"({{{)\";\n  if (x) {\n  }\n}\nint g() { return 1; }\n"
        self.assertEqual([("f", 2, 7), ("g", 9, 1)], sizes.cpp_functions(cpp("engine/data/a.cpp", text)))

    def test_a_lambda_in_a_table_is_not_a_function_of_its_own_name(self):
        text = "constexpr Entry kTable[] = {\n  {1, 2},\n};\nstruct S { int a = 3; };\nenum class E { a, b };\n"
        self.assertEqual([], sizes.cpp_functions(cpp("engine/data/a.cpp", text)))

    def test_long_files_and_functions_are_problems(self):
        long_function = "int f() {\n" + "  x();\n" * 80 + "}\n"
        self.assertIn("function f has 82 lines", texts(sizes.check([cpp("engine/data/zz.cpp", long_function)])))
        self.assertIn("file has 601 lines", texts(sizes.check([cpp("engine/data/zz.cpp", "\n" * 600)])))


class Tables(unittest.TestCase):
    def test_an_error_code_must_be_listed(self):
        table = Source("engine/data/error-codes.tsv", "csv.bad\tThe row is malformed; fix it.\n")
        good = cpp("engine/csv/a.cpp", 'return fail("csv.bad", "x");\n')
        bad = cpp("engine/csv/b.cpp", 'return fail("csv.worse", "x");\n')
        self.assertEqual("", texts(tables.check_codes([table, good])))
        self.assertIn("csv.worse is not in", texts(tables.check_codes([table, good, bad])))

    def test_a_code_of_the_typescript_side_must_be_listed_too(self):
        table = Source("engine/data/error-codes.tsv", "run.ended\tThe run has ended.\n")
        good = Source("web/a/src/b.ts", "// x\nthrow new WeirError('run.ended', 'x')\n")
        bad = Source("web/a/src/c.ts", "// x\nthrow new WeirError(\n  'run.gone',\n  'x')\n")
        self.assertEqual("", texts(tables.check_codes([table, good])))
        self.assertIn("run.gone is not in", texts(tables.check_codes([table, good, bad])))

    def test_the_list_of_codes_is_sorted_and_used(self):
        table = Source("engine/data/error-codes.tsv", "b.b\tDo this or that.\na.a\tDo this or that.\n")
        found = texts(tables.check_codes([table]))
        self.assertIn("not sorted", found)
        self.assertIn("nothing raises a.a", found)

    def test_a_node_folder_is_complete(self):
        found = texts(tables.check_nodes([Source("nodes/flow/limit/schema.json", "{}")]))
        self.assertIn("no cases.json", found)
        self.assertIn("no code", found)

    def test_a_broken_schema_is_named(self):
        self.assertIn("not JSON", texts(tables.check_nodes([Source("nodes/flow/limit/schema.json", "{")])))

    def test_dead_links_and_paths_are_found(self):
        found = texts(tables.check_documents([Source("README.md", "[a](no-such-file.md) [b](https://x.org) [c](#here)")]))
        self.assertEqual(1, found.count("leads nowhere"))
        sources = [Source("ARCHITECTURE.md", "see `tools/no-such-thing`"), Source("tools/x.py", "# x\n")]
        self.assertIn("there is no tools/no-such-thing", texts(tables.check_documents(sources)))


if __name__ == "__main__":
    unittest.main()
