// files/text-read -> text/grep -> files/text-write over a tree of logs, through the runtime and the native hosts.
//
//   bench_grep-lines LOGS OUT [pattern [threads [repeats [source|node]]]]
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/runtime/run.h"
#include "hosts/native/mounts.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/native-files.h"
#include "hosts/native/thread-workers.h"
#include "nodes/files/text-read/text-read.gen.h"
#include "nodes/files/text-write/text-write.gen.h"
#include "nodes/text/grep/grep.gen.h"

namespace {

using namespace weir;

NodeType typeOf(std::string id, bool in, int outs, Result<NodePtr> (*make)(const json::Value&, NodeContext&)) {
  NodeType type;
  type.id = std::move(id);
  type.make = make;
  PortSpec port;
  port.name = "rows";
  if (in) type.inputs.push_back(port);
  for (int i = 0; i < outs; ++i) type.outputs.push_back(port);
  port.name = "error";
  type.outputs.push_back(port);
  return type;
}

json::Value settingsOf(std::initializer_list<std::pair<const char*, std::string>> members) {
  auto value = json::Value::object();
  for (const auto& [name, text] : members) value.set(name, json::Value(text));
  return value;
}

double cpuSeconds() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
         static_cast<double>(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
}

double runOnce(const std::string& logs, const std::string& target, const std::string& pattern, int threads,
               bool accept) {
  const auto read = typeOf("files/text-read", false, 1, nodes::text_read::makeFromJson);
  const auto grep = typeOf("text/grep", true, 2, nodes::grep::makeFromJson);
  const auto write = typeOf("files/text-write", true, 0, nodes::text_write::makeFromJson);
  Plan plan;
  const NodeType* types[] = {&read, &grep, &write};
  const json::Value settings[] = {settingsOf({{"path", logs + "/**/*.log"}}), settingsOf({{"pattern", pattern}}),
                                  settingsOf({{"path", target}})};
  for (int i = 0; i < 3; ++i) {
    PlannedNode node;
    node.id = types[i]->id;
    node.type = types[i];
    node.inputs = types[i]->inputs;
    node.outputs = types[i]->outputs;
    node.settings = settings[i];
    FieldSet line = FieldSet::none();
    line.add("line");
    node.needed.assign(types[i]->outputs.size(), line);
    node.acceptedFilter.assign(types[i]->outputs.size(), -1);
    if (i == 0 && accept) node.acceptedFilter[0] = 1;
    node.depth = i;
    plan.nodes.push_back(std::move(node));
  }
  for (std::int32_t i = 0; i < 2; ++i) {
    PlannedEdge edge;
    edge.id = "e" + std::to_string(i);
    edge.source = i;
    edge.target = i + 1;
    plan.edges.push_back(std::move(edge));
  }
  native::NativeClock clock;
  native::Mounts mounts;
  mounts.add("project", ".");
  mounts.addAbsolute("/**");
  native::NativeFiles files(std::move(mounts), native::FileLimits{});
  native::ThreadWorkers workers(threads, clock);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  const auto begin = std::chrono::steady_clock::now();
  auto run = Run::make(std::move(plan), RunOptions{}, hosts, workers);
  if (!run) {
    std::fprintf(stderr, "%s\n", run.error().message.c_str());
    std::exit(1);
  }
  const auto result = (*run)->drive();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (result.exitCode() != 0) {
    std::fprintf(stderr, "exit %d: %s\n", result.exitCode(), result.error ? result.error->message.c_str() : "");
  }
  for (const auto& node : (*run)->metrics().nodes) {
    std::printf("  %-18s in %10lld out %10lld busy %6.1f ms\n", node.id.c_str(), static_cast<long long>(node.rowsIn),
                static_cast<long long>(node.rowsOut), static_cast<double>(node.busyNanos) / 1e6);
  }
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "bench_grep-lines LOGS OUT [pattern [threads [repeats [source|node]]]]\n");
    return 2;
  }
  const std::string pattern = argc > 3 ? argv[3] : "ERROR|FATAL";
  const int threads = argc > 4 ? std::atoi(argv[4]) : 2;
  const int repeats = argc > 5 ? std::atoi(argv[5]) : 5;
  const std::string only = argc > 6 ? argv[6] : "";
  for (const bool accept : {true, false}) {
    if (only == (accept ? "node" : "source")) continue;
    std::vector<double> times;
    const auto before = cpuSeconds();
    for (int i = 0; i < repeats; ++i) times.push_back(runOnce(argv[1], argv[2], pattern, threads, accept));
    std::printf("CPU %.3f s a run; ", (cpuSeconds() - before) / repeats);
    std::ranges::sort(times);
    std::printf("%s: median %.3f s, best %.3f s\n", accept ? "filter in the source" : "filter in its node",
                times[times.size() / 2], times.front());
  }
  return 0;
}
