// Reads CSV files through a run into a sink that counts: csv-files GLOB COLUMN,COLUMN... [WORKERS] [REPEATS]
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/runtime/run.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/native-codecs.h"
#include "hosts/native/native-files.h"
#include "hosts/native/stderr-log.h"
#include "hosts/native/thread-workers.h"
#include "nodes/files/csv-read/csv-read.gen.h"

namespace weir {
namespace {

std::atomic<std::int64_t> countedRows{0};

class Count final : public Stateless {
 public:
  Result<Flow> process(const Batch& batch, StepIo&) const override {
    countedRows += batch.rows();
    return Flow::more;
  }
};

Result<NodePtr> makeCount(const json::Value&, NodeContext&) { return makeStateless<Count>(); }

NodeType typeOf(std::string id, Result<NodePtr> (*make)(const json::Value&, NodeContext&), bool source) {
  NodeType type;
  type.id = std::move(id);
  type.make = make;
  PortSpec rows;
  rows.name = "rows";
  PortSpec error;
  error.name = "error";
  (source ? type.outputs : type.inputs).push_back(rows);
  type.outputs.push_back(error);
  return type;
}

PlannedNode nodeOf(const NodeType& type, FieldSet needed, int depth) {
  PlannedNode node;
  node.id = type.id;
  node.type = &type;
  node.inputs = type.inputs;
  node.outputs = type.outputs;
  node.settings = json::Value::object();
  node.needed.assign(type.outputs.size(), needed);
  node.depth = depth;
  return node;
}

FieldSet fieldsOf(std::string_view names) {
  auto fields = FieldSet::none();
  while (!names.empty()) {
    const auto comma = names.find(',');
    fields.add(names.substr(0, comma));
    names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
  }
  return fields;
}

int measure(const char* glob, const FieldSet& needed, int workers) {
  const auto read = typeOf("files/csv-read", nodes::csv_read::makeFromJson, true);
  const auto count = typeOf("count", makeCount, false);
  Plan plan;
  plan.nodes = {nodeOf(read, needed, 0), nodeOf(count, FieldSet::everything(), 1)};
  plan.nodes[0].settings.set("path", glob);
  PlannedEdge edge;
  edge.id = "rows";
  edge.target = 1;
  plan.edges.push_back(edge);
  native::NativeClock clock;
  native::Mounts mounts;
  mounts.add("project", ".");
  mounts.addAbsolute("/**");
  native::NativeFiles files(mounts, {});
  native::NativeCodecs codecs;
  native::StderrLog log;
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  hosts.add<Codecs>(codecs);
  hosts.add<Log>(log);
  native::ThreadWorkers pool(workers, clock);
  const auto start = std::chrono::steady_clock::now();
  auto run = Run::make(std::move(plan), {}, hosts, pool);
  if (!run) {
    std::fprintf(stderr, "%s\n", run.error().message.c_str());
    return 1;
  }
  const auto result = (*run)->drive();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%.3f s, %lld rows, exit code %d %s\n", took.count(), static_cast<long long>(countedRows.exchange(0)),
              result.exitCode(), result.error ? result.error->message.c_str() : "");
  return result.exitCode();
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("csv-files GLOB COLUMN,COLUMN... [WORKERS] [REPEATS]\n", stderr);
    return 2;
  }
  const int repeats = argc > 4 ? std::atoi(argv[4]) : 5;
  int code = 0;
  for (int i = 0; i < repeats; ++i) {
    code = weir::measure(argv[1], weir::fieldsOf(argv[2]), argc > 3 ? std::atoi(argv[3]) : 2);
  }
  return code;
}
