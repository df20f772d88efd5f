// Dead letters of `weir run`: kept in .weir/dead-letters/, one file a run, listed at the end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/arrow-ipc.h"
#include "engine/data/packet.h"
#include "engine/host/files.h"
#include "engine/runtime/run.h"

namespace weir::cli {

/// One Arrow IPC stream of error packets. The file is made with the first dead letter, and takes its name when it is
/// whole. One that cannot be written is removed, and nothing is tried after it.
class DeadLetterFiles final : public DeadLetters {
 public:
  /// `folder` as it can be given to Files, such as "project:.weir/dead-letters".
  DeadLetterFiles(Files& files, std::string folder, std::string runId);
  Result<void> add(std::span<const ErrorPacket> packets) override;
  Result<void> close() override;
  /// Where they are once it is closed, or empty if there were none.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Why they are not kept.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  /// The first few, for the person.
  [[nodiscard]] const std::vector<ErrorPacket>& firstFew() const { return first_; }

 private:
  Result<void> flush();
  Result<void> publish();
  /// Gives up after an error, which it passes on.
  Result<void> settled(Result<void> done);
  Result<void> open();
  Result<void> write(std::string_view bytes);

  Files& files_;
  std::string folder_, runId_, path_, part_;
  std::optional<Error> failure_;
  FileId file_ = -1;
  std::int64_t end_ = 0;
  std::optional<ipc::StreamWriter> writer_;
  std::vector<ErrorPacket> waiting_;
  std::int64_t waitingBytes_ = 0;
  std::vector<ErrorPacket> first_;
};

}  // namespace weir::cli
