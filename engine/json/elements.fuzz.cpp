// Lists in windows: whatever the bytes and the cuts, what the reader of whole documents accepts has the same elements.
#include "engine/json/elements.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/json/document.h"

namespace {

using weir::json::Elements;
using weir::json::Fault;

/// How many elements a text has, -1 if it is wrong. `piece`: by how many bytes its window grows.
std::int64_t elementsOf(std::string_view text, std::size_t piece, std::uint32_t windowBytes) {
  Elements elements(windowBytes);
  elements.begin();
  std::int64_t count = 0;
  bool wrong = false;
  for (std::size_t from = 0, to = 0;;) {
    to = text.size() - to > piece ? to + piece : text.size();
    std::string window(text.substr(from, to - from));
    window.append(static_cast<std::size_t>(weir::json::kPaddingBytes), '\0');
    elements.open(std::string_view(window).substr(0, to - from), to == text.size());
    auto step = elements.next();
    for (; step == Elements::Step::element || step == Elements::Step::wrong; step = elements.next()) {
      if (step == Elements::Step::element && elements.cursor().skip() && elements.finishElement()) {
        ++count;
        continue;
      }
      wrong = true;
      const auto problem = elements.problem();
      if (problem.ok() || problem.position > window.size()) std::abort();
      if (problem.fault != Fault::loneSurrogate && problem.fault != Fault::tooDeep) return -1;
      elements.skipElement();
    }
    if (step == Elements::Step::end) return wrong ? -1 : count;
    if (to == text.size()) std::abort();  // there is no more
    from += elements.done();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (text.starts_with("\xEF\xBB\xBF")) return 0;
  const auto cut = elementsOf(text, data[0] + std::size_t{1}, data[1] + 1U);
  if (cut != elementsOf(text, text.size() + 1, 1U << 16U)) std::abort();
  const auto document = weir::json::parse(text, {.duplicateKeys = weir::json::DuplicateKeys::keepLast});
  const auto* list = document ? document->root().asArray() : nullptr;
  if (list != nullptr && cut != static_cast<std::int64_t>(list->size())) std::abort();
  // Numbers that are only stepped over may be out of range.
  const bool refused = !document && document.error().code != "json.number_range";
  if ((refused || (document && list == nullptr)) && cut >= 0) std::abort();
  return 0;
}
