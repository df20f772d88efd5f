#!/usr/bin/env python3
# Files as they are met: damaged, huge, unreadable, no files at all. Each is said, nothing crashes, the neighbours pass.
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, WEIR, edge, node  # noqa: E402


class BadInput(ProgramTest):
    def seen(self, name, text=None, code=0, *options):
        if text is not None:
            self.write(name, text)
        out, _ = self.weir("inspect", "--json", "--rows", "all", *options, name, code=code)
        return json.loads(out)

    def test_damaged_rows_are_errors_with_a_line_and_their_neighbours_pass(self):
        cases = [
            ("nul.csv", b"a,b\n1,x\0y\n2,z\n", [{"a": 2, "b": "z"}], "csv.nul_byte", "line 2"),
            ("utf8.csv", b"a,b\n1,ok\n2,\xff\xfe\n3,z\n", [{"a": 1, "b": "ok"}, {"a": 3, "b": "z"}], "text.invalid_utf8", "line 3"),
            ("cut.csv", b'a,b\n1,2\n3,"open', [{"a": 1, "b": 2}], "csv.unterminated_quote", "line 3"),
            ("wide.csv", b"a,b\n1,2\n3,4,5\n", [{"a": 1, "b": 2}], "csv.field_count", "line 3"),
            ("cut.ndjson", b'{"a":1}\n{"a":2', [{"a": 1}], "json.syntax", "line 2"),
            ("cut.json", b'[{"a":1},{"a":', [{"a": 1}], "json.syntax", "line 1"),
            ("nul.ndjson", b'{"a":"x\0y"}\n{"a":"b"}\n', [{"a": "b"}], "json.control_character", "line 1"),
            ("utf8.ndjson", b'{"a":"\xff"}\n{"a":"ok"}\n', [{"a": "ok"}], "json.invalid_utf8", "line 1"),
            ("over.ndjson", b'{"a":1e400}\n{"a":1.5}\n', [{"a": 1.5}], "json.number_range", "line 1"),
            ("utf8.txt", b"one\n\xff\xfe\xfd\nthree\n", None, "text.invalid_utf8", "utf8.txt"),
        ]
        for name, text, rows, code, where in cases:
            with self.subTest(name=name):
                seen = self.seen(name, text, 3)
                if rows is not None:
                    self.assertEqual(seen["rows"], rows)
                self.assertEqual([error["code"] for error in seen["errors"]], [code])
                self.assertIn(where, seen["errors"][0]["message"])

    def test_a_run_names_node_file_and_line_and_its_neighbours_pass(self):
        cases = [("csv", b"id,v\n1,a\n2,\0\n3,c\n", "csv.nul_byte", 3), ("csv", b'id,v\n1,a\n3,c\n2,"open', "csv.unterminated_quote", 4),
                 ("csv", b"id,v\n1,a\n2\n3,c\n", "csv.field_count", 3), ("csv", b"id,v\n1,a\n2,\xff\n3,c\n", "text.invalid_utf8", 3),
                 ("json", b'{"id":1}\n{"id":2,}\n{"id":3}\n', "json.syntax", 2), ("json", b'{"id":1}\n{"id":3}\n{"id":2', "json.syntax", 3),
                 ("json", b'{"id":1}\n{"id":1e999}\n{"id":3}\n', "json.number_range", 2), ("json", b'{"id":1}\n{"id":\0}\n{"id":3}\n', "json.", 2)]
        for form, text, code, line in cases:
            with self.subTest(code=code, text=text):
                name = "in." + ("csv" if form == "csv" else "ndjson")
                self.write(name, text)
                flow = self.flow("damaged", node("reader", f"files/{form}-read", path=name), node("write", "files/csv-write", path="out.csv", columns=["id"]))
                _, err = self.fails("run", flow, code=3, says=["1 dead letter in .weir/dead-letters/", "reader: ", name, f"line {line}", code])
                self.assertEqual((self.folder / "out.csv").read_text(), "id\n1\n3\n", err)
                self.assertNothingHalfWritten()

    def test_numbers_that_overflow_are_an_error_of_their_row(self):
        self.write("in.csv", "id,n\n1,9223372036854775807\n2,5\n")
        flow = self.flow("over", node("read", "files/csv-read", path="in.csv"), node("more", "logic/map", set={"n": "row.n + 1"}), node("write", "files/csv-write", path="o.csv"))
        self.fails("run", flow, code=3, says=["more: ", "cel.overflow", "9223372036854775807"])
        self.assertEqual((self.folder / "o.csv").read_text(), "id,n\n2,6\n")
        self.fails("eval", "9223372036854775807 + 1", code=1, says=["cel.overflow"])

    def test_folders_and_loops_of_links_given_as_files_end_the_run_and_name_the_node(self):
        (self.folder / "folder.csv").mkdir()
        (self.folder / "loop.csv").symlink_to("loop.csv")
        for name, says in (("folder.csv", "is a folder"), ("loop.csv", "loop.csv")):
            for form in ("csv", "json", "text", "arrow", "blob"):
                with self.subTest(name=name, form=form):
                    port = "files" if form == "blob" else "rows"
                    flow = self.flow("f", node("reader", f"files/{form}-read", path=name), node("write", "files/json-write", path="o.json"),
                                     edges=[edge("e", f"reader.{port}", "write.rows")])
                    self.fails("run", "-q", flow, code=1, says=["node 'reader'", name, says, "files."])
                    self.assertNothingHalfWritten()
            for form in ("csv", "json", "text", "arrow"):
                if name == "folder.csv":
                    field = {"field": "id"} if form == "text" else {}
                    flow = self.flow("t", node("n", "generate/pattern", rows=3), node("writer", f"files/{form}-write", path=name, **field))
                    self.fails("run", "-q", flow, code=1, says=["node 'writer'", name, says])
        for command in (["run"], ["validate"], ["fmt"], ["graph"], ["inspect"], ["test"]):
            process = self.start(*command, "loop.csv")
            _, err = process.communicate(timeout=120)
            self.assertIn(process.returncode, (1, 2), f"{command} {err}")

    def test_integers_beyond_64_bits_and_leading_zeros_stay_as_they_are(self):
        seen = self.seen("big.csv", "a,b\n99999999999999999999,007\n1,010\n")
        self.assertEqual(seen["rows"], [{"a": "99999999999999999999", "b": "007"}, {"a": "1", "b": "010"}])

    def test_lines_of_100_MB_are_one_error_each(self):
        for name, before, after, code in (("l.ndjson", '{"a":1}\n{"a":"', '"}\n{"a":3}\n', "json.record_too_long"),
                                          ("l.csv", "a,b\n1,2\n", ",5\n3,4\n", "csv.record_too_long"), ("l.txt", "one\n", "\nthree\n", "text.line_too_long")):
            with self.subTest(name=name), open(self.folder / name, "w") as file:
                file.write(before)
                for _ in range(100):
                    file.write("x" * 1_000_000)
                file.write(after)
            seen = self.seen(name, None, 3)
            self.assertEqual(len(seen["rows"]), 2)
            self.assertEqual([error["code"] for error in seen["errors"]], [code])

    def test_empty_files(self):
        for name in ("e.csv", "e.ndjson", "e.txt"):
            with self.subTest(name=name):
                self.assertEqual(self.seen(name, "")["rows"], [])
        self.assertEqual(self.seen("e.json", "", 3)["errors"][0]["code"], "json.syntax")

    def test_an_arrow_file_that_is_cut_or_garbled_is_said(self):
        self.write("a.csv", "a,b\n" + "1,x\n" * 1000)
        self.weir("convert", "a.csv", "a.arrow")
        whole = (self.folder / "a.arrow").read_bytes()
        for cut in (3, len(whole) // 3, len(whole) // 2):
            with self.subTest(cut=cut):
                self.write("cut.arrow", whole[:cut])
                done = subprocess.run([WEIR, "inspect", "cut.arrow"], cwd=self.folder, capture_output=True, text=True, timeout=120)
                self.assertIn(done.returncode, (1, 3), done.stdout + done.stderr)
                self.assertIn("error: ", done.stdout + done.stderr)

    def test_folders_devices_pipes_and_missing_files_are_refused_at_once(self):
        os.mkfifo(self.folder / "pipe.csv")
        for name, says in ((".", "is a folder"), ("/dev/null", "not_regular"), ("/dev/zero", "not_regular"), ("pipe.csv", "not_regular"), ("none.csv", "not_found")):
            with self.subTest(name=name):
                self.fails("inspect", name, code=1, says=[says])
        self.fails("run", "-q", self.flow("fifo", node("read", "files/csv-read", path="pipe.csv"), node("write", "files/csv-write", path="o.csv")),
                   code=1, says=["node 'read'", "pipe.csv"])

    @unittest.skipUnless(os.geteuid() != 0 or shutil.which("setpriv"), "root reads everything")
    def test_files_that_may_not_be_read_or_written_are_said(self):
        self.folder.chmod(0o755)
        self.write("secret.csv", "a\n1\n").chmod(0)
        other = ("setpriv", "--reuid", "nobody", "--clear-groups") if os.geteuid() == 0 else ()
        binary = self.folder / "weir"
        shutil.copy(WEIR, binary)
        binary.chmod(binary.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
        for arguments in (["inspect", "secret.csv"], ["run", "-q", self.flow("s", node("read", "files/csv-read", path="secret.csv"), node("write", "files/csv-write", path="o.csv"))]):
            done = subprocess.run([*other, binary, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn("files.denied", done.stdout + done.stderr)
        if other:
            done = subprocess.run([*other, binary, "run", "-q", self.flow("w", node("n", "generate/pattern", rows=3), node("write", "files/csv-write", path="o.csv"))],
                                  cwd=self.folder, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn("files.denied", done.stderr)

    def test_a_file_that_vanishes_among_many_is_said_or_was_read_before(self):
        for i in range(300):
            self.write(f"in/{i:03}.csv", "id,text\n" + f"{i},{'x' * 200}\n" * 500)
        flow = self.flow("many", node("read", "files/csv-read", path="in/*.csv"), node("write", "files/csv-write", path="out.csv"))
        process = self.start("run", "-q", flow)
        gone = threading.Thread(target=lambda: [time.sleep(0.02), (self.folder / "in/299.csv").unlink()])
        gone.start()
        _, err = process.communicate(timeout=120)
        gone.join()
        self.assertIn(process.returncode, (0, 1, 3), err)
        if process.returncode != 0:
            self.assertIn("299.csv", err)
        self.assertNothingHalfWritten()

    def test_a_file_that_vanishes_between_list_and_read_is_an_error_row_with_its_name(self):
        """files/list gives the names; the file is gone before the reader behind it opens it."""
        for i in range(3):
            self.write(f"in/{i}.log", f"line {i}\n")
        (self.folder / "in/gone.log").symlink_to("nowhere")  # listed or refused, never read
        flow = self.flow("gone", node("read", "files/text-read", path="in/*.log"), node("write", "files/text-write", path="o.txt"))
        process = self.start("run", flow)
        _, err = process.communicate(timeout=120)
        self.assertIn(process.returncode, (1, 3), err)
        self.assertIn("gone.log", err)
        self.assertIn("read", err)
        self.assertNothingHalfWritten()
        if process.returncode == 3:
            self.assertEqual((self.folder / "o.txt").read_text(), "line 0\nline 1\nline 2\n")

    def test_a_glob_that_finds_nothing_is_an_error_unless_it_may(self):
        read, write = node("read", "files/csv-read", path="in/*.csv"), node("write", "files/csv-write", path="out.csv")
        (self.folder / "in").mkdir()
        self.fails("run", "-q", self.flow("none", read, write), code=1, says=["in/*.csv"])
        read["settings"]["ifNoFiles"] = "warn"
        self.weir("run", "-q", self.flow("none", read, write))

    def test_packed_files_are_read_and_cut_ones_are_said(self):
        import gzip
        packed = gzip.compress(b"a,b\n" + b"1,2\n" * 10_000)
        self.assertEqual(len(self.seen("p.csv.gz", packed)["rows"]), 10_000)
        done = subprocess.run([WEIR, "inspect", self.write("cut.csv.gz", packed[: len(packed) // 2])], capture_output=True, text=True, timeout=120)
        self.assertIn(done.returncode, (1, 3), done.stdout)
        self.assertIn("error: ", done.stdout + done.stderr)
        done = subprocess.run([WEIR, "inspect", self.write("no.csv.gz", b"a,b\n1,2\n")], capture_output=True, text=True, timeout=120)
        self.assertIn(done.returncode, (1, 3), done.stdout)


if __name__ == "__main__":
    unittest.main()
