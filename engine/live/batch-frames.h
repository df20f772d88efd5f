// Batches as frames of one subscription, and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/data/arrow-ipc.h"
#include "engine/live/frame.h"

namespace weir::live {

/// Writes batches of changing schemas: a schema frame where the schema is another one, dictionaries where they change.
class BatchFrames {
 public:
  /// `whole`: every batch comes with its schema and its dictionaries, for who passes it on to many.
  explicit BatchFrames(std::uint32_t subscription, bool whole = false) : subscription_(subscription), whole_(whole) {}
  /// Appends the frames of one batch, each preceded by its length, to `out`. On an error `out` is as before. Errors
  /// `memory.limit`, `live.too_large` (a batch beyond 64 MiB: send it in slices).
  Result<void> append(std::string& out, const Batch& batch, std::uint64_t rowsShed);

 private:
  Result<void> appendMessages(std::string& out, std::string_view stream, std::uint64_t rowsShed);

  std::uint32_t subscription_;
  bool whole_;
  std::uint64_t sequence_ = 0;
  SchemaRef schema_;
  std::string pending_;  // what the writer has given
  std::optional<ipc::StreamWriter> writer_;
};

/// The other end: takes the frames of one subscription.
class BatchAssembler {
 public:
  explicit BatchAssembler(MemoryAccount& account) : account_(&account) {}
  /// The batch, if the frame was the last part of one. Errors of ipc::StreamReader; `live.frame` for frames out of
  /// order or compressed.
  [[nodiscard]] Result<std::optional<Batch>> take(const Frame& frame);

 private:
  MemoryAccount* account_;
  std::optional<ipc::StreamReader> reader_;
};

}  // namespace weir::live
