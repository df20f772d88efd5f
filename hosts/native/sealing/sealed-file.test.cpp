// Sealed files: what was written is read, whole and in ranges; anything else is refused.
#include "hosts/native/sealing/sealed-file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "engine/data/random.h"

namespace {

using namespace weir;
using namespace weir::native;
using sodium::Key;

ReadAt readerOf(const std::string& file) {
  return [&file](std::int64_t offset, std::span<char> into) -> Result<std::int64_t> {
    const auto from = std::min(static_cast<std::size_t>(offset), file.size());
    const auto bytes = std::min(into.size(), file.size() - from);
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(from), bytes, into.begin());
    return static_cast<std::int64_t>(bytes);
  };
}

/// Text of which some chunks compress and some do not.
std::string someText(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += (text.size() / 50'000) % 2 == 0 ? sodium::randomBytes(std::min<std::size_t>(997, bytes - text.size()))
                                            : std::string(std::min<std::size_t>(1'003, bytes - text.size()), 'x');
  }
  return text;
}

std::string fileOf(std::string_view text, const Key* key, std::size_t piece = 10'007) {
  SealedWriter writer({.run = "run 7", .epoch = 3}, key);
  std::string file;
  for (std::size_t at = 0; at < text.size(); at += piece) REQUIRE(writer.add(text.substr(at, piece), file));
  REQUIRE(writer.end(file));
  return file;
}

Result<std::string> textOf(const std::string& file, const Key* key, bool mayBeCut = false) {
  SealedReading how;
  how.keys = [key](std::string_view id) { return key != nullptr && key->name() == id ? key : nullptr; };
  how.mustBeSealed = key != nullptr;
  how.mayBeCut = mayBeCut;
  WEIR_ASSIGN(auto reader, SealedReader::open(readerOf(file), static_cast<std::int64_t>(file.size()), how));
  std::string text;
  WEIR_TRY(reader.read(0, reader.size(), text));
  CHECK(static_cast<std::int64_t>(text.size()) == reader.size());
  return text;
}

TEST_CASE("what was written is read again, sealed or not, at every length around the chunks") {
  const auto key = Key::random();
  for (const std::size_t bytes : {0UZ, 1UZ, 127UZ, 128UZ, 65'535UZ, 65'536UZ, 65'537UZ, 131'072UZ, 300'001UZ}) {
    const auto text = someText(bytes);
    for (const auto* with : {&key, static_cast<const Key*>(nullptr)}) {
      for (const std::size_t piece : {1'000'000UZ, 65'536UZ, 4'099UZ}) {
        const auto read = textOf(fileOf(text, with, piece), with);
        REQUIRE_MESSAGE(read.has_value(), read.error().message);
        CHECK(*read == text);
      }
    }
  }
}

TEST_CASE("ranges are read without what stands before them, and the header says whose it is") {
  const auto key = Key::random();
  const auto text = someText(400'000);
  const auto file = fileOf(text, &key);
  SealedReading how;
  how.keys = [&](std::string_view) { return &key; };
  auto reader = SealedReader::open(readerOf(file), static_cast<std::int64_t>(file.size()), how);
  REQUIRE(reader);
  CHECK(reader->header().run == "run 7");
  CHECK(reader->header().epoch == 3);
  CHECK(reader->header().keyId == key.name());
  CHECK(reader->size() == 400'000);
  Random random(5);
  for (int i = 0; i < 300; ++i) {
    const auto from = static_cast<std::int64_t>(random.next() % 400'100),
               bytes = static_cast<std::int64_t>(random.next() % 90'000);
    std::string range;
    REQUIRE(reader->read(from, bytes, range));
    CHECK(range == text.substr(std::min<std::size_t>(static_cast<std::size_t>(from), text.size()),
                               static_cast<std::size_t>(bytes)));
  }
}

TEST_CASE(
    "R4: a sealed file cut at any byte, or with any byte changed, is refused or read as it was; never otherwise") {
  const auto key = Key::random();
  const auto text = someText(140'000);
  for (const auto* with : {&key, static_cast<const Key*>(nullptr)}) {
    const auto file = fileOf(text, with);
    Random random(11);
    for (int i = 0; i < 400; ++i) {
      auto changed = file;
      const auto at = i < 300 ? static_cast<std::size_t>(i) : static_cast<std::size_t>(random.next() % file.size());
      changed[at] = static_cast<char>(changed[at] ^ (1 << (random.next() % 8)));
      const auto read = textOf(changed, with);
      if (read) CHECK(*read == text);
      if (!read)
        CHECK((read.error().code == "seal.corrupt" || read.error().code == "seal.key" ||
               read.error().code == "seal.newer_version"));
    }
    for (int i = 0; i < 300; ++i) {
      const auto bytes = i < 100 ? file.size() - 1 - static_cast<std::size_t>(i)
                                 : static_cast<std::size_t>(random.next() % file.size());
      const auto cut = file.substr(0, bytes);
      CHECK_FALSE(textOf(cut, with));
      // As a crash leaves it: what is whole, and nothing that was not written.
      if (const auto some = textOf(cut, with, true)) CHECK(text.starts_with(*some));
    }
    CHECK_FALSE(textOf(file + "more", with));
  }
}

TEST_CASE("chunks that are swapped, doubled, left out or from another file of the same key are refused") {
  const auto key = Key::random();
  const auto text = sodium::randomBytes(300'000);  // does not compress: all chunks but the last have one size
  for (const auto* with : {&key, static_cast<const Key*>(nullptr)}) {
    const auto file = fileOf(text, with), other = fileOf(text, with);
    const std::size_t chunk = 65'536 + 8 + (with != nullptr ? sodium::kSealBytes : 16);
    const auto part = [&](const std::string& of, std::size_t index) { return of.substr(256 + index * chunk, chunk); };
    const auto head = file.substr(0, 256);
    CHECK(textOf(head + part(file, 0) + part(file, 1) + part(file, 2) + part(file, 3) + part(file, 4), with));
    CHECK_FALSE(textOf(head + part(file, 1) + part(file, 0) + part(file, 2) + part(file, 3) + part(file, 4), with));
    CHECK_FALSE(textOf(head + part(file, 0) + part(file, 0) + part(file, 2) + part(file, 3) + part(file, 4), with));
    CHECK_FALSE(textOf(head + part(file, 0) + part(file, 1) + part(file, 2) + part(file, 4), with));
    CHECK_FALSE(textOf(head + part(file, 0) + part(other, 1) + part(file, 2) + part(file, 3) + part(file, 4), with));
    CHECK_FALSE(textOf(
        other.substr(0, 256) + part(file, 0) + part(file, 1) + part(file, 2) + part(file, 3) + part(file, 4), with));
  }
}

TEST_CASE("a file without a key is refused where everything is sealed, and one of another key by its name") {
  const auto key = Key::random(), other = Key::random();
  const auto plain = textOf(fileOf("text", nullptr), &key);
  REQUIRE_FALSE(plain);
  CHECK(plain.error().code == "seal.key");
  const auto foreign = textOf(fileOf("text", &other), &key);
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().code == "seal.key");
  CHECK(foreign.error().message.contains(other.name()));
  auto newer = fileOf("text", &key);
  newer[8] = 2;
  CHECK(textOf(newer, &key).error().code == "seal.newer_version");
  CHECK(textOf("short", &key).error().code == "seal.corrupt");
}

}  // namespace
