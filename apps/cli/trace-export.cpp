// Looks, the end, and what is said about it.
#include "apps/cli/trace-export.h"

#include <chrono>
#include <thread>

#include "apps/cli/flow-file.h"
#include "apps/cli/progress.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

using Steady = std::chrono::steady_clock;
constexpr auto kLongestEnd = std::chrono::seconds(5), kLongestEndWhenAway = std::chrono::seconds(1);

}  // namespace

bool isCollector(const std::string& target) { return target.starts_with("http://") || target.starts_with("https://"); }

Result<TraceExport> TraceExport::make(const std::string& url, const std::vector<std::string>& headers,
                                      const Hosts& hosts, const std::string& runId, Screen& screen) {
  OtlpTarget target;
  target.url = url;
  WEIR_ASSIGN(const auto pairs, namedTexts(headers, "--otlp-header"));
  for (const auto& [name, value] : pairs) target.headers.push_back({name, value});
  WEIR_ASSIGN(auto made, OtlpExport::make(*hosts.get<Http>(), std::move(target), runId));
  return TraceExport(std::move(made), *hosts.get<Clock>(), screen);
}

void TraceExport::collect(const Run& run) {
  const auto collected = [&] {
    // The plan after the steps: it has all nodes that they name.
    const auto steps = run.tracesFrom(export_.nextStep(), OtlpExport::kStepsAtOnce);
    return export_.collect(steps, run.planEver());
  };
  while (!collected()) {
  }
}

void TraceExport::look(const Run& run) {
  collect(run);
  export_.tick(clock_->steadyNanos());
  tell();
}

void TraceExport::tell() {
  const auto& problem = export_.counts().problem;
  if (away_ == !problem.empty()) return;
  away_ = !problem.empty();
  screen_->lines(away_ ? "warning: traces are not taken, the run goes on: " + printable(problem) + "\n"
                       : "traces are taken again by " + printable(export_.url()) + "\n");
}

void TraceExport::finish(const Run& run) {
  collect(run);
  export_.hurry();
  const auto until = Steady::now() + (away_ ? kLongestEndWhenAway : kLongestEnd);
  while (!export_.idle() && Steady::now() < until) {
    export_.tick(clock_->steadyNanos());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  tell();
  export_.giveUp();
  const auto& counts = export_.counts();
  if (counts.dropped > 0) {
    screen_->lines("warning: " + grouped(counts.dropped) + " of " + grouped(counts.sent + counts.dropped) +
                   " spans did not reach " + printable(export_.url()) + "\n");
  }
  if (counts.forgotten > 0) {
    screen_->lines("warning: " + grouped(counts.forgotten) +
                   " executions were traced faster than they could be exported; sample fewer rows\n");
  }
}

}  // namespace weir::cli
