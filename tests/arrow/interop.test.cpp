// What we write, pyarrow and npm apache-arrow read; what pyarrow writes, we read.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "engine/data/arrow-ipc.h"
#include "engine/data/row-json.h"
#include "tests/arrow/sample.h"

using namespace weir;

namespace {

constexpr int kSkipped = 77;

std::string temporaryFolder() {
  std::string pattern = "/tmp/weir-arrow-XXXXXX";
  return mkdtemp(pattern.data());
}

void save(const std::string& path, std::string_view bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::string load(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string fileOf(const std::vector<Batch>& batches) {
  std::string bytes;
  ipc::FileWriter writer(
      [&bytes](std::string_view piece) -> Result<void> {
        bytes += piece;
        return {};
      },
      batches[0].schema());
  for (const auto& batch : batches) REQUIRE(writer.write(batch));
  REQUIRE(writer.finish());
  return bytes;
}

/// Writes the samples into a folder and lets the script look at them; true if it did.
bool look(const std::string& command, const std::string& folder) {
  const auto batches = testing::sampleBatches(MemoryAccount::unlimited());
  REQUIRE(batches.size() == 2);
  save(folder + "/sample.arrows", *ipc::writeStream(batches[0].schema(), batches));
  save(folder + "/envelope.arrows",
       *ipc::writeStream(batches[0].schema(), batches, {.envelope = true, .alignment = 8}));
  save(folder + "/sample.arrow", fileOf(batches));
  const int status = std::system((command + " " + folder).c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == kSkipped || code == 127) {
    MESSAGE("skipped: " << command);
    return false;
  }
  CHECK(code == 0);
  return code == 0;
}

std::string python() {
  const std::string own = "build/python/bin/python3";
  return std::ifstream(own).good() ? own : "python3";
}

}  // namespace

TEST_CASE("pyarrow reads our streams and files, and we read what it writes") {
  const auto folder = temporaryFolder();
  if (!look(python() + " tests/arrow/check.py", folder)) return;
  auto& account = MemoryAccount::unlimited();
  const auto batches = ipc::readStream(load(folder + "/foreign.arrows"), account);
  REQUIRE_MESSAGE(batches, batches.error().message);
  REQUIRE(batches->size() == 1);
  const auto& batch = (*batches)[0];
  CHECK(
      batch.schema()->describe() ==
      "{i8: int?, u32: uint?, f16: double?, f32: double?, large: string?, largeBinary: bytes?, fixed: bytes?, date32: "
      "timestamp?, date64: timestamp?, time32: duration?, time64: duration[ns]?, seconds: timestamp?, nanos: "
      "timestamp[ns]?, zoned: timestamp?, millis: duration?, decimal: double?, wide: string?, largeList: list<int>?, "
      "fixedList: list<int>?, vector: tensor[2]?, pairs: list<map{key: string, value: int?}>?, codes: string?, "
      "numbers: int?}");
  std::string rows;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    appendRowJson(rows, batch, row);
    rows += '\n';
  }
  CHECK(rows == load(folder + "/foreign.ndjson"));
  for (const auto* name : {"/compressed.arrows", "/union.arrows"}) {
    const auto refused = ipc::readStream(load(folder + name), account);
    REQUIRE_FALSE(refused);
    CHECK((refused.error().code == "arrow.compressed" || refused.error().code == "arrow.unsupported"));
  }
  const auto empty = ipc::readStream(load(folder + "/delta.arrows"), account);
  REQUIRE_MESSAGE(empty, empty.error().message);
  std::string words;
  for (const auto& each : *empty)
    for (std::int64_t row = 0; row < each.rows(); ++row) words += std::string(each.column(0).text(row)) + " ";
  CHECK(words == "a b a c b c d d ");
}

TEST_CASE("npm apache-arrow reads our streams and files") { look("node tests/arrow/check.mjs", temporaryFolder()); }
