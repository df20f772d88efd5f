// Finds the wanted fields of row after row, guessing that a row has the keys of the one before in the same order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json/cursor.h"

namespace weir::json {

/// One per reader of lines. Fields that are not wanted are stepped over.
class Fields {
 public:
  static constexpr std::int32_t kEnd = -1;
  static constexpr std::int32_t kWrong = -2;

  /// `wanted` are plain keys (not escaped).
  explicit Fields(std::span<const std::string> wanted) : wanted_(wanted.begin(), wanted.end()) {}
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  /// To be called behind Cursor::enterObject.
  void begin() { slot_ = slots_.data(); }

  /// Goes to the value of the next wanted field: its number in `wanted`, kEnd, or kWrong (see Cursor::problem).
  /// The value must be read or skipped before the next call. A key that comes twice is reported twice.
  /// Also remembers the first key that is not wanted (see unwanted).
  [[nodiscard]] std::int32_t next(Cursor& cursor) {
    for (;;) {
      std::int32_t field = kUnwanted;
      if (slot_ != slotsEnd_ && cursor.tryField(slot_->key)) {
        field = (slot_++)->field;
      } else if (field = search(cursor); field == kEnd || field == kWrong) {
        return field;
      }
      if (field >= 0) return field;
      if (!cursor.skip()) return kWrong;
    }
  }

  /// A key that came and is not wanted, as it stands in the text; empty if there was none so far.
  [[nodiscard]] const std::string& unwanted() const { return unwanted_; }

 private:
  static constexpr std::int32_t kUnwanted = -3;
  static constexpr std::size_t kMaxSlots = 256;

  struct Slot {
    KeyPattern key;
    std::int32_t field;
  };

  std::int32_t search(Cursor& cursor);

  std::vector<std::string> wanted_;
  std::vector<Slot> slots_;     // the keys in the order of the rows so far
  const Slot* slot_ = nullptr;  // the one expected next
  const Slot* slotsEnd_ = nullptr;
  std::string unwanted_;
};

}  // namespace weir::json
