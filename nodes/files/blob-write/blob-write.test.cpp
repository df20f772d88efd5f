// Blobs and Arrow files through simulated files, there and back.
#include <doctest/doctest.h>

#include <string>

#include "engine/data/batch-builder.h"
#include "nodes/files/arrow-read/arrow-read.gen.h"
#include "nodes/files/arrow-write/arrow-write.gen.h"
#include "nodes/files/blob-read/blob-read.gen.h"
#include "nodes/files/blob-write/blob-write.gen.h"
#include "nodes/files/run-nodes.test.h"
#include "nodes/files/text-write/text-write.gen.h"

namespace weir::nodes::testing {
namespace {

Batch rowsOf(std::int64_t count) {
  std::vector<Value> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    rows.push_back(Value::map(
        {{Value::string("line"), Value::string("row " + std::to_string(i))}, {Value::string("n"), Value::int64(i)}}));
  }
  return *batchOfRows(rows, MemoryAccount::unlimited());
}

Gathered copyBlobs(Bench& bench, const char* path, const char* folder) {
  return run(bench, typeOf("read", blob_read::makeFromJson, true), typeOf("write", blob_write::makeFromJson, false),
             settings({{"path", path}}),
             settings({{"folder", folder}, {"name", "row.name"}, {"field", "blob"}, {"ifExists", "overwrite"}}));
}

}  // namespace

TEST_CASE("blobs are copied piece by piece under their names") {
  for (const bool later : {false, true}) {
    Bench bench(later);
    const std::string large(3'500'000, 'z');
    bench.files.put("in/a.bin", large);
    bench.files.put("in/b.txt", "");
    const auto got = copyBlobs(bench, "in/*", "out");
    CHECK(got.result.exitCode() == 0);
    REQUIRE(bench.files.contents().contains("out/a.bin"));
    CHECK(*bench.files.contents().at("out/a.bin") == large);
    CHECK(*bench.files.contents().at("out/b.txt") == "");
    CHECK(bench.files.openFiles() == 0);
  }
}

TEST_CASE("a blob that cannot be read is an error row, a full disk ends the run, and nothing half is left") {
  Bench bench;
  bench.files.put("in/a.bin", "aaa");
  bench.files.put("in/b.bin", "bbb");
  bench.files.failNext("in/a.bin", Error{"files.denied", "'in/a.bin' may not be read"});
  const auto got = copyBlobs(bench, "in/*", "out");
  CHECK(got.errors.size() == 1);
  CHECK_FALSE(bench.files.contents().contains("out/a.bin"));
  CHECK(bench.files.contents().contains("out/b.bin"));
  Bench full;
  full.files.put("in/a.bin", std::string(3 << 20, 'a'));
  full.files.setDiskBytes(1000);
  const auto failed = copyBlobs(full, "in/*", "out");
  REQUIRE(failed.result.error);
  CHECK(failed.result.error->code == "files.disk_full");
  CHECK_FALSE(full.files.contents().contains("out/a.bin"));
}

TEST_CASE("a blob of a file that says it is empty is copied to the file's end") {
  Bench bench;
  bench.files.put("in/a.bin", "aaa");
  bench.files.put("in/b.bin", "");
  bench.files.hideSize("in/a.bin");
  CHECK(copyBlobs(bench, "in/*", "out").errors.empty());
  CHECK(*bench.files.contents().at("out/a.bin") == "aaa");
  CHECK(bench.files.contents().at("out/b.bin")->empty());
}

TEST_CASE("what arrow-write writes, arrow-read reads, in both formats") {
  for (const char* format : {"file", "stream"}) {
    Bench bench;
    const auto given = rowsOf(40'000);
    const auto wrote = write(bench, arrow_write::makeFromJson, settings({{"path", "a.arrow"}, {"format", format}}),
                             {given.slice(0, 16'000), given.slice(16'000, 16'000), given.slice(32'000, 8'000)});
    CHECK(wrote.result.exitCode() == 0);
    const auto got = read(bench, arrow_read::makeFromJson, settings({{"path", "a.arrow"}}));
    CHECK(got.result.exitCode() == 0);
    REQUIRE(got.rows.size() == 40'000);
    CHECK(got.rows[39'999] == R"({"line":"row 39999","n":39999})");
    bench.files.put("b.arrow", bench.files.contents().at("a.arrow")->substr(0, 3000));
    const auto cut = read(bench, arrow_read::makeFromJson, settings({{"path", "b.arrow"}}));
    REQUIRE(cut.result.error);
    CHECK(cut.result.error->code == "arrow.truncated");
  }
}

TEST_CASE("text-write appends, ends a last line and leaves nothing on a full disk") {
  Bench bench(true);
  bench.files.put("a.txt", "old");
  const auto got =
      write(bench, text_write::makeFromJson, settings({{"path", "a.txt"}, {"ifExists", "append"}}), {rowsOf(2)});
  CHECK(got.result.exitCode() == 0);
  CHECK(*bench.files.contents().at("a.txt") == "old\nrow 0\nrow 1\n");
  CHECK(write(bench, text_write::makeFromJson, settings({{"path", "a.txt"}, {"ifExists", "error"}}), {rowsOf(1)})
            .result.error->code == "files.exists");
  bench.files.setDiskBytes(5);
  CHECK(write(bench, text_write::makeFromJson, settings({{"path", "b.txt"}}), {rowsOf(100)}).result.error->code ==
        "files.disk_full");
  CHECK_FALSE(bench.files.contents().contains("b.txt"));
}

}  // namespace weir::nodes::testing
