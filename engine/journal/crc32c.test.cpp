// The checksum against published values.
#include "engine/journal/crc32c.h"

#include <doctest/doctest.h>

#include <string>

namespace weir {

TEST_CASE("CRC-32C has the values that RFC 3720 gives, by tables and by the instruction") {
  CHECK(journal::crc32c("123456789") == 0xE3069283U);
  CHECK(journal::crc32cPortable("123456789") == 0xE3069283U);
  CHECK(journal::crc32c(std::string(32, '\0')) == 0x8A9136AAU);
  CHECK(journal::crc32c(std::string(32, '\xff')) == 0x62A8AB43U);
  std::string text;
  for (std::size_t i = 0; i < 300; ++i) {
    text += static_cast<char>(i * 7);
    CHECK(journal::crc32c(text) == journal::crc32cPortable(text));
    CHECK(journal::crc32c(text.substr(i / 3), journal::crc32c(text.substr(0, i / 3))) == journal::crc32c(text));
  }
}

}  // namespace weir
