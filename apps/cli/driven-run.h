// Drives a run from a terminal, and tells how it ended.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "apps/cli/command.h"
#include "apps/cli/dead-letter-files.h"
#include "apps/cli/listening.h"
#include "apps/cli/run-keeper.h"
#include "apps/cli/screen.h"
#include "apps/cli/signal-watch.h"
#include "apps/cli/trace-export.h"
#include "engine/runtime/run.h"

namespace weir::cli {

/// With a seed it is a function of document and seed, so that trace ids can be compared between runs.
[[nodiscard]] std::string newRunId(const Plan& plan, std::optional<std::uint64_t> seed, Clock& clock);

/// Runs it to its end, with progress, signals, events and dead letters that are soon on the disk; null: nobody can
/// watch it from outside. Traces go to `traces` while it runs, new versions come from `watch`; `meter`
/// ends it when it has sent more than it may.
[[nodiscard]] RunResult driveRun(Run& run, const Shared& shared, Screen& screen, DeadLetterFiles& letters,
                                 EventFile& events, const Listening* listening = nullptr, TraceExport* traces = nullptr,
                                 FlowWatch* watch = nullptr, FirstSignal first = FirstSignal::drains,
                                 std::shared_ptr<native::NetworkMeter> meter = nullptr);

/// The error and the dead letters, on standard error.
void tellEnd(const RunResult& result, const DeadLetterFiles& deadLetters, const std::string& projectFolder);

}  // namespace weir::cli
