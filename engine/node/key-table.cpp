// Open addressing over encoded keys, with shortcuts for dictionaries and integers.
#include "engine/node/key-table.h"

#include <algorithm>

#include "engine/data/hash.h"
#include "engine/data/value-codec.h"

namespace weir {
namespace {
constexpr std::size_t kFirstSlots = 64;

bool isIntegral(Kind kind) { return kind == Kind::int64 || kind == Kind::timestamp || kind == Kind::duration; }
}  // namespace

std::string_view KeyTable::payload(std::int64_t group) const noexcept {
  const auto at = static_cast<std::size_t>(group);
  return at < payloads_.size() ? std::string_view(payloads_[at]) : std::string_view();
}

std::int64_t KeyTable::memoryBytes() const noexcept {
  const auto bytes = slots_.capacity() * sizeof(Slot) + payloads_.capacity() * sizeof(std::string) +
                     codeGroup_.capacity() * sizeof(std::uint32_t) + ints_.capacity() * sizeof(IntSlot);
  return keys_.bytes() + payloadBytes_ + static_cast<std::int64_t>(bytes);
}

void KeyTable::clear() { *this = KeyTable(); }

void KeyTable::freeze() {
  frozen_ = true;
  dictionary_ = {};
  codeGroup_.clear();
  nullGroup_ = 0;
  ints_.clear();
  intCount_ = 0;
}

void KeyTable::grow() {
  std::vector<Slot> bigger(std::max(kFirstSlots, slots_.size() * 2));
  const auto mask = bigger.size() - 1;
  for (const auto& slot : slots_) {
    if (slot.group == 0) continue;
    auto at = slot.hash & mask;
    while (bigger[at].group != 0) at = (at + 1) & mask;
    bigger[at] = slot;
  }
  slots_.swap(bigger);
}

std::uint32_t KeyTable::find(std::string_view key, std::string_view payload) {
  if (slots_.empty() || (!frozen_ && static_cast<std::size_t>(keys_.size() + 1) * 2 > slots_.size())) grow();
  const auto hash = static_cast<std::uint32_t>(hash::ofBytes(key));
  const auto mask = slots_.size() - 1;
  auto at = hash & mask;
  while (slots_[at].group != 0) {
    const auto group = slots_[at].group - 1;
    if (slots_[at].hash == hash && keys_[group] == key) {
      if (!payload.empty() && (payloads_[group].empty() || payload < payloads_[group])) payloads_[group] = payload;
      return group;
    }
    at = (at + 1) & mask;
  }
  if (frozen_) return kNone;
  const auto group = static_cast<std::uint32_t>(keys_.size());
  keys_.append(key);
  slots_[at] = {hash, group + 1};
  if (!payload.empty() || !payloads_.empty()) {
    payloads_.resize(static_cast<std::size_t>(keys_.size()));
    payloads_[group] = payload;
    payloadBytes_ += static_cast<std::int64_t>(payload.size());
  }
  return group;
}

void KeyTable::assignDictionary(const Column& key, std::int64_t rows, std::uint32_t* to) {
  const auto& entries = key.children[0];
  const bool same = dictionary_.type && dictionary_.values == entries.values &&
                    dictionary_.offsets == entries.offsets && dictionary_.offset == entries.offset &&
                    dictionary_.length == entries.length;
  if (!same) {
    dictionary_ = entries;
    codeGroup_.assign(static_cast<std::size_t>(entries.length), 0);
  }
  const auto* codes = key.codes().data();
  const auto miss = [&](std::int64_t row) {
    scratch_.clear();
    appendKey(scratch_, key, row);
    return find(scratch_, {});
  };
  auto* groups = codeGroup_.data();
  if (!key.mayHaveNulls()) {
    for (std::int64_t row = 0; row < rows; ++row) {
      auto group = groups[codes[row]];
      if (group == 0) [[unlikely]]
        groups[codes[row]] = group = miss(row) + 2;
      to[row] = group - 2;
    }
    return;
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    auto& known = key.isNull(row) ? nullGroup_ : groups[codes[row]];
    if (known == 0) [[unlikely]]
      known = miss(row) + 2;
    to[row] = known - 2;
  }
}

std::uint32_t KeyTable::findInt(const Column& key, std::int64_t row) {
  if (static_cast<std::size_t>(intCount_ + 1) * 2 > ints_.size()) {
    std::vector<IntSlot> bigger(std::max(kFirstSlots, ints_.size() * 2));
    for (const auto& slot : ints_) {
      if (slot.group == 0) continue;
      auto at = static_cast<std::size_t>(hash::ofInt64(slot.value)) & (bigger.size() - 1);
      while (bigger[at].group != 0) at = (at + 1) & (bigger.size() - 1);
      bigger[at] = slot;
    }
    ints_.swap(bigger);
  }
  const auto value = key.ints()[static_cast<std::size_t>(row)];
  const auto mask = ints_.size() - 1;
  auto at = static_cast<std::size_t>(hash::ofInt64(value)) & mask;
  while (ints_[at].group != 0) {
    if (ints_[at].value == value) return ints_[at].group - 2;
    at = (at + 1) & mask;
  }
  scratch_.clear();
  appendKey(scratch_, key, row);
  const auto group = find(scratch_, {});
  // What is not there is not remembered: there may be any number of it.
  if (group == kNone) return kNone;
  ints_[at] = {value, group + 2};
  ++intCount_;
  return group;
}

void KeyTable::assignInts(const Column& key, std::int64_t rows, std::uint32_t* to) {
  if (intKind_ != key.type->kind || intUnit_ != key.type->unit) {
    ints_.clear();
    intCount_ = 0;
    intKind_ = key.type->kind;
    intUnit_ = key.type->unit;
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    if (key.isNull(row)) {
      if (nullGroup_ == 0) {
        scratch_.clear();
        appendKey(scratch_, key, row);
        nullGroup_ = find(scratch_, {}) + 2;
      }
      to[row] = nullGroup_ - 2;
    } else {
      to[row] = findInt(key, row);
    }
  }
}

Result<void> KeyTable::assignAny(std::span<const Column> keys, std::int64_t rows, std::uint32_t* to) {
  const bool told = std::ranges::all_of(keys, [](const Column& column) { return keyTellsValue(*column.type); });
  for (std::int64_t row = 0; row < rows; ++row) {
    scratch_.clear();
    for (const auto& column : keys) appendKey(scratch_, column, row);
    payloadScratch_.clear();
    if (!told) {
      for (const auto& column : keys) WEIR_TRY(encodeValue(column.value(row), payloadScratch_));
    }
    to[row] = find(scratch_, payloadScratch_);
  }
  return {};
}

Result<void> KeyTable::assign(std::span<const Column> keys, std::int64_t rows, std::uint32_t* to) {
  if (keys.size() == 1 && keys[0].type->kind == Kind::string && keys[0].dictionary) {
    assignDictionary(keys[0], rows, to);
    return {};
  }
  if (keys.size() == 1 && isIntegral(keys[0].type->kind)) {
    assignInts(keys[0], rows, to);
    return {};
  }
  return assignAny(keys, rows, to);
}

}  // namespace weir
