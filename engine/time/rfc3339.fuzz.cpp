// What parses prints as text that parses to the same value; anything else is refused.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/time/date-pattern.h"
#include "engine/time/instant.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto instant = weir::parseInstant(text))
    if (weir::tryParseInstant(weir::formatInstant(*instant)) != *instant) __builtin_trap();
  if (const auto span = weir::parseSpan(text)) {
    const auto again = weir::parseSpan(weir::formatSpan(*span));
    if (!again || *again != *span) __builtin_trap();
  }
  (void)weir::inferTimestamp(text);
  const std::size_t cut = text.find('|');
  if (cut == std::string_view::npos) return 0;
  const auto pattern = weir::DatePattern::compile(text.substr(0, cut));
  if (!pattern) return 0;
  if (const auto instant = pattern->parse(text.substr(cut + 1))) (void)pattern->format(*instant);
  return 0;
}
