// RowShelf: what runs have kept of the rows that passed through them, where a server has it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/data/error.h"
#include "engine/host/asker.h"

namespace weir::api {

/// A file that is given piece by piece. It blocks; one thread at a time.
class ShelfFile {
 public:
  virtual ~ShelfFile() = default;
  /// The next piece, in place of what `into` held; false: there is no more.
  [[nodiscard]] virtual Result<bool> next(std::string& into) = 0;
};

struct TraceWish {
  std::string run;
  std::string row;  // the beginning of its trace id; empty: all rows
  std::string cursor;
  std::int64_t limit = 100;
};

/// Its calls block. Thread-safe. Errors: `recording.not_found`, `trace.unknown_run`, `seal.*`, `files.io`,
/// `run.cancelled` once the asker is gone.
class RowShelf {
 public:
  virtual ~RowShelf() = default;
  /// A tar archive of what `weir replay` takes: one folder for each time that the run has begun.
  [[nodiscard]] virtual Result<std::shared_ptr<ShelfFile>> recording(const std::string& run, const Asker& asker) = 0;
  /// {run, every, steps: [{node, typeId, startNanos, …}], next?}
  [[nodiscard]] virtual Result<std::string> trace(const TraceWish& wish, const Asker& asker) = 0;
  /// How many bytes were freed.
  [[nodiscard]] virtual Result<std::int64_t> discardRecording(const std::string& run) = 0;
  [[nodiscard]] virtual Result<std::int64_t> discardTrace(const std::string& run) = 0;
};

}  // namespace weir::api
