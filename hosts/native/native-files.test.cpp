// What may be opened through mounts, and what files do that are no plain files.
#include "hosts/native/native-files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/data/memory.h"
#include "hosts/native/beneath.h"

namespace weir::native {
namespace {

namespace fs = std::filesystem;

/// in/ is the mount, out/ lies beside it.
struct Folders {
  Folders() {
    std::string name = (fs::temp_directory_path() / "weir-files-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    top = fs::canonical(name);
    fs::create_directories(top / "in/sub/deep");
    fs::create_directories(top / "out/folder");
    write("in/a.txt", "inside");
    write("in/sub/b.txt", "below");
    write("out/secret.txt", "outside");
    write("out/folder/c.txt", "outside too");
  }
  ~Folders() { fs::remove_all(top); }
  Folders(const Folders&) = delete;
  Folders& operator=(const Folders&) = delete;

  void write(const std::string& path, const std::string& text) const { std::ofstream(top / path) << text; }
  [[nodiscard]] std::string text(const std::string& path) const {
    std::ifstream file(top / path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void link(const std::string& target, const std::string& name) const { fs::create_symlink(target, top / name); }
  [[nodiscard]] NativeFiles files() const {
    Mounts mounts;
    mounts.add("project", (top / "in").string());
    return {std::move(mounts), FileLimits{}};
  }
  fs::path top;
};

std::string readAll(NativeFiles& files, std::string_view path) {
  auto opened = files.open(path, FileMode::read, {}).take();
  if (!opened) return std::string(opened.error().code);
  MemoryAccount account;
  auto buffer = *Buffer::allocate(1 << 16, account);
  const auto got = files.read(*opened, 0, buffer, 0, 1 << 16, {}).take();
  files.close(*opened);
  if (!got) return std::string(got.error().code);
  return {buffer.chars(), static_cast<std::size_t>(*got)};
}

template <class T>
std::string codeOf(Operation<T> operation) {
  auto result = operation.take();
  return result ? std::string() : std::string(result.error().code);
}

std::string codeOfOpen(NativeFiles& files, std::string_view path, FileMode mode) {
  auto opened = files.open(path, mode, {}).take();
  if (!opened) return std::string(opened.error().code);
  files.close(*opened);
  return {};
}

}  // namespace

TEST_CASE("links that stay in the mount are followed, relative and absolute, to files and folders") {
  const Folders folders;
  folders.link("../a.txt", "in/sub/up.txt");
  folders.link((folders.top / "in/sub/b.txt").string(), "in/absolute.txt");
  folders.link("sub", "in/also");
  folders.link("also/../sub/deep/../b.txt", "in/crooked.txt");
  auto files = folders.files();
  CHECK(readAll(files, "sub/up.txt") == "inside");
  CHECK(readAll(files, "absolute.txt") == "below");
  CHECK(readAll(files, "also/b.txt") == "below");
  CHECK(readAll(files, "also/up.txt") == "inside");
  CHECK(readAll(files, "crooked.txt") == "below");
  CHECK(readAll(files, (folders.top / "in/a.txt").string()) == "inside");
}

TEST_CASE("no link leads out of the mount, whatever is done with it") {
  const Folders folders;
  folders.link("../out/secret.txt", "in/file.txt");
  folders.link((folders.top / "out/secret.txt").string(), "in/absolute.txt");
  folders.link("../out/folder", "in/folder");
  folders.link("/", "in/root");
  folders.link("file.txt", "in/again.txt");
  folders.link("../out/new.txt", "in/new.txt");
  auto files = folders.files();
  for (const auto* path : {"file.txt", "absolute.txt", "folder/c.txt", "again.txt", "root/etc/passwd", "new.txt"}) {
    CAPTURE(path);
    CHECK(codeOfOpen(files, path, FileMode::read) == "files.outside_mount");
    CHECK(codeOfOpen(files, path, FileMode::create) == "files.outside_mount");
    CHECK(codeOfOpen(files, path, FileMode::append) == "files.outside_mount");
    CHECK(codeOf(files.statPath(path, {})) == "files.outside_mount");
  }
  CHECK(codeOf(files.list("folder", {})) == "files.outside_mount");
  CHECK(codeOf(files.makeFolders("folder/made/here", {})) == "files.outside_mount");
  CHECK(codeOf(files.publish("a.txt", "folder/a.txt", {})) == "files.outside_mount");
  CHECK(codeOf(files.publish("folder/c.txt", "c.txt", {})) == "files.outside_mount");
  CHECK(codeOf(files.remove("folder/c.txt", {})) == "files.outside_mount");
  CHECK(codeOfOpen(files, "../out/secret.txt", FileMode::read) == "files.outside_mount");
  CHECK(codeOfOpen(files, (folders.top / "out/secret.txt").string(), FileMode::read) == "files.outside_mount");
  CHECK(folders.text("out/secret.txt") == "outside");
  CHECK(folders.text("out/folder/c.txt") == "outside too");
  CHECK_FALSE(fs::exists(folders.top / "out/new.txt"));
  CHECK_FALSE(fs::exists(folders.top / "out/folder/made"));
  const auto refused = files.open("again.txt", FileMode::read, {}).take();
  CHECK(refused.error().message ==
        "'again.txt' leads out of its mount: the symbolic link 'file.txt' points to '../out/secret.txt'; mount the "
        "folder that it points to (--mount NAME=FOLDER) and name the file there, or copy the file in");
}

TEST_CASE("a link itself can be replaced and removed; what it points to stays") {
  const Folders folders;
  folders.link("../out/secret.txt", "in/x.txt");
  folders.link("../out/secret.txt", "in/y.txt");
  auto files = folders.files();
  CHECK(codeOf(files.publish("a.txt", "x.txt", {})).empty());
  CHECK(codeOf(files.remove("y.txt", {})).empty());
  CHECK(folders.text("in/x.txt") == "inside");
  CHECK_FALSE(fs::is_symlink(folders.top / "in/y.txt"));
  CHECK(folders.text("out/secret.txt") == "outside");
}

TEST_CASE("a file that takes another's place takes over its rights") {
  const Folders folders;
  fs::permissions(folders.top / "in/a.txt", fs::perms(0644));
  fs::permissions(folders.top / "in/sub/b.txt", fs::perms(0600));
  auto files = folders.files();
  CHECK(codeOf(files.publish("a.txt", "sub/b.txt", {})).empty());
  CHECK(folders.text("in/sub/b.txt") == "inside");
  CHECK(fs::status(folders.top / "in/sub/b.txt").permissions() == fs::perms(0600));
}

TEST_CASE("nobody reads of a part file what they may not read of the file that it is for") {
  const Folders folders;
  fs::permissions(folders.top / "in/a.txt", fs::perms(0400));
  auto files = folders.files();
  CHECK(codeOfOpen(files, ".a.txt.weir-part", FileMode::create).empty());
  CHECK(fs::status(folders.top / "in/.a.txt.weir-part").permissions() == fs::perms(0600));
}

TEST_CASE("a link that stays in the mount stays a link, and the file that it leads to is replaced") {
  const Folders folders;
  folders.link("../sub/deep/../b.txt", "in/sub/one.txt");
  folders.link((folders.top / "in/sub/one.txt").string(), "in/two.txt");
  folders.link("nothing.txt", "in/dangling.txt");
  folders.write("in/new.txt", "new");
  fs::permissions(folders.top / "in/sub/b.txt", fs::perms(0640));
  auto files = folders.files();
  CHECK(codeOf(files.publish("new.txt", "two.txt", {})).empty());
  CHECK(fs::is_symlink(folders.top / "in/two.txt"));
  CHECK(fs::is_symlink(folders.top / "in/sub/one.txt"));
  CHECK(folders.text("in/sub/b.txt") == "new");
  CHECK(fs::status(folders.top / "in/sub/b.txt").permissions() == fs::perms(0640));
  CHECK(codeOf(files.publish("a.txt", "dangling.txt", {})).empty());
  CHECK(folders.text("in/dangling.txt") == "inside");
}

TEST_CASE("the walk for kernels without openat2 gives what the kernel gives") {
  const Folders folders;
  folders.link("../a.txt", "in/sub/up.txt");
  folders.link("../out/secret.txt", "in/out.txt");
  folders.link("sub", "in/also");
  folders.link("round.txt", "in/round.txt");
  folders.link("nothing.txt", "in/dangling.txt");
  const auto rootPath = (folders.top / "in").string();
  const Descriptor root(::open(rootPath.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const auto* relative : {"", "a.txt", "sub", "sub/b.txt", "sub/up.txt", "out.txt", "also/b.txt", "also/../a.txt",
                               "round.txt", "dangling.txt", "nothing", "a.txt/x", "sub/", "a.txt/"}) {
    CAPTURE(relative);
    const BeneathPath path{root.get(), rootPath, relative, relative, "open", 0666};
    const auto kernel = openBeneath(path, O_RDONLY, BeneathWay::kernel);
    const auto walk = openBeneath(path, O_RDONLY, BeneathWay::walk);
    REQUIRE(kernel.has_value() == walk.has_value());
    if (!kernel) {
      CHECK(kernel.error().code == walk.error().code);
      continue;
    }
    struct stat one{};
    struct stat other{};
    CHECK(::fstat(kernel->get(), &one) == 0);
    CHECK(::fstat(walk->get(), &other) == 0);
    CHECK(one.st_ino == other.st_ino);
  }
}

TEST_CASE("an absolute path of the flow is a mount of its own") {
  const Folders folders;
  folders.link("../out/secret.txt", "in/named.txt");
  folders.link("../out/secret.txt", "in/sub/found.txt");
  folders.link("../out/folder/c.txt", "in/written.txt");
  const auto in = (folders.top / "in").string();
  Mounts mounts;
  mounts.addAbsolute(in + "/named.txt");
  mounts.addAbsolute(in + "/written.txt");
  mounts.addAbsolute(in + "/sub/*.txt");
  mounts.addAbsolute(in + "/made/here/rows.csv");
  NativeFiles files(std::move(mounts), FileLimits{});
  CHECK(readAll(files, in + "/named.txt") == "outside");
  CHECK(readAll(files, in + "/sub/b.txt") == "below");
  CHECK(readAll(files, in + "/sub/found.txt") == "files.outside_mount");
  CHECK(readAll(files, in + "/a.txt") == "files.outside_mount");
  CHECK(codeOf(files.list(in, {})) == "files.outside_mount");
  CHECK(codeOf(files.makeFolders(in + "/made/here", {})).empty());
  CHECK(codeOfOpen(files, in + "/made/here/.rows.csv.weir-part", FileMode::create).empty());
  CHECK(codeOf(files.publish(in + "/made/here/.rows.csv.weir-part", in + "/made/here/rows.csv", {})).empty());
  CHECK(fs::exists(folders.top / "in/made/here/rows.csv"));
  folders.write("in/.written.txt.weir-part", "named");
  CHECK(codeOf(files.publish(in + "/.written.txt.weir-part", in + "/written.txt", {})).empty());
  CHECK(fs::is_symlink(folders.top / "in/written.txt"));
  CHECK(folders.text("out/folder/c.txt") == "named");
}

TEST_CASE("a listing says which links lead out") {
  const Folders folders;
  folders.link("../out/secret.txt", "in/file.txt");
  folders.link("../out/folder", "in/folder");
  folders.link("sub", "in/also");
  folders.link("nothing.txt", "in/dangling.txt");
  auto files = folders.files();
  const auto listed = files.list("", {}).take();
  REQUIRE(listed.has_value());
  std::string seen;
  for (const auto& entry : *listed) {
    seen += entry.path + (entry.folder ? "/" : "") + (entry.link ? " link" : "") +
            (entry.trouble ? " " + std::string(entry.trouble->code) : "") + "\n";
  }
  CHECK(seen ==
        "a.txt\nalso/ link\ndangling.txt link\nfile.txt link files.outside_mount\nfolder/ link files.outside_mount\n"
        "sub/\n");
}

TEST_CASE("pipes and devices are refused without waiting for them") {
  const Folders folders;
  REQUIRE(::mkfifo((folders.top / "in/pipe").c_str(), 0600) == 0);
  Mounts mounts;
  mounts.add("project", (folders.top / "in").string());
  mounts.addAbsolute("/dev/null");
  NativeFiles files(std::move(mounts), FileLimits{});
  for (const auto* path : {"pipe", "/dev/null"}) {
    CHECK(codeOfOpen(files, path, FileMode::read) == "files.not_regular");
    CHECK(codeOfOpen(files, path, FileMode::create) == "files.not_regular");
    CHECK(codeOf(files.statPath(path, {})) == "files.not_regular");
  }
}

}  // namespace weir::native
