// Runs a node's cases.json over the simulation host.
#include "nodes/catalogue.gen.h"
#include "tests/contract/harness.h"
#include "tests/wasm/cases/cases.h"

namespace weir::cases {

std::string runNodeCases(std::string_view node, std::string_view casesJson, const CaseSettings& settings) {
  const auto catalogue = Catalogue::make(builtinNodes());
  if (!catalogue)
    return R"({"node":"all","case":"all","outcome":"fail","got":null,"why":"the catalogue is broken"})"
           "\n";
  return contract::reportCases(*catalogue, node, casesJson, settings.seed);
}

}  // namespace weir::cases
