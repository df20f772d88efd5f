// Fuzzes the comparison and the merge of three documents, separated by form feeds.
#include "engine/flow/flow-merge.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/data/check.h"
#include "engine/flow/describe-diff.h"
#include "engine/flow/format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace flow = weir::flow;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::array<std::string_view, 3> texts;
  for (auto& text : texts) {
    const auto end = rest.find('\f');
    text = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  const auto base = flow::parseFlow(texts[0]), ours = flow::parseFlow(texts[1]), theirs = flow::parseFlow(texts[2]);
  if (!ours || !theirs) return 0;
  const auto diff = flow::diffFlows(*ours, *theirs, {.all = true});
  WEIR_CHECK(flow::textOf(diff, false).empty() == diff.empty());
  static_cast<void>(flow::markdownOf(diff));
  static_cast<void>(flow::toJson(diff));
  static_cast<void>(flow::listingOf(flow::canonicalFlow(*ours)));
  const auto merge = flow::mergeFlows(base ? &*base : nullptr, *ours, *theirs);
  WEIR_CHECK(merge.has_value());
  WEIR_CHECK(flow::parseFlow(merge->text).has_value());
  static_cast<void>(flow::withMarkers(*merge));
  const auto same = flow::mergeFlows(base ? &*base : nullptr, *ours, *ours);
  WEIR_CHECK(same.has_value() && same->conflicts.empty() && same->text == flow::formatFlow(*ours));
  return 0;
}
