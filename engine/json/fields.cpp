// Learns the order of keys.
#include "engine/json/fields.h"

#include "engine/json/text.h"

namespace weir::json {

std::int32_t Fields::search(Cursor& cursor) {
  std::string_view raw;
  if (!cursor.nextField(raw)) return cursor.problem().ok() ? kEnd : kWrong;
  for (auto i = slot_; i < slots_.size(); ++i) {
    if (slots_[i].key.rawKey() != raw) continue;
    slot_ = i + 1;
    return slots_[i].field;
  }
  std::int32_t field = kUnwanted;
  for (std::size_t i = 0; i < wanted_.size() && field == kUnwanted; ++i)
    if (rawEquals(raw, wanted_[i])) field = static_cast<std::int32_t>(i);
  if (field == kUnwanted && unwanted_.empty()) unwanted_ = raw;
  // A key seen before, but in another place, is not learnt again: two orders in turn would push out each other.
  if (slots_.size() < kMaxSlots) {
    for (const auto& slot : slots_)
      if (slot.key.rawKey() == raw) return field;
    slots_.insert(slots_.begin() + static_cast<std::ptrdiff_t>(slot_), Slot{KeyPattern(raw), field});
    ++slot_;
  }
  return field;
}

}  // namespace weir::json
