// Files that grow by sealed records, and temporary files.
#include "hosts/native/sealing/sealed-log.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "hosts/native/sealing/sealed-spill.h"

namespace weir::native {
namespace {

FileKeys someKeys() { return {"0123456789abcdef", {sodium::Key::random(), sodium::Key::random()}}; }

std::string sealed(const FileKeys& keys, int records) {
  LogSealer sealer(keys);
  std::string file;
  for (int i = 0; i < records; ++i) sealer.add("canary " + std::to_string(i) + ";" + std::string(200, 'x'), file);
  return file;
}

Result<std::string> opened(const FileKeys& keys, std::string_view file, std::size_t step = 7) {
  LogOpener opener(keys);
  std::string plain;
  for (std::size_t at = 0; at < file.size(); at += step) {
    if (auto fed = opener.feed(file.substr(at, step), plain); !fed) return std::unexpected(std::move(fed.error()));
  }
  return plain;
}

struct Temporary {
  Temporary() { descriptor = ::mkstemp(path.data()); }
  ~Temporary() {
    ::close(descriptor);
    ::unlink(path.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  std::string path = (std::filesystem::temp_directory_path() / "weir-spill-XXXXXX").string();
  int descriptor = -1;
};

}  // namespace

TEST_CASE("R4: records of a sealed log are read as they were written, and a cut one as far as it is whole") {
  const auto keys = someKeys();
  const auto file = sealed(keys, 5);
  CHECK_FALSE(file.contains("canary"));
  CHECK(isSealedLog(file));
  CHECK(*chainOfLog(file) == keys.chain);
  const auto whole = opened(keys, file);
  REQUIRE(whole);
  CHECK(whole->contains("canary 4;"));
  for (std::size_t cut = 0; cut < file.size(); cut += 11) {
    const auto part = opened(keys, std::string_view(file).substr(0, cut));
    REQUIRE(part);
    CHECK(whole->starts_with(*part));
  }
}

TEST_CASE("R5: a sealed log that was changed anywhere is refused, never read as something else") {
  const auto keys = someKeys();
  const auto file = sealed(keys, 4);
  const auto whole = *opened(keys, file);
  for (std::size_t at = 24; at < file.size(); ++at) {
    auto changed = file;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto read = opened(keys, changed, 64);
    CAPTURE(at);
    if (read) CHECK((whole.starts_with(*read) && read->size() < whole.size()));
  }
  // Records that were taken out or come from another file.
  const auto other = sealed(keys, 4);
  CHECK(opened(keys, file.substr(0, kLogHeaderBytes) + other.substr(kLogHeaderBytes)).error().code == "seal.corrupt");
  CHECK(opened(someKeys(), file).error().code == "seal.key");
  // After a rotation, an older key still opens.
  auto rotated = keys;
  rotated.keys.insert(rotated.keys.begin(), sodium::Key::random());
  CHECK(opened(rotated, file));
}

TEST_CASE("a temporary file gives back any range, and holds nothing that can be read") {
  const Temporary file;
  SealedSpill spill;
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "canary " + std::to_string(i) + "\n";
  std::int64_t at = 0;
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{70'000}, std::size_t{100}, text.size()}) {
    const auto piece = std::string_view(text).substr(static_cast<std::size_t>(at), bytes);
    REQUIRE(spill.write(file.descriptor, file.path, at, piece));
    at += std::ssize(piece);
  }
  CHECK(spill.size() == std::ssize(text));
  for (const std::int64_t offset : {0, 1, 65'536, 70'050, 200'000}) {
    std::string into(90'000, '\0');
    const auto got = spill.read(file.descriptor, file.path, offset, into);
    REQUIRE(got);
    CHECK(std::string_view(into).substr(0, static_cast<std::size_t>(*got)) ==
          std::string_view(text).substr(static_cast<std::size_t>(offset), 90'000));
  }
  CHECK_FALSE(spill.write(file.descriptor, file.path, 5, "x"));
  std::string stored(100'000, '\0');
  REQUIRE(::pread(file.descriptor, stored.data(), stored.size(), 0) > 0);
  CHECK_FALSE(stored.contains("canary"));
  REQUIRE(::pwrite(file.descriptor, "x", 1, 100) == 1);
  std::string into(90'000, '\0');
  CHECK(spill.read(file.descriptor, file.path, 0, into).error().code == "seal.corrupt");
}

}  // namespace weir::native
