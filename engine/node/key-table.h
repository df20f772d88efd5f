// KeyTable: numbers keys of rows in the order they come: 0, 1, 2 ...
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/data/batch.h"
#include "engine/node/row-keys.h"

namespace weir {

class KeyTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  /// `to[row]` becomes the number of each row's key. `keys` are columns of `rows` rows.
  Result<void> assign(std::span<const Column> keys, std::int64_t rows, std::uint32_t* to);
  /// The group with this key, made if need be. `payload` tells values that the key does not (see keyTellsValue); of
  /// several the least is kept, so that it does not depend on the order.
  std::uint32_t find(std::string_view key, std::string_view payload);
  /// From now on new keys are not added: they are kNone.
  void freeze();
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
    std::uint32_t group = 0;  // + 2; 0: free
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
  std::vector<std::uint32_t> codeGroup_;  // number + 2 of a code's key; 1: has none, 0: not yet known
  std::uint32_t nullGroup_ = 0;           // the same for null
  std::vector<IntSlot> ints_;
  std::int64_t intCount_ = 0;
  TimeUnit intUnit_ = TimeUnit::micros;
  Kind intKind_ = Kind::null;
  std::string scratch_, payloadScratch_;
  bool frozen_ = false;
};

}  // namespace weir
