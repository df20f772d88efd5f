// Archives from a server: what is whole is read, and what is not, or leads elsewhere, is refused.
#include "apps/cli/tar-files.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "apps/cli/serve/tar-archive.h"

namespace weir::cli {
namespace {

TarArchive::Entry entry(std::string name, const std::string& text) {
  TarArchive::Entry made{std::move(name), std::ssize(text), {}};
  made.open = [text]() -> Result<TarArchive::Pieces> {
    return [text, given = false](std::string& into) mutable -> Result<bool> {
      if (!given) into += text;
      return !std::exchange(given, true);
    };
  };
  return made;
}

std::string archiveOf(std::vector<TarArchive::Entry> entries) {
  TarArchive archive(std::move(entries));
  std::string whole;
  for (std::string piece;; piece.clear()) {
    const auto more = archive.next(piece);
    REQUIRE(more);
    if (!*more) return whole;
    whole += piece;
  }
}

std::string wrongWith(std::string_view archive) {
  const auto files = filesOfTar(archive);
  REQUIRE_FALSE(files);
  CHECK(files.error().code == "recording.invalid");
  return files.error().message;
}

}  // namespace

TEST_CASE("what TarArchive writes is read again") {
  const std::string large(3'000, 'x');
  const auto archive =
      archiveOf({entry("e2.weir-recording/recording.json", "{}"), entry("e2.weir-recording/000001.arrows.zst", large)});
  const auto files = filesOfTar(archive);
  REQUIRE(files);
  REQUIRE(files->size() == 2);
  CHECK((*files)[0].folder == "e2.weir-recording");
  CHECK((*files)[0].name == "recording.json");
  CHECK((*files)[0].bytes == "{}");
  CHECK((*files)[1].bytes == large);
}

TEST_CASE("an archive that is cut off or damaged is refused, wherever that is") {
  const auto archive = archiveOf({entry("a/b", std::string(700, 'x'))});
  for (const auto bytes : std::initializer_list<std::size_t>{0, 1, 511, 512, 600, 1'024, 1'536}) {
    CAPTURE(bytes);
    CHECK(wrongWith(std::string_view(archive).substr(0, bytes)).contains("cut off"));
  }
  auto damaged = archive;
  damaged[0] = 'z';
  CHECK(wrongWith(damaged).contains("damaged"));
  CHECK(wrongWith(std::string(2'048, 'x')).contains("damaged"));
}

TEST_CASE("names that lead elsewhere are none of a recording") {
  for (const auto* name : {"../b", "a/../b", "/b", "b", "a/b/c", "a/.b", "a/", "a\\b/c"}) {
    CAPTURE(name);
    CHECK(wrongWith(archiveOf({entry(name, "text")})).contains("no file of a recording"));
  }
}

}  // namespace weir::cli
