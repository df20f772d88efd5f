// How long a row takes from the moment it is due to the last of five nodes, at 1,000 rows a second, one row a batch.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/flow/document.h"
#include "engine/flow/make-plan.h"
#include "engine/node/catalogue.h"
#include "engine/runtime/run.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/thread-workers.h"
#include "nodes/catalogue.gen.h"

namespace weir {
namespace {

native::NativeClock clockOfAll;
std::vector<std::int64_t> waits;  // microseconds

constexpr std::int64_t kIntervalMicros = 1000;

/// Takes the time when the row was due from the time it is. A row's `ts` is the beginning of the interval at whose end
/// it is due.
class Late final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo&) override {
    const auto now = clockOfAll.nowMicros();
    for (const auto ts : batch.column("ts")->ints()) waits.push_back(now - ts - kIntervalMicros);
    return Flow::more;
  }
};

NodeType lateType() {
  NodeType type;
  type.id = "bench/late";
  type.cardinality = Cardinality::sink;
  PortSpec port;
  port.name = "rows";
  type.inputs.push_back(port);
  port.name = "error";
  type.outputs.push_back(port);
  type.make = [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Late>(); };
  return type;
}

/// The flow with its last two nodes, count and show, replaced by the one that measures.
bool replaceEnd(Plan& plan, const NodeType& late) {
  if (plan.nodes.size() != 6 || plan.edges.size() != 5) return false;
  plan.nodes.pop_back();
  plan.edges.pop_back();
  plan.nodes.back().type = &late;
  plan.nodes.back().outputs = late.outputs;
  for (auto& node : plan.nodes) node.needed.assign(node.outputs.size(), FieldSet::everything());
  return true;
}

int measure(const std::string& path, int threads) {
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto document = flow::parseFlow(text);
  const auto catalogue = Catalogue::make(builtinNodes());
  if (!document || !catalogue) return 2;
  flow::PlanOptions planning;
  planning.parameters.emplace("rows", json::Value(std::string("3000")));
  auto plan = flow::makePlan(*document, *catalogue, planning);
  const auto late = lateType();
  if (!plan || !replaceEnd(*plan, late)) return 2;
  native::ThreadWorkers pool(threads, clockOfAll);
  Hosts hosts;
  hosts.add<Clock>(clockOfAll);
  const auto run = Run::make(std::move(*plan), RunOptions{}, hosts, pool);
  if (!run) return 1;
  const auto result = (*run)->drive();
  if (waits.empty()) return 1;
  std::ranges::sort(waits);
  const auto at = [](double q) { return waits[static_cast<std::size_t>(q * static_cast<double>(waits.size() - 1))]; };
  std::printf(
      "one row a batch at 1,000/s, from due to the last of five nodes: p50 %lld us, p99 %lld us, longest %lld us\n",
      static_cast<long long>(at(0.5)), static_cast<long long>(at(0.99)), static_cast<long long>(waits.back()));
  return result.exitCode();
}

}  // namespace
}  // namespace weir

/// paced FLOW [THREADS]
int main(int count, char** words) {
  if (count < 2) return 2;
  return weir::measure(words[1], count > 2 ? std::atoi(words[2]) : 2);
}
