# R8: the disk under a server's data becomes read-only, as Linux makes it after errors: changes say so, what is there can be read, and all
# goes on when it can be written to again.
import json
import os
import unittest

from program import chain, node, until
from serving import ServeTest

READ_ONLY = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <limits.h>
#include <unistd.h>
static int told(void) { const char* file = getenv("SHIM"); struct stat s; return file && stat(file, &s) == 0; }
static int ours(const char* path) { const char* data = getenv("SHIM_DATA"); return data && strncmp(path, data, strlen(data)) == 0; }
static int refuses(int fd) {
  char link[64], path[4096];
  ssize_t size;
  if (!told()) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  if (!ours(path)) return 0;
  errno = EROFS;
  return 1;
}
static int refuses_path(const char* path) {
  if (!told() || !ours(path)) return 0;
  errno = EROFS;
  return 1;
}
#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))
ssize_t write(int fd, const void* b, size_t n) { return refuses(fd) ? -1 : REAL("write", ssize_t (*)(int, const void*, size_t))(fd, b, n); }
ssize_t pwrite(int fd, const void* b, size_t n, off_t at) { return refuses(fd) ? -1 : REAL("pwrite", ssize_t (*)(int, const void*, size_t, off_t))(fd, b, n, at); }
ssize_t pwrite64(int fd, const void* b, size_t n, off64_t at) { return refuses(fd) ? -1 : REAL("pwrite64", ssize_t (*)(int, const void*, size_t, off64_t))(fd, b, n, at); }
int ftruncate(int fd, off_t size) { return refuses(fd) ? -1 : REAL("ftruncate", int (*)(int, off_t))(fd, size); }
int ftruncate64(int fd, off64_t size) { return refuses(fd) ? -1 : REAL("ftruncate64", int (*)(int, off64_t))(fd, size); }
int fallocate(int fd, int mode, off_t at, off_t size) { return refuses(fd) ? -1 : REAL("fallocate", int (*)(int, int, off_t, off_t))(fd, mode, at, size); }
int fallocate64(int fd, int mode, off64_t at, off64_t size) { return refuses(fd) ? -1 : REAL("fallocate64", int (*)(int, int, off64_t, off64_t))(fd, mode, at, size); }
int unlink(const char* path) { return refuses_path(path) ? -1 : REAL("unlink", int (*)(const char*))(path); }
int rename(const char* from, const char* to) { return refuses_path(to) ? -1 : REAL("rename", int (*)(const char*, const char*))(from, to); }
int access(const char* path, int mode) { char whole[PATH_MAX]; return (mode & W_OK) && realpath(path, whole) && refuses_path(whole) ? -1 : REAL("access", int (*)(const char*, int))(path, mode); }
#define WRITES(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & O_CREAT))
#define OPENS(name) \\
  int name(const char* path, int flags, ...) { \\
    va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \\
    return WRITES(flags) && refuses_path(path) ? -1 : REAL(#name, int (*)(const char*, int, ...))(path, flags, mode); \\
  }
OPENS(open)
OPENS(open64)
"""


class ReadOnly(ServeTest):
    def json(self, server, method, path, body=None, status=200, headers=None):
        found, _, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def rows(self, server, run):
        nodes = self.json(server, "GET", f"/runs/{run}/metrics").get("metrics", {}).get("nodes", [])
        return next((one["rowsOut"] for one in nodes if one["id"] == "slow"), 0)

    def test_R8_on_a_read_only_disk_changes_say_so_reads_work_and_all_goes_on(self):
        env = self.preloaded(READ_ONLY)
        server = self.serve(env={**env, "SHIM_DATA": str(self.folder / "data")})
        flow = lambda name, **more: {"id": name, "version": "1.0.0", "nodes": [], "edges": [], **more}
        large = [{"id": "n", "text": os.urandom(2 << 20).hex()}]
        self.json(server, "POST", "/flows", flow("kept"), 201)
        self.json(server, "POST", "/flows", flow("kept-large", notes=large), 201)
        count, slow, show = node("count", "generate/pattern", rows=0, rate=200, batchRows=10), node("slow", "flow/rate-limit", rows=100), node("show", "debug/log", rows=1)
        edges = chain(count, slow, show)
        edges[0]["guarantee"] = "durable"
        self.json(server, "POST", "/flows", flow("ticks") | {"nodes": [count, slow, show], "edges": edges}, 201)
        run = self.json(server, "POST", "/flows/ticks/runs", {"version": "draft"}, 201)["id"]
        until(lambda: self.rows(server, run) > 100)
        self.write("shim-on", "")
        for body in (flow("small"), flow("large", notes=large)):
            status, headers, said = server.ask("POST", "/api/v1/flows", body)
            self.assertEqual((status, json.loads(said)["code"]), (503, "storage.read_only"), said)
            self.assertIn("read-only", json.loads(said)["detail"])
            self.assertNotIn(str(self.folder), said)
            self.assertIn("retry-after", headers)
        status, _, said = server.ask("DELETE", "/api/v1/flows/kept", headers={"if-match": "*", "authorization": f"Bearer {server.token}"})
        self.assertEqual((status, json.loads(said)["code"]), (503, "storage.read_only"), said)
        # Within five seconds whoever sends requests knows; what is there can be read all the while.
        until(lambda: server.ask("GET", "/health/ready")[0] == 503, 5)
        self.assertEqual(json.loads(server.ask("GET", "/health/ready")[2])["code"], "storage.read_only")
        self.assertEqual(server.ask("GET", "/health/live")[0], 200)
        self.json(server, "GET", "/flows/kept")
        self.assertEqual(self.json(server, "GET", "/flows/kept-large")["document"]["notes"], large)
        self.assertIsNone(server.process.poll())
        (self.folder / "shim-on").unlink()
        until(lambda: server.ask("GET", "/health/ready")[0] == 200)
        for name in ("small", "large"):
            self.assertEqual(server.ask("GET", f"/api/v1/flows/{name}")[0], 404)
        self.json(server, "POST", "/flows", flow("small"), 201)
        self.json(server, "POST", "/flows", flow("large", notes=large), 201)
        # The run has lost no row that it had acknowledged, and is not given up.
        before = self.rows(server, run)
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "running" and self.rows(server, run) != before, 180)


if __name__ == "__main__":
    unittest.main()
