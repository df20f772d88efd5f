// Rows as Arrow IPC in saved states.
#include "engine/node/held-rows.h"

#include <span>
#include <string>
#include <utility>

#include "engine/data/arrow-ipc.h"

namespace weir {

Result<void> HeldRows::add(const Batch& batch) {
  const auto bytes = batch.logicalBytes();
  if (bytes_ + bytes > limitBytes_) {
    return fail("state.too_large", "more than " + std::to_string(limitBytes_) +
                                       " bytes of rows wait for a checkpoint; make checkpoints more often, or raise "
                                       "holdBytes");
  }
  WEIR_ASSIGN(auto kept, batch.compact(*account_));
  batches_.push_back(std::move(kept));
  bytes_ += bytes;
  return {};
}

void HeldRows::forget() {
  batches_.clear();
  bytes_ = 0;
}

Result<void> HeldRows::save(StateWriter& state) const {
  WEIR_TRY(state.write(static_cast<std::int64_t>(batches_.size())));
  for (const auto& batch : batches_) {
    WEIR_ASSIGN(const auto bytes,
                ipc::writeStream(batch.schema(), std::span<const Batch>(&batch, 1), {.envelope = true}));
    WEIR_TRY(state.write(Value::bytes(bytes)));
  }
  return {};
}

Result<void> HeldRows::load(StateReader& state) {
  std::int64_t count = 0;
  WEIR_TRY(state.read(count));
  for (std::int64_t i = 0; i < count; ++i) {
    WEIR_ASSIGN(const auto value, state.readValue());
    if (value.kind() != ValueKind::bytes) {
      return fail("state.mismatch", "the saved state holds no rows where rows are expected");
    }
    WEIR_ASSIGN(auto read, ipc::readStream(value.text(), *account_));
    for (auto& batch : read) {
      bytes_ += batch.logicalBytes();
      batches_.push_back(std::move(batch));
    }
  }
  return {};
}

}  // namespace weir
