# Rows of 200 bytes into SQLite, WAL with synchronous=FULL, so many a transaction: durable-sqlite.py FILE ROWS BATCH
import sqlite3
import sys
import time

path, rows, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
database = sqlite3.connect(path, isolation_level=None)
database.execute("PRAGMA journal_mode=WAL")
database.execute("PRAGMA synchronous=FULL")
database.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, body BLOB)")
body = b"x" * 200
began = time.perf_counter()
for first in range(0, rows, batch):
    database.execute("BEGIN")
    database.executemany("INSERT INTO log VALUES (?, ?)", [(first + i, body) for i in range(batch)])
    database.execute("COMMIT")
print(f"rows/s {rows / (time.perf_counter() - began):.0f}")
