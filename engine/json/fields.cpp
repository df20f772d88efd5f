// Learns the order of keys.
#include "engine/json/fields.h"

#include "engine/json/text.h"

namespace weir::json {

std::int32_t Fields::search(Cursor& cursor) {
  std::string_view raw;
  if (!cursor.nextField(raw)) return cursor.problem().ok() ? kEnd : kWrong;
  for (const auto* slot = slot_; slot != slotsEnd_; ++slot) {
    if (slot->key.rawKey() != raw) continue;
    slot_ = slot + 1;
    return slot->field;
  }
  std::int32_t field = kUnwanted;
  for (std::size_t i = 0; i < wanted_.size() && field == kUnwanted; ++i)
    if (rawEquals(raw, wanted_[i])) field = static_cast<std::int32_t>(i);
  if (field == kUnwanted && unwanted_.empty()) unwanted_ = raw;
  // A key seen before, but in another place, is not learnt again: two orders in turn would push out each other.
  if (slots_.size() < kMaxSlots) {
    for (const auto& slot : slots_)
      if (slot.key.rawKey() == raw) return field;
    const auto added = slots_.insert(slots_.begin() + (slot_ - slots_.data()), Slot{KeyPattern(raw), field});
    slot_ = &*added + 1;
    slotsEnd_ = slots_.data() + slots_.size();
  }
  return field;
}

}  // namespace weir::json
