// Runs that go over to another version of their flow, and runs that cannot go on with what they have left behind.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/engines/supervisor.h"

namespace weir::engines {

using store::RunState;

namespace {

constexpr std::size_t kMostReports = 5;

/// Oldest first.
std::vector<std::string> reportNames(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    auto name = at->path().filename().string();
    if (name.starts_with("crash-") && name.ends_with(".json")) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

/// What a run has left behind is not what this program, or this version of its flow, can go on from.
bool Supervisor::isHeldFor(std::string_view code) {
  static constexpr std::string_view kCodes[] = {
      "journal.corrupt",    "journal.newer_version", "journal.other_run", "journal.sealed", "seal.key",
      "seal.newer_version", "state.changed",         "state.corrupt",     "state.mismatch", "state.version",
  };
  return std::ranges::contains(kCodes, code);
}

void Supervisor::holdIntake(Managed& run) {
  auto& record = run.stored.record;
  if (!record.wanted) return;
  auto why = options_.held(record.folder);
  if (why.empty() == run.heldWhy.empty()) return;
  engines_.holdIntake(run.number, why);
  if (record.why.empty() || record.why == run.heldWhy) record.why = why;
  run.heldWhy = std::move(why);
  changed(run);
}

bool Supervisor::change(const std::string& id, RunVersion version) {
  const auto found = managed_.find(id);
  if (found == managed_.end() || isOver(found->second.stored.record.state)) return false;
  auto& run = found->second;
  auto& record = run.stored.record;
  if (run.next || !record.wanted) return false;
  const bool restart = version.restart;
  run.next = std::move(version);
  if (!run.going) {
    becomeNext(run);
  } else if (restart) {
    record.why = "it ends behind a checkpoint, and goes on with another version";
    run.cancelAtMs = nowMs() + options_.drainMs;
    engines_.checkpoint(run.number);
    changed(run);
  } else {
    std::string text;
    json::Writer out(text);
    out.beginObject().key("number").value(static_cast<std::int64_t>(++changes_)).key("flow").value(run.next->document);
    out.key("keepState").value(run.next->keepState).endObject();
    record.why = "it goes over to another version";
    engines_.change(run.number, std::move(text));
    changed(run);
  }
  moved_.wake();
  return true;
}

void Supervisor::saveAll() {
  for (auto& [id, run] : managed_) {
    // A replay of dead letters keeps no checkpoints.
    if (!run.going || !run.stored.record.replay.empty()) continue;
    run.saves = true;
    engines_.save(run.number);
  }
}

std::vector<std::string> Supervisor::unsaved() const {
  std::vector<std::string> ids;
  for (const auto& [id, run] : managed_) {
    if (run.saves) ids.push_back(id);
  }
  return ids;
}

/// What it was to go over to is what it runs.
void Supervisor::becomeNext(Managed& run) {
  auto& record = run.stored.record;
  record.version = run.next->number;
  run.stored.document = std::move(run.next->document);
  run.resumeChanged = run.resumeChanged || run.next->keepState;
  run.next.reset();
  run.versionChanged = true;
  changed(run);
}

void Supervisor::takeChange(Managed& run, const std::string& json) {
  if (!run.next || run.next->restart) return;
  const auto told = json::parse(json);
  const auto* state = told ? told->root().find("state") : nullptr;
  auto& record = run.stored.record;
  record.why.clear();
  if (state != nullptr && state->asString() != nullptr && *state->asString() == "applied") {
    becomeNext(run);
  } else {
    const auto* why = told ? told->root().findPointer("/error/message") : nullptr;
    record.why = "it goes on as it was, with version " + std::to_string(record.version) + ": " +
                 (why != nullptr && why->asString() != nullptr ? *why->asString() : std::string("the change failed"));
    run.next.reset();
    changed(run);
  }
  if (const auto found = told_.find(record.id); found != told_.end()) found->second.events->add("run-changed", json);
}

/// It cannot go on with what it has left, and waits for people: nothing is lost meanwhile.
void Supervisor::hold(Managed& run, std::string why) {
  finish(run, RunState::held);
  run.stored.record.why = std::move(why) + "; mend that and resume the run, or stop it";
  run.stored.record.endedAt = 0;
}

/// Beside what the run has left for going on; the newest few.
void Supervisor::keepReport(const Managed& run, const std::string& report) const {
  const auto folder = std::filesystem::path(options_.runsFolder) / run.stored.record.id;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto at = std::to_string(clock_.nowMicros() / 1000);
  std::ofstream file(folder / ("crash-" + at + ".json"));
  file << "{\"at\":" << at << "," << std::string_view(report).substr(1);
  file.close();
  auto names = reportNames(folder);
  for (std::size_t i = 0; i + kMostReports < names.size(); ++i) std::filesystem::remove(folder / names[i], error);
}

std::vector<std::string> Supervisor::crashes(const std::string& id) const {
  const auto folder = std::filesystem::path(options_.runsFolder) / id;
  std::vector<std::string> reports;
  auto names = reportNames(folder);
  std::ranges::reverse(names);
  for (const auto& name : names) {
    std::ifstream file(folder / name);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (json::parse(text)) reports.push_back(std::move(text));
  }
  return reports;
}

}  // namespace weir::engines
