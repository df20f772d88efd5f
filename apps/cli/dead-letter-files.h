// Dead letters of `weir run`: kept in .weir/dead-letters/, one file a run, listed at the end.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/data/packet.h"
#include "engine/host/files.h"
#include "engine/runtime/run.h"

namespace weir::cli {

/// Arrow IPC stream segments of error packets; the file is made with the first dead letter.
class DeadLetterFiles final : public DeadLetters {
 public:
  /// `folder` as it can be given to Files, such as "project:.weir/dead-letters".
  DeadLetterFiles(Files& files, std::string folder, std::string runId);
  Result<void> add(std::span<const ErrorPacket> packets) override;
  Result<void> close() override;
  /// Where they are, or empty if there were none.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// The first few, for the person.
  [[nodiscard]] const std::vector<ErrorPacket>& firstFew() const { return first_; }

 private:
  Result<void> flush();
  Result<void> open();

  Files& files_;
  std::string folder_, runId_, path_;
  FileId file_ = -1;
  std::int64_t end_ = 0;
  std::vector<ErrorPacket> waiting_;
  std::int64_t waitingBytes_ = 0;
  std::vector<ErrorPacket> first_;
};

}  // namespace weir::cli
