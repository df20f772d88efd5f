// Recordings and traces of a server's runs: given as archives and pages, sealed or not, and thrown away.
#include "apps/cli/serve/kept-rows.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "apps/cli/command.h"
#include "apps/cli/serve/tar-archive.h"
#include "engine/json/document.h"

namespace weir::cli {
namespace {

struct Folder {
  std::string path;
  Folder() : path((std::filesystem::temp_directory_path() / "weir-rows-XXXXXX").string()) {
    REQUIRE(::mkdtemp(path.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

native::FileKeys someKeys() { return {"0123456789abcdef", {sodium::Key::random()}}; }

ChainKeys chainsOf(const native::FileKeys& keys) {
  return [keys](const std::string& chain) -> Result<native::FileKeys> {
    if (chain == keys.chain) return keys;
    return fail("seal.key", "no such chain");
  };
}

void put(const std::string& path, const std::string& text, const native::FileKeys* keys = nullptr) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::string bytes = text;
  if (keys != nullptr) {
    bytes.clear();
    native::LogSealer(*keys).add(text, bytes);
  }
  REQUIRE(writeText(path, bytes));
}

std::string whole(api::ShelfFile& file) {
  std::string all, piece;
  for (;;) {
    const auto more = file.next(piece);
    REQUIRE(more);
    if (!*more) return all;
    all += piece;
  }
}

/// Names and contents, by the heads of an archive.
std::vector<std::pair<std::string, std::string>> entriesOf(const std::string& tar) {
  std::vector<std::pair<std::string, std::string>> entries;
  REQUIRE(tar.size() % 512 == 0);
  for (std::size_t at = 0; tar[at] != '\0';) {
    const auto size = static_cast<std::size_t>(std::stoull(tar.substr(at + 124, 11), nullptr, 8));
    entries.emplace_back(tar.c_str() + at, tar.substr(at + 512, size));
    at += 512 + (size + 511) / 512 * 512;
    REQUIRE(at + 1024 <= tar.size());
  }
  return entries;
}

const std::string kIndex = R"({"format":1,"flow":"f","edge":"a/b","finished":true,"segments":[)"
                           R"({"file":"000001.arrows.zst"},{"file":"000002.arrows.zst"},{"file":"../x"}]})";
const std::string kHead = R"({"run":"r1","flow":"f","every":10,"forgottenSteps":0,"nodes":[)"
                          R"({"id":"read","typeId":"generate/pattern","outputs":["rows","error"]},)"
                          R"({"id":"show","typeId":"debug/log","outputs":[]}]})"
                          "\n";

std::string step(int node, const std::string& row) {
  return R"({"node":)" + std::to_string(node) + R"(,"startNanos":1,"endNanos":2,"rows":1,"tries":1,"taken":[")" + row +
         R"("],"given":[[")" + row + "\",0]]}\n";
}

}  // namespace

TEST_CASE("a recording is given as an archive of what is still there of it, sealed or not") {
  const Folder place;
  const auto runs = place.path + "/runs";
  const std::string large(300'000, 'x');
  const auto keys = someKeys();
  for (const bool sealed : {false, true}) {
    CAPTURE(sealed);
    const auto* with = sealed ? &keys : nullptr;
    const auto folder = runs + (sealed ? "/s" : "/p") + "/recordings/";
    put(folder + "000001/recording.json", kIndex);
    put(folder + "000001/000002.arrows.zst", large, with);
    put(folder + "000004/recording.json", kIndex);
    put(folder + "000004/000001.arrows.zst", "second", with);
    KeptRows rows(runs, sealed ? chainsOf(keys) : ChainKeys());
    const auto file = rows.recording(sealed ? "s" : "p", {});
    REQUIRE(file);
    const auto entries = entriesOf(whole(**file));
    REQUIRE(entries.size() == 4);
    CHECK(entries[0].first == "a-b.weir-recording/recording.json");
    CHECK(json::parse(entries[0].second)->root().find("segments")->count() == 1);
    CHECK(entries[1].first == "a-b.weir-recording/000002.arrows.zst");
    CHECK(entries[1].second == large);
    CHECK(entries[2].first == "a-b-2.weir-recording/recording.json");
    CHECK(entries[3].second == "second");
  }
}

TEST_CASE("a file that nobody sealed is refused where all are sealed, and one that is sealed where no keys are") {
  const Folder place;
  const auto runs = place.path + "/runs";
  const auto keys = someKeys();
  put(runs + "/p/recordings/000001/recording.json", kIndex);
  put(runs + "/p/recordings/000001/000001.arrows.zst", "plain");
  put(runs + "/s/recordings/000001/recording.json", kIndex);
  put(runs + "/s/recordings/000001/000001.arrows.zst", "sealed", &keys);
  const auto refused = KeptRows(runs, chainsOf(keys)).recording("p", {}).error();
  CHECK(refused.code == "seal.key");
  CHECK_FALSE(refused.message.contains(place.path));
  CHECK(KeptRows(runs, {}).recording("s", {}).error().code == "seal.key");
}

TEST_CASE("a trace comes page by page, all of it or one row, and none is told twice or left out") {
  const Folder place;
  const auto runs = place.path + "/runs";
  const std::string one(32, 'a'), other(32, 'b');
  const auto folder = runs + "/r1/traces/";
  put(folder + "000001.ndjson", kHead + step(0, one) + step(0, other) + step(1, one));
  put(folder + "000002.ndjson", kHead + step(1, other) + R"({"node":1,"start)");
  KeptRows rows(runs, {});
  const auto pages = [&](const std::string& row) {
    std::vector<std::string> nodes;
    api::TraceWish wish{"r1", row, {}, 1};
    for (int i = 0; i < 10; ++i) {
      const auto page = rows.trace(wish, {});
      REQUIRE(page);
      const auto read = json::parse(*page);
      REQUIRE(read);
      for (const auto& found : *read->root().find("steps")->asArray()) nodes.push_back(*found.find("node")->asString());
      CHECK(read->root().find("every")->asInt64() != nullptr);
      const auto* next = read->root().find("next");
      if (next == nullptr) break;
      wish.cursor = *next->asString();
    }
    return nodes;
  };
  CHECK(pages("") == std::vector<std::string>{"read", "read", "show", "show"});
  CHECK(pages(one) == std::vector<std::string>{"read", "show"});
  CHECK(pages("bbbbbbbb") == std::vector<std::string>{"read", "show"});
  CHECK(pages("cccccccc").empty());
  const auto page = rows.trace({"r1", "", "", 100}, {});
  CHECK(page->contains(R"("given":[[")" + one + R"(","rows"]])"));
  for (const auto* cursor : {"x", "1", "0:1", "1:", "1:2:3"}) {
    CHECK(rows.trace({"r1", "", cursor, 10}, {}).error().code == "api.query");
  }
}

TEST_CASE("what is thrown away is gone, and what is not there is said") {
  const Folder place;
  const auto runs = place.path + "/runs";
  KeptRows rows(runs, {});
  for (const auto* run : {"r1", "..", "a/b", ""}) {
    CAPTURE(run);
    CHECK(rows.recording(run, {}).error().code == "recording.not_found");
    CHECK(rows.discardRecording(run).error().code == "recording.not_found");
    CHECK(rows.trace({run, "", "", 10}, {}).error().code == "trace.unknown_run");
    CHECK(rows.discardTrace(run).error().code == "trace.unknown_run");
  }
  put(runs + "/r1/traces/000001.ndjson", kHead);
  put(runs + "/r1/recordings/000001/recording.json", "12345");
  CHECK(*rows.discardRecording("r1") == 5);
  CHECK(*rows.discardTrace("r1") == std::ssize(kHead));
  CHECK(rows.recording("r1", {}).error().code == "recording.not_found");
  CHECK_FALSE(std::filesystem::exists(runs + "/r1/traces"));
}

TEST_CASE("an archive that is cut off has no end") {
  TarArchive archive({{.name = "a", .bytes = 10, .open = []() -> Result<TarArchive::Pieces> {
                         return [](std::string&) -> Result<bool> { return false; };
                       }}});
  std::string piece;
  CHECK(archive.next(piece).error().code == "files.io");
}

TEST_CASE("what was plain is sealed, and what was sealed gets the present key, with its age") {
  const Folder place;
  const auto path = place.path + "/a/000001.ndjson";
  auto keys = someKeys();
  put(path, kHead);
  const auto at = std::filesystem::file_time_type::clock::now() - std::chrono::hours(5);
  std::filesystem::last_write_time(path, at);
  CHECK_FALSE(*resealText(path, chainsOf(keys)));
  CHECK(*resealText(path, chainsOf(keys), keys));
  CHECK(*readText(path) != kHead);
  keys.keys.insert(keys.keys.begin(), sodium::Key::random());
  CHECK(*resealText(path, chainsOf(keys)));
  keys.keys.pop_back();
  auto text = SealedText::open(path, chainsOf(keys));
  REQUIRE(text);
  std::string read;
  while (*text->next(read)) continue;
  CHECK(read == kHead);
  CHECK(std::filesystem::last_write_time(path) < at + std::chrono::minutes(1));
}

}  // namespace weir::cli
