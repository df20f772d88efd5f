// Finding runs.
#include "apps/cli/live-runs.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <utility>

#include "hosts/native/live-client.h"
#include "hosts/native/run-sockets.h"

namespace weir::cli {
namespace {

std::atomic<bool> interrupted{false};

extern "C" void onInterrupt(int) { interrupted.store(true); }

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

std::int64_t numberIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : 0;
}

std::vector<std::string> textsIn(const json::Value& value, std::string_view key, std::string_view member) {
  std::vector<std::string> ids;
  const auto* list = value.find(key);
  if (list == nullptr || list->asArray() == nullptr) return ids;
  for (const auto& each : *list->asArray()) ids.push_back(textIn(each, member));
  return ids;
}

Result<LiveRun> reach(const std::string& folder, const std::string& id) {
  WEIR_ASSIGN(auto client, native::LiveClient::connect(folder, id));
  WEIR_ASSIGN(const auto about, client.ask("hello"));
  return LiveRun{id,
                 textIn(about, "flow"),
                 textIn(about, "version"),
                 textIn(about, "file"),
                 numberIn(about, "process"),
                 numberIn(about, "elapsedMicros"),
                 textsIn(about, "nodes", "id"),
                 textsIn(about, "edges", "id"),
                 textsIn(about, "edges", "source"),
                 std::make_unique<native::LiveClient>(std::move(client))};
}

std::string listOf(const std::vector<std::pair<std::string, std::string>>& runs) {
  std::string text;
  for (const auto& [id, flow] : runs) text += (text.empty() ? "" : ", ") + id + " (" + flow + ")";
  return text;
}

}  // namespace

Result<std::vector<LiveRun>> liveRuns() {
  WEIR_ASSIGN(const auto folder, native::runFolder());
  std::vector<LiveRun> runs;
  for (const auto& id : native::socketsIn(folder)) {
    if (auto run = reach(folder, id)) runs.push_back(std::move(*run));
  }
  return runs;
}

Result<std::size_t> chooseRun(const std::vector<std::pair<std::string, std::string>>& runs, const std::string& name) {
  std::vector<std::pair<std::string, std::string>> meant;
  std::size_t last = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].first == name) return i;
    if (!runs[i].first.starts_with(name) && runs[i].second != name) continue;
    meant.push_back(runs[i]);
    last = i;
  }
  if (meant.size() == 1) return last;
  if (name.empty()) return fail("run.not_found", "several runs go on: " + listOf(meant) + "; give the id of one");
  if (!meant.empty()) return fail("run.not_found", "'" + name + "' can be " + listOf(meant) + "; give more of its id");
  return fail("run.not_found", "no run's id begins with '" + name + "'; there is " + listOf(runs));
}

Result<LiveRun> findRun(const std::string& name) {
  WEIR_ASSIGN(auto runs, liveRuns());
  if (runs.empty()) return fail("run.not_found", "no run goes on; 'weir run' starts one, 'weir runs' lists them");
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& run : runs) names.emplace_back(run.id, run.flow);
  WEIR_ASSIGN(const auto chosen, chooseRun(names, name));
  return std::move(runs[chosen]);
}

InterruptWatch::InterruptWatch() {
  interrupted.store(false);
  // Waits end when it comes, so no restarting of calls.
  struct sigaction action{};
  action.sa_handler = onInterrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

InterruptWatch::~InterruptWatch() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool InterruptWatch::seen() { return interrupted.load(); }

}  // namespace weir::cli
