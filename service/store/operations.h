// OperationLog: what was done to drafts, operation by operation, so that it can be undone after a reload.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/host/operation.h"

namespace weir::store {

/// What an operation is, is the editor's: here it is a JSON text.
struct NewOperation {
  std::string base;  // of the draft before it: SHA-256 of its text, in hexadecimal digits
  std::string operation;
};

struct LoggedOperation {
  std::int64_t number = 0;  // 1 for the first of a flow, without gaps
  std::string author;       // the id of a user
  std::int64_t at = 0;      // milliseconds since 1970
  std::string base, operation;
};

struct OperationQuery {
  std::optional<std::int64_t> after;  // only newer ones than this number; absent: the newest of all
  std::int64_t limit = 200;
};

struct OperationPage {
  std::vector<LoggedOperation> operations;  // oldest first
  std::int64_t oldest = 0, last = 0;        // numbers of the whole log; 0: it is empty
};

struct Appended {
  std::int64_t oldest = 0, last = 0;  // of the log now
  std::int64_t added = 0;             // 0: all were there already
  bool fits = true;                   // false: the log has gone on otherwise, and is as it was
};

/// Of one log. Beyond them the oldest go, each as a whole.
struct OperationBounds {
  std::int64_t mostOperations = 10'000;
  std::int64_t mostBytes = 4 << 20;
};

/// A log ends with its flow. Errors: `storage.not_found`, `storage.in_bin`, and trouble as in Store.
class OperationLog {
 public:
  virtual ~OperationLog() = default;
  /// Behind the operation with the number `after`; what stands there already, by the same author, is not written again,
  /// so that a request may be sent again.
  virtual Operation<Appended> append(std::string flow, std::int64_t after, std::string author,
                                     std::vector<NewOperation> operations, Waker waker) = 0;
  /// Also of a flow in the bin.
  virtual Operation<OperationPage> operations(std::string flow, OperationQuery query, Waker waker) = 0;
  /// How much the logs of the flows of each folder take.
  virtual Operation<std::vector<std::pair<std::string, std::int64_t>>> bytesOfLogs(Waker waker) = 0;
};

/// What an operation counts for.
[[nodiscard]] inline std::int64_t bytesOf(const NewOperation& one, std::string_view author) {
  return std::ssize(one.base) + std::ssize(one.operation) + std::ssize(author) + 40;
}

/// How many of the given operations are in the log already; absent: it has gone on otherwise. `behind`: what the log
/// has from `after` + 1 on, as many as are given at most.
[[nodiscard]] std::optional<std::size_t> alreadyThere(std::int64_t after, std::int64_t last,
                                                      std::span<const LoggedOperation> behind, std::string_view author,
                                                      std::span<const NewOperation> given);

}  // namespace weir::store
