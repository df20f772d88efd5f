// Recordings of a run that has begun before: together they take what one may take.
#include "apps/cli/recording.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "apps/cli/command.h"
#include "engine/data/batch-builder.h"

namespace weir::cli {
namespace fs = std::filesystem;

TEST_CASE("the oldest segments of earlier recordings go as a new one begins") {
  std::string place = (fs::temp_directory_path() / "weir-recording-XXXXXX").string();
  REQUIRE(::mkdtemp(place.data()) != nullptr);
  RecordingBounds bounds;
  bounds.bytes = std::int64_t{1} << 20;
  const std::string half(450'000, 'x');
  for (const auto* name : {"/000001", "/000002"}) {
    bounds.before.push_back(place + name);
    fs::create_directories(bounds.before.back());
    REQUIRE(writeText(bounds.before.back() + "/recording.json", "{}"));
    REQUIRE(writeText(bounds.before.back() + "/000001.arrows.zst", half));
    REQUIRE(writeText(bounds.before.back() + "/000002.arrows.zst", half));
  }
  auto writer = RecordingWriter::create(place + "/000003", "f", "e", bounds);
  REQUIRE(writer);
  auto row = Value::map({{Value::string("n"), Value::int64(1)}});
  const std::vector<Value> rows(1, row);
  const auto batch = batchOfRows(rows, MemoryAccount::unlimited());
  REQUIRE(batch);
  REQUIRE((*writer)->add(*batch, 1));
  CHECK_FALSE(fs::exists(place + "/000001"));
  CHECK(fs::exists(place + "/000002/000002.arrows.zst"));
  CHECK(fs::exists(place + "/000003/000001.arrows.zst"));
  fs::remove_all(place);
}

}  // namespace weir::cli
