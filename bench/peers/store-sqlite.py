# Documents of 1.4 KB changed in SQLite, WAL with synchronous=FULL, so many a transaction, from one client: store-sqlite.py FOLDER SECONDS BATCH
import os
import sqlite3
import sys
import time

folder, seconds, batch = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
database = sqlite3.connect(os.path.join(folder, "store.db"), isolation_level=None)
database.execute("PRAGMA journal_mode=WAL")
database.execute("PRAGMA synchronous=FULL")
database.execute("CREATE TABLE flows (id TEXT PRIMARY KEY, document TEXT)")
document = "x" * 1_400
times, rows = [], 0
began = before = time.perf_counter()
while before - began < seconds:
    database.execute("BEGIN")
    database.executemany("INSERT OR REPLACE INTO flows VALUES (?, ?)", [(f"flow-{(rows + i) % 500}", f"{document}{rows}") for i in range(batch)])
    database.execute("COMMIT")
    rows += batch
    after = time.perf_counter()
    times.append(after - before)
    before = after
times.sort()
print(f"rows/s {rows / (before - began):.0f} p50 {times[len(times) // 2] * 1e6:.0f} us p99 {times[len(times) * 99 // 100] * 1e6:.0f} us")
