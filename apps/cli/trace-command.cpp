// weir trace: the way of one row through a run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/progress.h"
#include "apps/cli/server-rows.h"
#include "engine/json/document.h"
#include "engine/text/printable.h"
#include "engine/time/instant.h"

namespace weir::cli {
namespace fs = std::filesystem;
namespace {

struct Step {
  std::size_t node = 0;
  std::int64_t startNanos = 0, endNanos = 0, rows = 0, tries = 1, parentsBeyond = 0;
  std::vector<std::string> taken, failed, made, parents;
  std::vector<std::pair<std::string, std::size_t>> given;  // and the port
};

struct NodeOf {
  std::string id;
  std::vector<std::string> outputs{};
};

struct Traces {
  std::string run;
  std::int64_t every = 0, forgotten = 0;
  std::vector<NodeOf> nodes;
  std::vector<Step> steps;
};

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

std::int64_t numberIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : 0;
}

std::vector<std::string> textsIn(const json::Value& value, std::string_view key) {
  std::vector<std::string> out;
  const auto* found = value.find(key);
  if (found == nullptr || found->asArray() == nullptr) return out;
  for (const auto& item : *found->asArray()) {
    if (item.asString() != nullptr) out.push_back(*item.asString());
  }
  return out;
}

Step stepOf(const json::Value& value) {
  Step step;
  step.node = static_cast<std::size_t>(std::max<std::int64_t>(0, numberIn(value, "node")));
  step.startNanos = numberIn(value, "startNanos");
  step.endNanos = numberIn(value, "endNanos");
  step.rows = numberIn(value, "rows");
  step.tries = numberIn(value, "tries");
  step.parentsBeyond = numberIn(value, "parentsBeyond");
  step.taken = textsIn(value, "taken");
  step.failed = textsIn(value, "failed");
  step.made = textsIn(value, "made");
  step.parents = textsIn(value, "parents");
  const auto* given = value.find("given");
  if (given == nullptr || given->asArray() == nullptr) return step;
  for (const auto& item : *given->asArray()) {
    const auto* pair = item.asArray();
    if (pair == nullptr || pair->size() != 2 || (*pair)[0].asString() == nullptr || (*pair)[1].asInt64() == nullptr)
      continue;
    step.given.emplace_back(*(*pair)[0].asString(), static_cast<std::size_t>(*(*pair)[1].asInt64()));
  }
  return step;
}

Result<Traces> readTraces(const std::string& path) {
  WEIR_ASSIGN(const auto text, readText(path));
  Traces traces;
  std::string_view rest = text;
  bool first = true;
  for (std::int64_t line = 1; !rest.empty(); ++line) {
    const auto end = rest.find('\n');
    const auto document = json::parse(rest.substr(0, end));
    if (!document) return fail("trace.invalid", "'" + path + "', line " + std::to_string(line) + " is no trace");
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    const auto& value = document->root();
    if (!first) {
      traces.steps.push_back(stepOf(value));
      continue;
    }
    first = false;
    traces.run = textIn(value, "run");
    traces.every = numberIn(value, "every");
    traces.forgotten = numberIn(value, "forgottenSteps");
    const auto* nodes = value.find("nodes");
    if (nodes == nullptr || nodes->asArray() == nullptr) return fail("trace.invalid", "'" + path + "' is no trace");
    for (const auto& node : *nodes->asArray()) traces.nodes.push_back({textIn(node, "id"), textsIn(node, "outputs")});
  }
  std::ranges::stable_sort(traces.steps, {}, &Step::startNanos);
  std::erase_if(traces.steps, [&](const Step& step) { return step.node >= traces.nodes.size(); });
  return traces;
}

/// The index of `name` among the names of `list`, which it joins if it is new.
template <class List, class Name>
std::size_t indexIn(List& list, const std::string& name, Name nameOf) {
  const auto found = std::ranges::find(list, name, nameOf);
  const auto index = static_cast<std::size_t>(found - list.begin());
  if (found == list.end()) list.push_back({name});
  return index;
}

/// Steps of a server name nodes and ports.
Step namedStepOf(json::Value value, Traces& traces) {
  const auto node = indexIn(traces.nodes, textIn(value, "node"), &NodeOf::id);
  auto& outputs = traces.nodes[node].outputs;
  value.set("node", static_cast<std::int64_t>(node));
  auto* given = value.find("given");
  if (given != nullptr && given->asArray() != nullptr) {
    for (auto& item : *given->asArray()) {
      auto* pair = item.asArray();
      if (pair == nullptr || pair->size() != 2 || (*pair)[1].asString() == nullptr) continue;
      (*pair)[1] = static_cast<std::int64_t>(indexIn(outputs, *(*pair)[1].asString(), std::identity()));
    }
  }
  return stepOf(value);
}

Result<Traces> serverTraces(const ServerArguments& arguments, const std::string& name) {
  WEIR_ASSIGN(const auto server, ServerClient::make(arguments));
  Traces traces;
  WEIR_ASSIGN(traces.run, findKeptRun(*server, name, "trace"));
  WEIR_ASSIGN(const auto found, fetchTrace(*server, traces.run));
  traces.every = found.every;
  for (const auto& page : found.pages) {
    const auto* steps = page.root().find("steps");
    if (steps == nullptr || steps->asArray() == nullptr) return fail("trace.invalid", "the server gave no steps");
    for (const auto& step : *steps->asArray()) traces.steps.push_back(namedStepOf(step, traces));
  }
  std::ranges::stable_sort(traces.steps, {}, &Step::startNanos);
  return traces;
}

/// The file of a run: its id or how it begins; `last`: the newest.
Result<std::string> fileOf(const std::string& folder, const std::string& run) {
  const auto place = folder + "/.weir/traces";
  std::map<std::string, fs::file_time_type> found;
  std::error_code error;
  for (fs::directory_iterator at(place, error), end; !error && at != end; at.increment(error)) {
    std::error_code unknown;
    const auto name = at->path().stem().string();
    if (at->path().extension() == ".ndjson" && (run == "last" || name.starts_with(run)))
      found.emplace(at->path().string(), at->last_write_time(unknown));
  }
  if (run == "last" && !found.empty())
    return std::ranges::max_element(found, {}, &decltype(found)::value_type::second)->first;
  if (found.size() == 1) return found.begin()->first;
  return fail("trace.unknown_run", (found.empty() ? "there are no traces of run '" : "several runs begin with '") +
                                       run + "' in '" + place + "'; weir run --trace-rows N keeps them");
}

bool holds(const std::vector<std::string>& ids, const std::string& id) { return std::ranges::contains(ids, id); }

std::string placeText(const Traces& traces, const Step& step, const std::string& id) {
  if (holds(step.failed, id)) return "failed";
  std::string ports;
  for (const auto& [row, port] : step.given) {
    if (row != id) continue;
    const auto& outputs = traces.nodes[step.node].outputs;
    const auto name = port < outputs.size() ? outputs[port] : std::to_string(port);
    if (ports.find(name) == std::string::npos) ports += (ports.empty() ? "" : ", ") + name;
  }
  if (!ports.empty()) return "-> " + ports;
  return holds(step.made, id) ? "made here" : "";
}

void printWay(const Traces& traces, const std::string& id, int depth, std::set<std::string>& told) {
  if (!told.insert(id).second) return;
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  std::set<std::string> children;
  std::int64_t first = 0;
  for (const auto& step : traces.steps) {
    const bool taken = holds(step.taken, id), made = holds(step.made, id);
    const bool given = std::ranges::any_of(step.given, [&](const auto& row) { return row.first == id; });
    if (holds(step.parents, id)) children.insert(step.made.begin(), step.made.end());
    if (!taken && !made && !given && !holds(step.failed, id)) continue;
    if (first == 0) {
      first = step.startNanos;
      std::printf("%s%s  %s\n", indent.c_str(), id.c_str(), formatInstant(instantFromNanos(first)).c_str());
    }
    std::printf("%s  %-20s +%.3f ms  took %.3f ms%s%s  %s\n", indent.c_str(),
                printable(traces.nodes[step.node].id).c_str(), static_cast<double>(step.startNanos - first) / 1e6,
                static_cast<double>(step.endNanos - step.startNanos) / 1e6,
                step.rows > 1 ? (", among " + grouped(step.rows) + " rows").c_str() : "",
                step.tries > 1 ? (", try " + std::to_string(step.tries)).c_str() : "",
                printable(placeText(traces, step, id)).c_str());
  }
  for (const auto& child : children) {
    std::printf("%s  went into %s:\n", indent.c_str(), child.c_str());
    printWay(traces, child, depth + 2, told);
  }
}

void printParents(const Traces& traces, const std::string& id) {
  for (const auto& step : traces.steps) {
    if (!holds(step.made, id)) continue;
    std::printf("made by %s of rows among:\n", printable(traces.nodes[step.node].id).c_str());
    for (const auto& parent : step.parents) std::printf("  %s\n", parent.c_str());
    if (step.parentsBeyond > 0) std::printf("  and %s more\n", grouped(step.parentsBeyond).c_str());
  }
}

Result<Traces> tracesIn(const std::string& folder, const std::string& run) {
  WEIR_ASSIGN(const auto path, fileOf(folder, run));
  return readTraces(path);
}

Result<int> tellTrace(const Traces& traces, const std::string& wanted) {
  std::set<std::string> ids;
  for (const auto& step : traces.steps) {
    for (const auto* list : {&step.taken, &step.made, &step.failed}) {
      for (const auto& id : *list) {
        if (id.starts_with(wanted)) ids.insert(id);
      }
    }
  }
  if (wanted.empty()) {
    for (const auto& id : ids) std::printf("%s\n", id.c_str());
    return kDone;
  }
  if (ids.size() != 1) {
    return fail("trace.unknown", (ids.empty() ? "no sampled row of run " + traces.run + " has the trace '"
                                              : "several traces begin with '") +
                                     wanted + "'; 1 row in " + std::to_string(traces.every) + " was sampled" +
                                     (traces.forgotten > 0 ? ", and the oldest are no longer there" : ""));
  }
  std::set<std::string> told;
  printWay(traces, *ids.begin(), 0, told);
  printParents(traces, *ids.begin());
  return kDone;
}

}  // namespace

void addTrace(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand(
      "trace", "Show the way of a row through a run.\nOf runs with --trace-rows N, which keep 1 row in N.");
  struct Arguments {
    std::string run, trace, folder = ".";
    ServerArguments server;
  };
  auto arguments = std::make_shared<Arguments>();
  command->add_option("RUN", arguments->run, "The run's id or how it begins; last: the newest")->required();
  command->add_option("TRACE", arguments->trace, "The row's trace id or how it begins; default: list them");
  command->add_option("--in", arguments->folder, "The folder of the flow")->type_name("DIR")->capture_default_str();
  addServerWhenSaid(*command, arguments->server,
                    "Of a run of this server that was started with \"trace\", such as https://weir.example.com; RUN "
                    "may be its flow");
  addFooter(*command, "0 done\n2 wrong usage, or there is no such run or row",
            "weir trace last\nweir trace last 4bf92f3577b34da6\nweir trace last --server https://weir.example.com");
  command->callback([arguments, &exitCode] {
    const auto told = [&arguments]() -> Result<int> {
      const auto& server = arguments->server;
      WEIR_ASSIGN(const auto traces, server.url.empty() ? tracesIn(arguments->folder, arguments->run)
                                                        : serverTraces(server, arguments->run));
      return tellTrace(traces, arguments->trace);
    };
    finish(told(), exitCode);
  });
}

}  // namespace weir::cli
