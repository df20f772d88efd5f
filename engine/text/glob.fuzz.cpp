// Any pattern is refused or answers; what it matches lies in folders that a walk would enter.
#include "engine/text/glob.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find('\n');
  const std::string_view path = cut == std::string_view::npos ? std::string_view() : text.substr(cut + 1);
  const auto glob = weir::Glob::compile(text.substr(0, cut));
  if (!glob) return 0;
  (void)glob->literalPrefix();
  const bool matched = glob->matches(path);
  const std::size_t slash = path.rfind('/');
  if (matched && slash != std::string_view::npos && path.substr(slash + 1) != "." && slash + 1 < path.size() &&
      !glob->couldMatchBelow(path.substr(0, slash == 0 ? 1 : slash)))
    __builtin_trap();
  if (glob->isLiteral() && !glob->matches(glob->literalPath())) __builtin_trap();
  return 0;
}
