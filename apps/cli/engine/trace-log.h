// TraceLog: what sampled rows of a run went through, written as the run goes on, for `weir trace` and the server.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "engine/host/log.h"
#include "engine/runtime/run.h"
#include "hosts/native/sealing/sealed-log.h"

namespace weir::cli {

/// Files 000001.ndjson and so on, each of which can be read by itself: a line about the run with its nodes, again where
/// nodes came, then a line for each step (trace-files.h). With keys they are sealed logs of such lines. The oldest go
/// where all have too many bytes. Files of an earlier process of the run stay. One thread at a time.
class TraceLog {
 public:
  TraceLog(std::string folder, native::FileKeys keys, std::string run, std::int64_t every, std::int64_t bytes);
  /// Writes what came since the last look. After an error, which the log is told, nothing is written any more.
  void look(const Run& run, Log& log);

 private:
  /// False: there is no more.
  Result<bool> take(const Run& run);
  Result<void> begin();
  Result<void> write(std::string_view lines);
  void dropOld();

  std::string folder_, run_;
  native::FileKeys keys_;
  std::int64_t every_, bytes_;
  std::ofstream file_;
  std::optional<native::LogSealer> sealer_;
  std::int64_t fileBytes_ = 0, next_ = 0, forgotten_ = 0;
  std::size_t nodes_ = 0;
  bool failed_ = false;
};

}  // namespace weir::cli
