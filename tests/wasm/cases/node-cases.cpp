// Runs a node's cases.json over the simulation host.
#include "tests/wasm/cases/cases.h"

namespace weir::cases {

std::string runNodeCases(std::string_view node, std::string_view, const CaseSettings&) {
  std::string line = R"({"node":")";
  line += node;
  line += R"(","case":"all","outcome":"skip","got":null,"why":"the case runner is not wired to the engine"})";
  line += '\n';
  return line;
}

}  // namespace weir::cases
