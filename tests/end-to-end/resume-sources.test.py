#!/usr/bin/env python3
# R1 for sources that others feed: a run that is killed goes on where the file, the events or the page stood; no row is
# lost or doubled, also when the file was rotated while nobody read it.
import json
import os
import random
import re
import shutil
import signal
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from network_servers import read_until, serve, serve_raw  # noqa: E402
from program import ProgramTest, node, until  # noqa: E402

KILLS = int(os.environ.get("WEIR_KILLS", "50")) // 5


class Resume(ProgramTest):
    def source(self, count, type_id, **settings):
        """A flow that ends by itself with the row number `count`, and saves where it is all the time."""
        return self.flow("live", node("in", type_id, **settings), node("all", "flow/limit", "2.0.0", count=count), node("out", "files/json-write", path="out.ndjson"),
                         config={"checkpoint": {"everyMs": 10}})

    def rows(self):
        return [json.loads(line) for line in (self.folder / "out.ndjson").read_text().splitlines()]

    def killed_again_and_again(self, flow, between, kills=KILLS, longest=0.4, enough=lambda: True):
        """Runs it until it ends by itself; kills it `kills` times before, and calls `between` while it is down. Until
        there is `enough`, which a slow machine takes longer for, it is killed some times more, and later."""
        draw = random.Random(7)
        turn = 0
        while turn < kills or (turn < kills + 6 and not enough()):
            run = self.start("run", "-q", flow, "--resume", "--events", "events.ndjson")
            try:
                run.wait(draw.uniform(0.02, longest) if turn < kills else min(1.5, longest * 2 ** (turn - kills + 1)))
            except Exception:
                run.send_signal(signal.SIGKILL)
            _, err = run.communicate()
            self.assertEqual(run.returncode, -signal.SIGKILL, err)
            between(turn)
            turn += 1
        run = self.start("run", "-q", flow, "--resume")
        _, err = run.communicate(timeout=300)
        self.assertEqual(run.returncode, 0, err)


class Files(Resume):
    TOTAL = 20_000

    def append(self, count=20):
        with open(self.folder / "app.log", "a") as log:
            for _ in range(min(count, self.TOTAL - self.written_lines)):
                log.write(f"line {self.written_lines}\n")
                self.written_lines += 1

    def follow(self, between, kills=KILLS):
        self.written_lines = 0
        self.append()
        stop = threading.Event()

        def feed():
            while not stop.is_set() and self.written_lines < self.TOTAL - 5000:
                with self.lock:
                    self.append(7)
                time.sleep(0.01)

        self.lock = threading.Lock()
        feeding = threading.Thread(target=feed)
        feeding.start()
        self.addCleanup(stop.set)
        flow = self.source(self.TOTAL, "files/watch", path="app.log", interval="10ms", **{"from": "start"})

        def down(turn):
            with self.lock:
                between(turn)
                if turn == kills - 1:
                    self.append(self.TOTAL)

        self.killed_again_and_again(flow, down, kills)
        stop.set()
        feeding.join()
        self.assertEqual([row["line"] for row in self.rows()], [f"line {i}" for i in range(self.written_lines)])

    def saved(self, count):
        """A run that has read what there is, has saved that, and was killed; gives its flow."""
        flow = self.flow("live", node("in", "files/watch", path="app.log", interval="10ms", **{"from": "start"}), node("all", "flow/limit", "2.0.0", count=count),
                         node("seen", "debug/log", rows=1000), node("out", "files/json-write", path="out.ndjson"), config={"checkpoint": {"everyMs": 10}})
        run = self.start("run", "-q", flow, "--resume", "--events", "events.ndjson")
        there = len((self.folder / "app.log").read_text().splitlines())
        for line in run.stderr:
            there -= "[seen]" in line
            if there == 0:
                break
        events, done, since = self.folder / "events.ndjson", 0, time.monotonic()
        while done == 0 or time.monotonic() - since < 1:  # one that began before the last row may be followed by one more
            now = events.read_text().count("checkpoint.done")
            if now != done:
                done, since = now, time.monotonic()
            time.sleep(0.02)
        run.kill()
        run.communicate()
        return flow

    def test_R1_a_file_that_grows_is_followed_through_kills(self):
        self.follow(lambda turn: self.append())

    def test_R1_a_file_that_is_renamed_while_nobody_reads_is_read_to_its_end_and_then_the_new_one(self):
        def rotate(turn):
            self.append(5)
            os.rename(self.folder / "app.log", self.folder / f"app.log.{turn}")
            self.append(5)

        self.follow(rotate)

    def test_R1_a_file_that_is_renamed_several_times_while_nobody_reads_is_read_in_the_order_of_writing(self):
        self.write("app.log", "".join(f"0:{i}\n" for i in range(10)))
        flow = self.saved(70)
        epoch = (self.folder / "app.log").stat().st_mtime_ns
        for turn in range(1, 6):
            with open(self.folder / "app.log", "a") as log:
                log.write(f"{turn}:before\n")
            for older in range(turn - 1, 0, -1):
                os.rename(self.folder / f"app.log.{older}", self.folder / f"app.log.{older + 1}")
            os.rename(self.folder / "app.log", self.folder / "app.log.1")
            self.write("app.log", "".join(f"{turn}:{i}\n" for i in range(11)))
            os.utime(self.folder / "app.log.1", ns=(turn * 10**9 + epoch, turn * 10**9 + epoch))
        self.weir("run", "-q", flow, "--resume")
        expected = [f"0:{i}" for i in range(10)]
        for turn in range(1, 6):
            expected += [f"{turn}:before"] + [f"{turn}:{i}" for i in range(11)]
        self.assertEqual([row["line"] for row in self.rows()], expected)

    def test_R1_a_file_that_is_deleted_while_nobody_reads_is_not_taken_for_its_successor(self):
        """A new file may get the number of the one that was deleted, and be longer than that was."""
        self.write("app.log", "".join(f"old {i}\n" for i in range(10)))
        flow = self.saved(40)
        before = (self.folder / "app.log").stat()
        os.unlink(self.folder / "app.log")
        self.write("app.log", "".join(f"new {i}\n" for i in range(30)))
        run = self.start("run", flow, "--resume")
        _, err = run.communicate(timeout=120)
        self.assertEqual([row["line"] for row in self.rows()], [f"old {i}" for i in range(10)] + [f"new {i}" for i in range(30)])
        if (self.folder / "app.log").stat().st_ino == before.st_ino:
            self.assertIn("is another file than before", err)

    def test_R1_a_file_that_is_copied_and_emptied_while_nobody_reads_is_read_anew(self):
        self.write("app.log", "".join(f"old {i}\n" for i in range(10)))
        flow = self.saved(40)
        shutil.copy(self.folder / "app.log", self.folder / "app.log.1")
        with open(self.folder / "app.log", "r+") as log:  # the same file, longer than it was
            log.truncate(0)
            log.write("".join(f"new {i}\n" for i in range(30)))
        self.weir("run", "-q", flow, "--resume")
        self.assertEqual([row["line"] for row in self.rows()], [f"old {i}" for i in range(10)] + [f"new {i}" for i in range(30)])


class Events(Resume):
    def test_R1_events_go_on_behind_the_last_id_through_kills(self):
        count = 30_000
        asked = []

        def talk(connection):
            head = read_until(connection, b"\r\n\r\n").decode()
            last = re.search(r"Last-Event-ID: (\d+)", head)
            first = int(last[1]) + 1 if last else 0
            asked.append(first)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            for n in range(first, count + 100):
                # In pieces that end in the middle of an event.
                connection.sendall(f"id: {n}\n".encode())
                if n % 50 == 0:
                    time.sleep(0.005)
                connection.sendall(f"data: {n}\n\n".encode())

        flow = self.source(count, "http/sse-read", url=f"http://127.0.0.1:{serve_raw(self, talk)}/feed", format="json", maxDelay="20ms")
        self.killed_again_and_again(flow, lambda turn: None, longest=0.15, enough=lambda: max(asked, default=0) > 0)
        self.assertEqual([(row["id"], row["message"]) for row in self.rows()], [(str(n), n) for n in range(count)])
        self.assertGreater(max(asked), 0)


class Pages(Resume):
    def test_R1_a_page_that_has_not_changed_since_the_kill_makes_no_second_row_and_a_change_is_not_missed(self):
        state = {"version": 0, "validated": 0, "sent": 0}

        def page(handler):
            tag = f'"{state["version"]}"'
            if handler.headers.get("If-None-Match") == tag:
                state["validated"] += 1
                handler.answer(304, ETag=tag)
            else:
                state["sent"] += 1
                handler.answer(200, json.dumps({"version": state["version"]}), ETag=tag, Content_Type="application/json")

        server = serve(self, {"/": page})
        flow = self.source(KILLS + 1, "http/poll", url=server.url, interval="10ms")
        for version in range(KILLS):
            # Who is killed before the row is safe asks again, and gets it if the page is still the same.
            stored = lambda: "checkpoint.done" in (self.folder / "events.ndjson").read_text()  # noqa: E731
            run = self.start("run", "-q", flow, "--resume", "--events", "events.ndjson")
            seen = state["validated"]
            until(lambda: (state["validated"] > seen and (version % 2 == 0 or stored())) or run.poll() is not None)
            time.sleep(random.Random(version).uniform(0, 0.05))
            run.send_signal(signal.SIGKILL)
            _, err = run.communicate()
            self.assertEqual(run.returncode, -signal.SIGKILL, err)
            if version % 2 == 0:
                seen, sent = state["validated"], state["sent"]
                run = self.start("run", "-q", flow, "--resume", "--events", "events.ndjson")
                until(lambda: (state["validated"] > seen + 3 and (state["sent"] == sent or stored())) or run.poll() is not None)
                run.send_signal(signal.SIGKILL)
                run.communicate()
            state["version"] += 1
        run = self.start("run", "-q", flow, "--resume")
        _, err = run.communicate(timeout=120)
        self.assertEqual(run.returncode, 0, err)
        self.assertEqual([row["body"]["version"] for row in self.rows()], list(range(KILLS + 1)))


if __name__ == "__main__":
    unittest.main()
