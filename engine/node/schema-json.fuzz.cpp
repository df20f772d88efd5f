// Any bytes as a schema.json: problems or a type, and then settings that check and complete.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/node/parse-node-type.h"
#include "engine/node/settings-check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = weir::parseNodeType({reinterpret_cast<const char*>(data), size});
  if (!parsed.problems.empty()) return 0;
  const weir::json::Value nothing;
  const auto settings = weir::completed(parsed.type.settings, nothing);
  static_cast<void>(weir::checkSettings(parsed.type.settings, settings));
  static_cast<void>(weir::settingsJsonSchema(parsed.type));
  return 0;
}
