// Documents: any bytes are read or refused; what is read is written and read again unchanged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/json/document.h"
#include "engine/json/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using weir::json::Layout;
  using weir::json::parse;
  const weir::json::ParseOptions options{.duplicateKeys = weir::json::DuplicateKeys::keepLast};
  const auto document = parse(std::string_view(reinterpret_cast<const char*>(data), size), options);
  if (!document) {
    if (document.error().code.empty() || document.error().message.empty()) std::abort();
    return 0;
  }
  const auto text = weir::json::write(document->root());
  for (const auto layout : {Layout::compact, Layout::pretty}) {
    const auto again = parse(weir::json::write(document->root(), layout), options);
    if (!again || weir::json::write(again->root()) != text) std::abort();
  }
  return 0;
}
