// StateWriter and StateReader: how tasks save and restore what they know, at checkpoints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/data/value.h"
#include "engine/node/contract.h"

namespace weir {

/// A sequence of values; a task reads them in the order it wrote them.
class StateWriter {
 public:
  virtual ~StateWriter() = default;
  virtual Result<Poll> write(const Value& value) = 0;
  Result<Poll> write(std::int64_t number);
};

class StateReader {
 public:
  virtual ~StateReader() = default;
  /// `state.mismatch` at the end, or if it is of another kind.
  virtual Result<Value> readValue() = 0;
  Result<Poll> read(std::int64_t& number);
};

}  // namespace weir
