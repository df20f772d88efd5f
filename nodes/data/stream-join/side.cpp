// Rows by key, forgotten a batch at a time.
#include "nodes/data/stream-join/side.h"

#include <algorithm>

namespace weir::nodes::stream_join {

bool anyNull(std::span<const Column> keys, std::int64_t row) {
  return std::ranges::any_of(keys, [row](const Column& key) {
    return key.isNull(row) || (key.type->kind == Kind::any && key.value(row).isNull());
  });
}

Result<void> Side::keep(HeldBatch batch, std::span<const Column> keys, std::span<const Timestamp> times) {
  if (times.empty()) return {};
  WEIR_TRY(states_.assign(keys, std::ssize(times), numbers_));
  const auto number = next_++;
  for (std::size_t row = 0; row < times.size(); ++row) {
    if (anyNull(keys, static_cast<std::int64_t>(row))) continue;
    states_[numbers_[row]].push_back({number, static_cast<std::uint32_t>(row), times[row]});
  }
  greatest_.insert({std::ranges::max(times), number});
  batch.bytes = batch.rows.logicalBytes() + kBatchBytes;
  rows_ += batch.rows.rows();
  bytes_ += batch.bytes;
  batches_.emplace(number, std::move(batch));
  return {};
}

Timestamp Side::oldestWatermark() const {
  // Watermarks do not go back: the first batch met the least.
  return batches_.empty() ? INT64_MAX : batches_.begin()->second.watermark;
}

void Side::sweep() {
  gone_ = 0;
  for (std::uint32_t key = 0; key < states_.size(); ++key) {
    auto& rows = states_[key];
    std::erase_if(rows, [&](const Kept& kept) { return !batches_.contains(kept.batch); });
    rows.shrink_to_fit();
  }
  static_cast<void>(states_.compact([&](std::uint32_t key) { return !states_[key].empty(); }));
}

}  // namespace weir::nodes::stream_join
