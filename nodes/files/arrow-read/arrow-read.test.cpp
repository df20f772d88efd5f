// Arrow files that are whole, cut off, or more than one.
#include <doctest/doctest.h>

#include "engine/data/arrow-ipc.h"
#include "engine/data/batch-builder.h"
#include "nodes/files/arrow-read/arrow-read.gen.h"
#include "nodes/files/run-nodes.test.h"

namespace weir::nodes::testing {
namespace {

Batch someRows() {
  auto& account = MemoryAccount::unlimited();
  std::vector<Value> rows;
  for (std::int64_t i = 0; i < 4; ++i) rows.push_back(Value::map({{Value::string("n"), Value::int64(i)}}));
  return *batchOfRows(rows, account);
}

std::string fileBytes() {
  std::string bytes;
  const auto rows = someRows();
  ipc::FileWriter writer(
      [&bytes](std::string_view piece) -> Result<void> {
        bytes += piece;
        return {};
      },
      rows.schema(), {.alignment = 8});
  for (int i = 0; i < 2; ++i) REQUIRE(writer.write(rows));
  REQUIRE(writer.finish());
  return bytes;
}

}  // namespace

TEST_CASE("an Arrow file that is cut at any byte ends with an error, after the rows that are whole") {
  const auto whole = fileBytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    Bench bench;
    bench.files.put("x.arrow", whole.substr(0, size));
    const auto got = read(bench, arrow_read::makeFromJson, settings({{"path", "x.arrow"}}));
    REQUIRE(got.result.error.has_value());
    CHECK((got.result.error->code == "arrow.truncated" || got.result.error->code == "arrow.invalid"));
    CHECK(got.result.error->message.starts_with("'x.arrow': "));
  }
  Bench bench;
  bench.files.put("x.arrow", whole);
  const auto got = read(bench, arrow_read::makeFromJson, settings({{"path", "x.arrow"}}));
  CHECK_FALSE(got.result.error.has_value());
  CHECK(got.rows.size() == 8);
}

TEST_CASE("a file cut in its footer that a glob found is an error row, and the others are read") {
  const auto whole = fileBytes();
  Bench bench(true);
  bench.files.put("a.arrow", whole.substr(0, whole.size() - 7));
  bench.files.put("b.arrow", whole);
  const auto got = read(bench, arrow_read::makeFromJson, settings({{"path", "*.arrow"}}));
  CHECK(got.rows.size() == 16);
  REQUIRE(got.errors.size() == 1);
  CHECK(got.errors[0].starts_with("arrow.truncated: 'a.arrow': The Arrow file ends in the middle of its footer"));
}

TEST_CASE("streams that were joined are not read as the first of them") {
  const auto rows = someRows();
  const auto one = *ipc::writeStream(rows.schema(), {&rows, 1});
  Bench bench;
  bench.files.put("x.arrows", one + one);
  const auto got = read(bench, arrow_read::makeFromJson, settings({{"path", "x.arrows"}}));
  REQUIRE(got.result.error.has_value());
  CHECK(got.result.error->code == "arrow.invalid");
}

}  // namespace weir::nodes::testing
