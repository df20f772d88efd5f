// Fuzzes the reader, the formatter and the validation of flow documents.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/data/check.h"
#include "engine/flow/flow-test.h"
#include "engine/flow/format.h"
#include "engine/flow/graph.h"
#include "engine/flow/make-plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(weir::flow::parseFlowTests(text));
  const auto flow = weir::flow::parseFlow(text);
  if (!flow) return 0;
  const auto once = weir::flow::formatFlow(*flow);
  WEIR_CHECK(weir::flow::formatCanonical(weir::flow::canonicalFlow(*flow)) == once);
  const auto again = weir::flow::parseFlow(once);
  WEIR_CHECK(again.has_value());
  WEIR_CHECK(weir::flow::formatFlow(*again) == once);
  static_cast<void>(weir::flow::textGraph(*flow));
  static_cast<void>(weir::flow::dotGraph(*flow));
  const weir::Catalogue catalogue;
  static_cast<void>(weir::flow::makePlan(*flow, catalogue));
  return 0;
}
