// KeyedStates: a state for each key of the rows, with keys that are forgotten.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/node/key-table.h"

namespace weir {

/// Keys have numbers, which change only in `compact`.
template <class State>
class KeyedStates {
 public:
  static constexpr std::uint32_t kGone = UINT32_MAX;

  /// The number of each row's key, new ones made. Without columns all rows have one key.
  Result<void> assign(std::span<const Column> keys, std::int64_t rows, std::vector<std::uint32_t>& to) {
    to.assign(static_cast<std::size_t>(rows), 0);
    if (keys.empty()) {
      table_.find({}, {});
    } else {
      WEIR_TRY(table_.assign(keys, rows, to.data()));
    }
    states_.resize(static_cast<std::size_t>(table_.groups()));
    return {};
  }
  std::uint32_t find(std::string_view key, std::string_view payload) {
    const auto number = table_.find(key, payload);
    states_.resize(static_cast<std::size_t>(table_.groups()));
    return number;
  }
  [[nodiscard]] State& operator[](std::uint32_t number) { return states_[number]; }
  [[nodiscard]] const State& operator[](std::uint32_t number) const { return states_[number]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(states_.size()); }
  [[nodiscard]] std::string_view key(std::uint32_t number) const { return table_.key(number); }
  [[nodiscard]] std::string_view payload(std::uint32_t number) const { return table_.payload(number); }
  [[nodiscard]] std::int64_t memoryBytes() const {
    return table_.memoryBytes() + static_cast<std::int64_t>(states_.capacity() * sizeof(State));
  }
  /// Worth it when most are forgotten.
  [[nodiscard]] bool worthCompacting(std::int64_t alive) const { return std::int64_t{size()} > 2 * alive + 1024; }
  /// Keeps the keys for whose number `keep` is true. Gives the new number of each old one, or kGone.
  std::vector<std::uint32_t> compact(const std::function<bool(std::uint32_t)>& keep) {
    KeyTable table;
    std::vector<State> states;
    std::vector<std::uint32_t> numbers(size(), kGone);
    for (std::uint32_t old = 0; old < size(); ++old) {
      if (!keep(old)) continue;
      numbers[old] = table.find(table_.key(old), table_.payload(old));
      states.push_back(std::move(states_[old]));
    }
    table_ = std::move(table);
    states_ = std::move(states);
    return numbers;
  }

 private:
  KeyTable table_;
  std::vector<State> states_;
};

}  // namespace weir
