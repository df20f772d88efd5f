// Large documents of a server: what goes wrong with them is told without a word of where the data folder is.
#include "apps/cli/serve/object-folder.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "weir-objects-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path;
};

ObjectFolder objectsIn(const Folder& folder) {
  return {folder.path, []() -> Result<native::FileKeys> { return native::FileKeys(); }};
}

void saysNoPath(const Folder& folder, const Error& error) {
  CAPTURE(error.message);
  CHECK(error.code.starts_with("storage."));
  CHECK(!error.message.contains(folder.path));
  CHECK(!error.message.contains(fs::temp_directory_path().string()));
  CHECK(error.message.contains("objects"));
}

TEST_CASE("an object comes back as it was put, and is gone when it was removed") {
  const Folder folder;
  auto objects = objectsIn(folder);
  REQUIRE(objects.put("one", "a text"));
  CHECK(objects.get("one") == "a text");
  CHECK(objects.list() == std::vector<std::string>{"one"});
  REQUIRE(objects.remove("one"));
  REQUIRE(objects.remove("one"));
  CHECK(objects.list()->empty());
}

TEST_CASE("errors of files of objects do not tell where the data folder is") {
  const Folder folder;
  auto objects = objectsIn(folder);
  const auto gone = objects.get("gone");
  REQUIRE(!gone);
  saysNoPath(folder, gone.error());
  REQUIRE(objects.put("one", "a text"));
  const auto file = fs::path(folder.path) / "objects";
  fs::create_symlink("one", file / "link");
  const auto linked = objects.get("link");
  REQUIRE(!linked);
  saysNoPath(folder, linked.error());
  fs::create_directory(file / "folder");
  const auto removed = objects.remove("folder");
  REQUIRE(!removed);
  saysNoPath(folder, removed.error());
  fs::create_directories(file / "taken.making" / "more");
  const auto put = objects.put("taken", "a text");
  REQUIRE(!put);
  saysNoPath(folder, put.error());
  fs::remove_all(file);
  std::ofstream(file) << "no folder";
  const auto listed = objects.list();
  REQUIRE(!listed);
  saysNoPath(folder, listed.error());
  const auto again = objects.put("two", "a text");
  REQUIRE(!again);
  saysNoPath(folder, again.error());
}

}  // namespace
}  // namespace weir::cli
