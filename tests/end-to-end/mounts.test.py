#!/usr/bin/env python3
# What symbolic links in a flow's folder may lead to, files without a size, and heavy files by reference.
import json
import os
import resource
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, WEIR, edge, node  # noqa: E402


class Mounts(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "home/data").mkdir(parents=True)
        (self.folder / "away/folder").mkdir(parents=True)
        self.write("home/data/a.csv", "n\n1\n")
        self.write("away/b.csv", "n\n2\n")
        self.write("away/folder/c.csv", "n\n3\n")

    def copy(self, path, code, *options, into="out.ndjson"):
        flow = self.flow("home/copy", node("in", "files/csv-read", path=path), node("out", "files/json-write", path=into))
        _, err = self.weir("run", "-q", *options, flow, code=code)
        out = self.folder / "home" / into
        return [json.loads(line)["n"] for line in out.read_text().splitlines()] if out.exists() else None, err

    def test_links_that_stay_in_the_folder_are_followed(self):
        (self.folder / "home/also").symlink_to("data")
        (self.folder / "home/data/again.csv").symlink_to(self.folder / "home/data/a.csv")
        self.assertEqual(self.copy("**/*.csv", 0)[0], [1, 1, 1, 1])

    def test_a_link_that_leads_out_is_an_error_that_says_where_and_what_to_do(self):
        (self.folder / "home/b.csv").symlink_to("../away/b.csv")
        rows, err = self.copy("b.csv", 1)
        self.assertIsNone(rows)
        for text in ("files.outside_mount", "'b.csv'", "'../away/b.csv'", "--mount NAME=FOLDER"):
            self.assertIn(text, err)

    def test_links_that_lead_out_are_error_rows_where_a_glob_finds_them(self):
        (self.folder / "home/data/b.csv").symlink_to("../../away/b.csv")
        (self.folder / "home/data/folder").symlink_to("../../away/folder")
        rows, err = self.copy("data/**/*.csv", 3)
        self.assertEqual(rows, [1])
        letters = list((self.folder / "home").glob(".weir/dead-letters/*.arrows"))
        kept = b"".join(letter.read_bytes() for letter in letters)
        self.assertIn(b"data/b.csv", kept)
        self.assertIn(b"data/folder", kept)
        # Mounted, the same files are read.
        rows, _ = self.copy("away:**/*.csv", 0, "--mount", f"away={self.folder}/away")
        self.assertEqual(rows, [2, 3])

    def test_a_mount_that_is_missing_is_asked_for_before_the_run_in_lists_too(self):
        flow = self.flow("home/copy", node("in", "files/csv-read", path="data/a.csv", morePaths=["lake:*.csv"]),
                         node("out", "files/json-write", path="out.ndjson"))
        self.fails("run", "-q", flow, code=2, says=["flow.mount_missing", "/nodes/0/settings/morePaths/0", "lake"])

    def test_nothing_is_written_through_a_link_that_leads_out(self):
        (self.folder / "home/out").symlink_to("../away/folder")
        _, err = self.copy("data/a.csv", 1, into="out/rows.ndjson")
        self.assertIn("files.outside_mount", err)
        self.assertEqual(sorted(path.name for path in (self.folder / "away/folder").iterdir()), ["c.csv"])

    def test_links_in_a_circle_end_and_give_each_file_once(self):
        (self.folder / "home/data/up").symlink_to("..")
        (self.folder / "home/data/self").symlink_to(".")
        self.assertEqual(self.copy("data/**/*.csv", 0)[0], [1])
        self.assertEqual(self.copy("**/*.csv", 0)[0], [1])

    def test_an_absolute_path_may_be_a_link_and_a_glob_stays_below_its_folder(self):
        (self.folder / "home/named.csv").symlink_to("../away/b.csv")
        self.assertEqual(self.copy(f"{self.folder}/home/named.csv", 0)[0], [2])
        (self.folder / "home/data/b.csv").symlink_to("../../away/b.csv")
        self.assertEqual(self.copy(f"{self.folder}/home/data/*.csv", 3)[0], [1])
        out, _ = self.weir("inspect", "--json", "home/named.csv")
        self.assertEqual(json.loads(out)["rows"], [{"n": 2}])


class OddFiles(ProgramTest):
    @unittest.skipUnless(Path("/proc/self/mounts").exists(), "this system has no /proc")
    def test_files_without_a_size_are_read_to_their_end(self):
        out, _ = self.weir("inspect", "--json", "--rows", "all", "--format", "text", "/proc/self/mounts")
        self.assertGreater(len(json.loads(out)["rows"]), 0)
        out, _ = self.weir("inspect", "--json", "--rows", "all", "--format", "csv", "/proc/partitions")
        self.assertIn("format", json.loads(out))
        flow = self.flow("copy", node("in", "files/blob-read", path="/proc/version"), node("out", "files/blob-write", folder="out"),
                         edges=[edge("e1", "in.files", "out.rows")])
        self.weir("run", "-q", flow)
        self.assertEqual((self.folder / "out/version").read_bytes(), Path("/proc/version").read_bytes())

    def test_pipes_and_devices_are_named_and_waited_for_by_nobody(self):
        os.mkfifo(self.folder / "pipe.csv")
        for path in ("pipe.csv", "/dev/zero"):
            self.fails("inspect", "--format", "csv", path, code=1, says=["files.not_regular", path.split("/")[-1]])
        self.write("a.csv", "n\n1\n")
        os.mkfifo(self.folder / ".pipe.ndjson.weir-part")
        self.fails("convert", "a.csv", "pipe.ndjson", code=1, says=["files.not_regular"])


class HeavyFiles(ProgramTest):
    def test_files_larger_than_memory_pass_by_reference(self):
        size = 256 << 20
        (self.folder / "in").mkdir()
        with open(self.folder / "in/heavy.bin", "wb") as file:
            file.truncate(size)
            for at in range(0, size, 32 << 20):
                file.seek(at)
                file.write(b"weir %d" % at)
        flow = self.flow("heavy", node("in", "files/blob-read", path="in/*.bin"), node("out", "files/blob-write", folder="out"),
                         edges=[edge("e1", "in.files", "out.rows")])
        self.weir("run", "-q", "--memory", "32MiB", flow)
        self.assertEqual(subprocess.run(["cmp", self.folder / "in/heavy.bin", self.folder / "out/heavy.bin"]).returncode, 0)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
        self.assertLess(peak, 128 << 20)


if __name__ == "__main__":
    unittest.main()
