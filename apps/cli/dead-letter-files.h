// Dead letters of `weir run`: kept in .weir/dead-letters/, in segments, safe on disk soon after they came, bounded.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/arrow-ipc.h"
#include "engine/host/clock.h"
#include "engine/host/files.h"
#include "engine/runtime/dead-letter.h"
#include "engine/runtime/run.h"
#include "hosts/native/sealing/sealed-log.h"

namespace weir::cli {

/// How much is kept in a folder: beyond it the oldest segments of ended runs and of this one go, and that is told.
struct LetterBounds {
  std::int64_t bytes = std::int64_t{1} << 30;
  std::int64_t ageMicros = std::int64_t{30} * 24 * 3600 * 1'000'000;
  std::int64_t segmentBytes = std::int64_t{64} << 20;
};

/// Arrow IPC streams of dead letters: RUN.arrows, RUN.2.arrows and so on. A segment is made with its first dead letter;
/// it is called `….weir-part` until it is whole, and holds complete batches at any time. A file that cannot be written
/// is closed, and nothing is tried after it. Thread-safe.
class DeadLetterFiles final : public DeadLetters {
 public:
  /// `folder` as it can be given to Files, such as "project:.weir/dead-letters". `tell` gets sentences for the person.
  /// With keys the segments are sealed logs (hosts/native/sealing/sealed-log.h) of such streams.
  DeadLetterFiles(Files& files, Clock& clock, std::string folder, std::string runId, LetterBounds bounds = {},
                  std::function<void(const std::string&)> tell = {}, native::FileKeys keys = {});
  /// Before anything is added: what an earlier process of the same run has written stays. Otherwise a run of the same
  /// id, such as one with a seed, writes over it.
  void keepEarlier() { keepsEarlier_ = true; }
  Result<void> add(std::span<const ErrorPacket> packets) override;
  /// What comes after it begins a new segment.
  Result<void> close() override;
  /// Writes what has waited for a moment and makes it safe on disk; to be called several times a second.
  void flushWaiting();
  /// Removes what is beyond the bounds.
  void prune();

  /// Where they are once it is closed (the first segment), or empty if there were none.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Why they are not kept.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  /// The first few, for the person.
  [[nodiscard]] const std::vector<ErrorPacket>& firstFew() const { return first_; }
  /// All of this run's segments are removed again. After close.
  void takeBack();

 private:
  Result<void> flush();
  Result<void> publish();
  Result<void> open();
  Result<void> beginBehindOthers();
  Result<void> write(std::string_view bytes);
  /// What the stream's writer has given since it was last called.
  Result<void> writeOut();
  /// Gives up after an error, which it passes on.
  Result<void> settled(Result<void> done);
  void pruneLocked();
  [[nodiscard]] std::string segmentPath(int segment) const;

  Files& files_;
  Clock& clock_;
  std::string folder_, runId_, path_, part_;
  LetterBounds bounds_;
  std::function<void(const std::string&)> tell_;
  std::mutex syncing_;  // taken before mutex_: the file stays open while it is synced
  std::mutex mutex_;
  std::optional<Error> failure_;
  FileId file_ = -1;
  int segment_ = 0, firstSegment_ = 1;
  bool keepsEarlier_ = false;
  std::int64_t end_ = 0, wholeBatches_ = 0;  // of the segment
  std::chrono::steady_clock::time_point waitingSince_;
  std::optional<ipc::StreamWriter> writer_;
  native::FileKeys keys_;
  std::optional<native::LogSealer> sealer_;
  std::string written_;  // and not in the file yet
  std::vector<DeadLetter> waiting_;
  std::int64_t waitingBytes_ = 0;
  std::vector<ErrorPacket> first_;
};

}  // namespace weir::cli
