// ProcessRunner: runs flows for the API in an engine process of their own, away from all kept flows.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/data/recent.h"
#include "engine/data/seen-before.h"
#include "engine/host/clock.h"
#include "engine/host/waker.h"
#include "engine/node/catalogue.h"
#include "service/api/runner.h"
#include "service/engines/engines.h"
#include "service/engines/sent-bytes.h"

namespace weir::engines {

/// What nodes may ask of an engine process.
[[nodiscard]] std::vector<std::string> engineHosts();
/// The same of a run of a kept flow, which requests can reach.
[[nodiscard]] std::vector<std::string> keptHosts();

/// Documents are checked here, so that what is wrong is said at once; an engine is only given what can run. What has
/// been found good lately is not checked again. One thread, but for look().
class ProcessRunner final : public api::Runner {
 public:
  /// `moved` is woken, from any thread, when a run has told something. All of them outlive the runner and its runs. No
  /// run has more than `mostMemoryBytes`, whatever it asks for.
  ProcessRunner(Engines& engines, const Catalogue& catalogue, Clock& clock, Waker moved, std::int64_t mostMemoryBytes)
      : engines_(engines),
        catalogue_(catalogue),
        clock_(clock),
        moved_(std::move(moved)),
        mostMemoryBytes_(mostMemoryBytes) {}
  /// Is told what executions send, from the thread of Engines, which it outlives.
  void whenSent(TellSent sent) { sent_ = std::move(sent); }
  [[nodiscard]] std::expected<std::shared_ptr<const void>, flow::Problems> look(
      const api::RunOrder& order, const flow::FlowDocument& document) override;
  [[nodiscard]] std::expected<std::unique_ptr<api::FlowRun>, flow::Problems> start(api::RunOrder order) override;

 private:
  /// Of a document that can be run with certain options.
  struct Checked {
    std::uint64_t documentHash = 0;
    std::string options;  // api::RunRequest as JSON, without an id
  };
  using CheckedResult = std::expected<std::shared_ptr<const Checked>, flow::Problems>;
  static constexpr std::size_t kMostBytes = std::size_t{2} << 20;

  [[nodiscard]] CheckedResult check(const api::RunOrder& order, const flow::FlowDocument& document);
  [[nodiscard]] CheckedResult checkAnew(const flow::FlowDocument& document, const json::Value& options) const;

  Engines& engines_;
  const Catalogue& catalogue_;
  Clock& clock_;
  Waker moved_;
  std::int64_t mostMemoryBytes_;
  TellSent sent_{};
  std::uint64_t started_ = 0;
  std::mutex lock_;  // of what follows
  SeenBefore seen_;
  Recent<Checked> recent_{kMostBytes};
};

}  // namespace weir::engines
