// Dead letters of a server: read page after page, mended, thrown away.
#include "apps/cli/serve/kept-letters.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "apps/cli/dead-letter-files.h"
#include "engine/json/document.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/native-files.h"

namespace weir::cli {
namespace {

/// A data folder with one run that has ended, and had five failed rows.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-letters-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
    std::filesystem::create_directories(path / "r1");
    native::Mounts mounts;
    mounts.add("run", (path / "r1").string());
    native::NativeFiles files(std::move(mounts), {});
    native::NativeClock clock;
    DeadLetterFiles letters(files, clock, "run:dead-letters", "r1");
    std::vector<ErrorPacket> packets;
    for (int i = 1; i <= 5; ++i) {
      ErrorPacket packet;
      packet.code = i % 2 == 0 ? "csv.field_count" : "cel.divide_by_zero";
      packet.message = "the value 7 is wrong";
      packet.nodeId = "parse";
      packet.traceId = std::string(31, '0') + std::to_string(i);
      packet.row = Value::map({{Value::string("id"), Value::int64(i)}});
      packets.push_back(std::move(packet));
    }
    REQUIRE(letters.add(packets));
    REQUIRE(letters.close());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

template <class T>
Result<T> waited(Operation<T> operation) {
  while (!operation.ready()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return operation.take();
}

json::Document listed(KeptLetters& letters, api::LetterFilter filter) {
  filter.run = "r1";
  const auto text = waited(letters.list(std::move(filter), {}));
  REQUIRE(text);
  auto document = json::parse(*text);
  REQUIRE(document);
  return std::move(*document);
}

std::string codeOf(const Result<std::string>& result) { return result ? "" : std::string(result.error().code); }

}  // namespace

TEST_CASE("letters are read page after page, by code, and without rows for who may not see them") {
  const Folder folder;
  KeptLetters letters(folder.path.string());
  const auto first = listed(letters, {.run = "", .limit = 2});
  CHECK(first.root().findPointer("/letters")->count() == 2);
  CHECK(*first.root().find("next")->asInt64() == 2);
  const auto rest = listed(letters, {.run = "", .after = 2, .limit = 3});
  CHECK(rest.root().findPointer("/letters")->count() == 3);
  CHECK(rest.root().find("next") == nullptr);
  CHECK(*rest.root().findPointer("/letters/0/row/id")->asInt64() == 3);
  const auto some = listed(letters, {.run = "", .codes = {"csv.field_count"}, .withRows = false});
  CHECK(some.root().findPointer("/letters")->count() == 2);
  CHECK(some.root().findPointer("/letters/0/row")->isNull());
  CHECK_FALSE(some.root().findPointer("/letters/0/message")->asString()->contains("7"));
}

TEST_CASE("a letter is mended once it is said which, by number and trace id") {
  const Folder folder;
  KeptLetters letters(folder.path.string());
  const std::string trace = std::string(31, '0') + "3";
  CHECK(codeOf(waited(letters.edit("r1", 3, "other", R"({"id":30})", {}))) == "dead_letters.edit");
  CHECK(codeOf(waited(letters.edit("r1", 9, trace, R"({"id":30})", {}))) == "dead_letters.unknown_run");
  CHECK(waited(letters.edit("r1", 3, trace, R"({"id":30})", {})).has_value());
  const auto edited = listed(letters, {.run = "", .editedOnly = true});
  REQUIRE(edited.root().findPointer("/letters")->count() == 1);
  CHECK(*edited.root().findPointer("/letters/0/row/id")->asInt64() == 30);
  CHECK(*edited.root().findPointer("/letters/0/number")->asInt64() == 3);
}

TEST_CASE("letters are thrown away by number or code, and a run without any has an empty list") {
  const Folder folder;
  KeptLetters letters(folder.path.string());
  CHECK(*waited(letters.discard({.run = "r1", .numbers = {1}}, {})) == 1);
  CHECK(*waited(letters.discard({.run = "r1", .codes = {"csv.field_count"}}, {})) == 2);
  CHECK(listed(letters, {}).root().findPointer("/letters")->count() == 2);
  CHECK(*waited(letters.discard({.run = "r1"}, {})) == 2);
  CHECK(listed(letters, {}).root().findPointer("/letters")->count() == 0);
}

TEST_CASE("S7: the id of a run leads nowhere else") {
  const Folder folder;
  KeptLetters letters((folder.path / "runs").string());
  for (const auto* run : {"..", "../r1", "r1/..", "/etc", ".", "", "%2e%2e", "a b"}) {
    CAPTURE(run);
    CHECK(codeOf(waited(letters.list({.run = run}, {}))) == "dead_letters.unknown_run");
  }
}

}  // namespace weir::cli
