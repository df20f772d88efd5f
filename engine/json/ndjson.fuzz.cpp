// Lines: every line that is no space is either accepted, exactly if it is a document by itself, or told with a reason.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/json/document.h"
#include "engine/json/fields.h"
#include "engine/json/lines.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using weir::json::Lines;
  std::string text(reinterpret_cast<const char*>(data), size);
  text.append(static_cast<std::size_t>(weir::json::kPaddingBytes), '\0');
  const weir::json::ParseOptions options{.duplicateKeys = weir::json::DuplicateKeys::keepLast};
  const std::string wanted[] = {"a", "id"};
  weir::json::Fields fields(wanted);
  Lines lines;
  lines.start(std::string_view(text).substr(0, size));
  for (auto row = lines.next(); row != Lines::Row::end; row = lines.next()) {
    auto& cursor = lines.cursor();
    bool good = row == Lines::Row::value;
    if (good && cursor.kind() == weir::json::Kind::object) {
      good = cursor.enterObject();
      fields.begin();
      std::int32_t field = weir::json::Fields::kWrong;
      while (good && (field = fields.next(cursor)) >= 0) {
        std::string_view raw;
        good = cursor.getRaw(raw);
      }
      good = good && field == weir::json::Fields::kEnd;
    } else if (good) {
      good = cursor.skip();
    }
    good = good && lines.finishRow();
    const auto line = lines.line();
    const auto document = weir::json::parse(line, options);
    const bool knownDifference =
        line.starts_with("\xEF\xBB\xBF") || (!document && document.error().code == "json.number_range");
    if (good != document.has_value() && !knownDifference) std::abort();
    if (!good && lines.error().message.empty()) std::abort();
  }
  return 0;
}
