// GroupTable: numbers the groups of one worker: keys of rows -> 0, 1, 2 ...
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/data/batch.h"
#include "engine/node/row-keys.h"

namespace weir::nodes::group {

class GroupTable {
 public:
  /// `to[row]` becomes the group of each row. `keys` are columns of `rows` rows.
  Result<void> assign(std::span<const Column> keys, std::int64_t rows, std::uint32_t* to);
  /// The group with this key, made if need be. `payload` tells values that the key does not (see keyTellsValue); of
  /// several the least is kept, so that it does not depend on the order.
  std::uint32_t find(std::string_view key, std::string_view payload);
  /// As a dictionary's codes: the map is kept from batch to batch while the dictionary is the same.
  [[nodiscard]] std::int64_t groups() const noexcept { return keys_.size(); }
  [[nodiscard]] std::string_view key(std::int64_t group) const noexcept { return keys_[group]; }
  [[nodiscard]] std::string_view payload(std::int64_t group) const noexcept;
  [[nodiscard]] std::int64_t memoryBytes() const noexcept;
  void clear();
  [[nodiscard]] const KeyList& keys() const noexcept { return keys_; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t group = 0;  // + 1; 0: free
  };
  struct IntSlot {
    std::int64_t value = 0;
    std::uint32_t group = 0;  // + 1
  };
  void grow();
  void assignDictionary(const Column& key, std::int64_t rows, std::uint32_t* to);
  void assignInts(const Column& key, std::int64_t rows, std::uint32_t* to);
  std::uint32_t findInt(const Column& key, std::int64_t row);
  Result<void> assignAny(std::span<const Column> keys, std::int64_t rows, std::uint32_t* to);

  std::vector<Slot> slots_;
  KeyList keys_;
  std::vector<std::string> payloads_;  // empty while all keys tell their values
  std::int64_t payloadBytes_ = 0;
  // Shortcuts past the table.
  Column dictionary_;                     // kept alive, so that its address stays its own
  std::vector<std::uint32_t> codeGroup_;  // group + 1 of a code; 0: not yet known
  std::uint32_t nullGroup_ = 0;           // + 1
  std::vector<IntSlot> ints_;
  std::int64_t intCount_ = 0;
  TimeUnit intUnit_ = TimeUnit::micros;
  Kind intKind_ = Kind::null;
  std::string scratch_, payloadScratch_;
};

}  // namespace weir::nodes::group
