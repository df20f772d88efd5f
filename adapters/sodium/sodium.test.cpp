// Sealing: what was sealed is opened by the same key and associated data, and by nothing else.
#include "adapters/sodium/sodium.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

using namespace weir;
using sodium::Key;

TEST_CASE("what a key has sealed it opens, at every length") {
  const auto key = Key::random();
  for (std::size_t bytes = 0; bytes < 300; bytes += bytes < 70 ? 1 : 37) {
    const auto plain = sodium::randomBytes(bytes);
    std::string sealed = "before", opened = "kept";
    sodium::seal(key, "place", plain, sealed);
    CHECK(sealed.size() == 6 + bytes + sodium::kSealBytes);
    CHECK(sodium::open(key, "place", std::string_view(sealed).substr(6), opened));
    CHECK(opened == "kept" + plain);
  }
}

TEST_CASE("S11: a changed bit, a cut, another place or another key opens nothing") {
  const auto key = Key::random();
  std::string sealed, opened;
  sodium::seal(key, "place", "twelve bytes", sealed);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(sodium::open(key, "place", changed, opened));
  }
  for (std::size_t bytes = 0; bytes < sealed.size(); ++bytes)
    CHECK_FALSE(sodium::open(key, "place", std::string_view(sealed).substr(0, bytes), opened));
  CHECK_FALSE(sodium::open(key, "Place", sealed, opened));
  CHECK_FALSE(sodium::open(Key::random(), "place", sealed, opened));
  CHECK(opened.empty());
  CHECK(sodium::open(key, "place", sealed, opened));
  CHECK_FALSE(sealed.contains("twelve"));
}

TEST_CASE("the same text sealed twice looks different, and keys of different purposes are different keys") {
  const auto key = Key::random();
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    std::string sealed;
    sodium::seal(key, "", "same", sealed);
    seen.insert(sealed);
  }
  CHECK(seen.size() == 100);
  CHECK(key.derive("a") == key.derive("a"));
  CHECK_FALSE(key.derive("a") == key.derive("b"));
  CHECK_FALSE(key.derive("a") == key);
  CHECK(key.name() == Key::of(key.bytes()).name());
  CHECK(key.name().size() == 16);
  CHECK(key.name() != Key::random().name());
}

TEST_CASE("a sum is that of RFC 7693's function, in one piece or several") {
  // BLAKE2b with 32 bytes of "abc", as `b2sum -l 256` prints it.
  const auto sum = sodium::sumOf("abc");
  CHECK(static_cast<unsigned char>(sum[0]) == 0xbd);
  CHECK(static_cast<unsigned char>(sum[1]) == 0xdd);
  CHECK(static_cast<unsigned char>(sum[2]) == 0x81);
  sodium::Sum pieces;
  pieces.add("a");
  pieces.add("");
  pieces.add("bc");
  CHECK(pieces.end() == sum);
  const auto key = Key::random();
  CHECK(sodium::sumOf("abc", &key) != sum);
}

}  // namespace
