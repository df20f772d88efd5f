// Fuzz target: any text is read without harm, agrees with itself in pieces, and a number written reads back the same.
#include "engine/data/number-text.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/data/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto length = static_cast<std::int64_t>(size);
  for (const weir::NumberFormat format :
       {weir::NumberFormat{}, weir::NumberFormat{',', '.'}, weir::NumberFormat{'.', ','}}) {
    const auto number = weir::parseDouble(text, format);
    WEIR_CHECK(number.consumed >= 0 && number.consumed <= length);
    const auto integer = weir::parseInt64(text, format);
    WEIR_CHECK(integer.consumed >= 0 && integer.consumed <= length);
    const auto shape = weir::shapeOfNumber(text, format);
    WEIR_CHECK(shape != weir::NumberShape::kInteger || integer.ok());
    if (!number.ok()) continue;
    std::string written;
    weir::appendDouble(written, number.value);
    WEIR_CHECK(weir::parseDouble(written).value == number.value);
  }
  static_cast<void>(weir::parseUint64(text));
  return 0;
}
