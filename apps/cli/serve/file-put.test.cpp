// Files that are put into a folder: whole, where they are meant, and through no link.
#include "apps/cli/serve/file-put.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>

#include "apps/cli/command.h"
#include "hosts/native/descriptor.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

struct Folder {
  std::string path = (fs::temp_directory_path() / "weir-put-XXXXXX").string();
  native::Descriptor open;

  Folder() {
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    fs::create_directories(path + "/mount");
    open = native::Descriptor(::open((path + "/mount").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(open.isOpen());
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] Result<bool> put(std::string_view at, std::string_view bytes, bool onlyNew = false) const {
    return putFile(open.get(), {at, bytes, onlyNew});
  }
  [[nodiscard]] std::string text(const std::string& at) const {
    return readText(path + "/mount/" + at).value_or("none");
  }
  [[nodiscard]] std::string refusal(std::string_view at) const {
    const auto put = this->put(at, "text");
    REQUIRE_FALSE(put);
    return std::string(put.error().code);
  }
};

}  // namespace

TEST_CASE("a file comes with the folders on its way, is replaced whole, and keeps its rights") {
  const Folder folder;
  CHECK(folder.put("in/2026/orders.csv", "a\n1\n") == true);
  CHECK(folder.text("in/2026/orders.csv") == "a\n1\n");
  fs::permissions(folder.path + "/mount/in/2026/orders.csv", fs::perms(0640));
  CHECK(folder.put("in/2026/orders.csv", "") == false);
  CHECK(folder.text("in/2026/orders.csv").empty());
  CHECK(fs::status(folder.path + "/mount/in/2026/orders.csv").permissions() == fs::perms(0640));
  // Nothing is left beside it.
  CHECK(std::distance(fs::directory_iterator(folder.path + "/mount/in/2026"), fs::directory_iterator()) == 1);
}

TEST_CASE("a file that is to be new replaces none") {
  const Folder folder;
  CHECK(folder.put("a.csv", "first", true) == true);
  const auto again = folder.put("a.csv", "second", true);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "storage.exists");
  CHECK(folder.text("a.csv") == "first");
}

TEST_CASE("nothing is put through links, over links, or in place of a folder") {
  const Folder folder;
  fs::create_directories(folder.path + "/outside");
  REQUIRE(writeText(folder.path + "/outside/kept", "kept"));
  fs::create_directory_symlink("../outside", folder.path + "/mount/way");
  fs::create_directory_symlink(folder.path + "/outside", folder.path + "/mount/whole");
  fs::create_symlink("../outside/kept", folder.path + "/mount/link");
  fs::create_directories(folder.path + "/mount/folder");
  REQUIRE(writeText(folder.path + "/mount/file", "kept"));
  for (const auto* at : {"way/kept", "way/new", "whole/new", "link", "folder", "file/below"}) {
    CAPTURE(at);
    CHECK(folder.refusal(at) == "files.outside_mount");
  }
  CHECK(readText(folder.path + "/outside/kept").value_or("") == "kept");
  CHECK(std::distance(fs::directory_iterator(folder.path + "/outside"), fs::directory_iterator()) == 1);
  CHECK(folder.text("file") == "kept");
}

}  // namespace weir::cli
