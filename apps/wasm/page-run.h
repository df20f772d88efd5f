// PageRun: one run of a flow in a page: worked in slices, watched by the live protocol, read by its outlets.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/wasm/page-rows.h"
#include "apps/wasm/page.h"
#include "engine/data/arrow-c.h"
#include "engine/flow/problem.h"
#include "engine/host/state-store.h"
#include "engine/live/session.h"
#include "engine/runtime/run.h"

namespace weir::wasm {

/// One loop: who calls work() is the only worker.
class PageWorkers final : public Workers {
 public:
  [[nodiscard]] int count() const override { return 1; }
  void notify() override {}
  void drive(WorkSource& source) override;
};

/// Failed rows that had nowhere to go: the first ones are kept for the person, all are counted.
class PageDeadLetters final : public DeadLetters {
 public:
  static constexpr std::size_t kMost = 1'000;
  Result<void> add(std::span<const ErrorPacket> packets) override;
  /// One JSON object a line.
  [[nodiscard]] const std::string& lines() const { return lines_; }

 private:
  std::string lines_;
  std::size_t kept_ = 0;
};

class PageRun {
 public:
  /// Every problem of the document or of the request.
  [[nodiscard]] static std::expected<std::unique_ptr<PageRun>, flow::Problems> make(Page& page, std::string_view flow,
                                                                                    std::string_view request);
  /// Over other files than the page's; they outlive the run.
  [[nodiscard]] static std::expected<std::unique_ptr<PageRun>, flow::Problems> make(Page& page, const Hosts& hosts,
                                                                                    std::string_view flow,
                                                                                    std::string_view request);
  /// What make() calls.
  PageRun(Page& page, const Hosts& hosts, std::string flow);
  ~PageRun();
  PageRun(const PageRun&) = delete;
  PageRun& operator=(const PageRun&) = delete;

  [[nodiscard]] const std::string& id() const { return about_.run; }
  /// Ids of the nodes behind the outlets that were asked for, in that order.
  [[nodiscard]] const std::vector<std::string>& outlets() const { return outlets_; }

  static constexpr double kFinished = -1, kIdle = -2;
  /// Works for about so long. Gives kFinished, kIdle (until a call is answered, an outlet has credit or an inlet rows),
  /// 0 (there is more to do), or when the next timer is due, in microseconds since 1970.
  [[nodiscard]] double work(double budgetMs);
  void drain() { run_->drain(); }
  void cancel() { run_->cancel(); }
  /// Once work has said kFinished: outcome, error, counts, as JSON.
  [[nodiscard]] const std::string& resultJson() const { return result_; }
  [[nodiscard]] std::string_view outcome() const { return outcome_; }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] const std::string& deadLetters() const { return letters_.lines(); }

  /// The next batch of an outlet as Arrow's C structs, until release or the next call; null: none waits.
  struct Exported {
    ArrowArray array{};
    ArrowSchema schema{};
    std::int64_t bytes = 0;
  };
  [[nodiscard]] const Exported* read(std::string_view outlet);
  /// The same as NDJSON, appended; gives what it counts against the credit, -1 if none waits.
  [[nodiscard]] std::int64_t readJson(std::string_view outlet, std::string& lines);
  void credit(std::string_view outlet, std::int64_t bytes) { rows_.outlet(outlet).credit(bytes); }
  [[nodiscard]] bool ended(std::string_view outlet) { return rows_.outlet(outlet).ended(); }

  /// NDJSON for an inlet; if a line is no JSON nothing is written.
  [[nodiscard]] Result<void> writeJson(std::string_view inlet, std::string_view lines);
  /// Takes both over, also on an error.
  [[nodiscard]] Result<void> writeArrow(std::string_view inlet, ArrowArray* array, ArrowSchema* schema);
  void endInlet(std::string_view inlet) { rows_.inlet(inlet).end(); }
  [[nodiscard]] std::int64_t waiting(std::string_view inlet) { return rows_.inlet(inlet).waitingBytes(); }

  /// A watcher of the live protocol: control messages in, length-prefixed frames out.
  [[nodiscard]] std::uint32_t watch();
  [[nodiscard]] Result<void> receive(std::uint32_t watcher, std::string_view control);
  /// What is due for it since the last time.
  [[nodiscard]] std::string due(std::uint32_t watcher);
  void unwatch(std::uint32_t watcher) { watchers_.erase(watcher); }

 private:
  void finish();
  /// At alerts and held rows, if it is time.
  void look(std::int64_t nowNanos);
  void releaseExported();
  [[nodiscard]] static flow::Problems problemOf(const Error& error);

  Page& page_;
  Hosts hosts_;
  PageWorkers workers_;
  PageDeadLetters letters_;
  std::unique_ptr<StateStore> state_;
  live::About about_;
  live::SavedSessions saved_;
  std::unique_ptr<Run> run_;
  // Batches that wait are charged to the run: they go before it.
  PageRows rows_;
  Exported exported_;
  std::vector<std::string> outlets_;
  std::map<std::uint32_t, std::unique_ptr<live::Session>> watchers_;
  std::uint32_t lastWatcher_ = 0;
  std::int64_t alertsAtNanos_ = 0;
  bool finished_ = false;
  std::string result_;
  std::string_view outcome_;
  std::optional<Error> error_;
};

}  // namespace weir::wasm
