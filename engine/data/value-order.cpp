// Value: equality, ordering, hashing, and the lookup in maps that rests on them.
#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/data/value-parts.h"
#include "engine/data/value.h"

namespace weir {
namespace {

constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;
constexpr std::size_t kSmallMap = 8;

template <class T>
[[nodiscard]] Ordering order(const T& a, const T& b) noexcept {
  if (a < b) return Ordering::less;
  return b < a ? Ordering::greater : Ordering::equal;
}

[[nodiscard]] Ordering flip(Ordering ordering) noexcept {
  if (ordering == Ordering::less) return Ordering::greater;
  if (ordering == Ordering::greater) return Ordering::less;
  return ordering;
}

[[nodiscard]] Ordering orderDoubles(double a, double b) noexcept {
  if (std::isnan(a) || std::isnan(b)) return Ordering::unordered;
  return order(a, b);
}

[[nodiscard]] Ordering orderTimes(const Value& a, const Value& b) noexcept {
  const auto bySeconds = order(a.seconds(), b.seconds());
  return bySeconds == Ordering::equal ? order(a.nanos(), b.nanos()) : bySeconds;
}

[[nodiscard]] Ordering orderTexts(const Value& a, const Value& b) noexcept {
  const int order = a.text().compare(b.text());
  return order < 0 ? Ordering::less : order > 0 ? Ordering::greater : Ordering::equal;
}

[[nodiscard]] Ordering orderNumbers(const Value& a, const Value& b) noexcept {
  using enum ValueKind;
  if (a.kind() == int64) {
    if (b.kind() == int64) return order(a.int64(), b.int64());
    if (b.kind() == uint64) return compareIntUint(a.int64(), b.uint64());
    return compareIntDouble(a.int64(), b.float64());
  }
  if (a.kind() == uint64) {
    if (b.kind() == int64) return flip(compareIntUint(b.int64(), a.uint64()));
    if (b.kind() == uint64) return order(a.uint64(), b.uint64());
    return compareUintDouble(a.uint64(), b.float64());
  }
  if (b.kind() == int64) return flip(compareIntDouble(b.int64(), a.float64()));
  if (b.kind() == uint64) return flip(compareUintDouble(b.uint64(), a.float64()));
  return orderDoubles(a.float64(), b.float64());
}

[[nodiscard]] bool equalMaps(const Value& a, const Value& b) noexcept {
  if (a.entries().size() != b.entries().size()) return false;
  for (const auto& entry : a.entries()) {
    const auto* other = b.find(entry.key);
    if (other == nullptr || !equalValues(entry.value, *other)) return false;
  }
  return true;
}

[[nodiscard]] bool equalLists(const Value& a, const Value& b) noexcept {
  const auto left = a.items();
  const auto right = b.items();
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (!equalValues(left[i], right[i])) return false;
  return true;
}

// Rank of a kind in the total order; numbers share one.
[[nodiscard]] int rank(ValueKind kind) noexcept {
  switch (kind) {
    case ValueKind::null:
      return 0;
    case ValueKind::boolean:
      return 1;
    case ValueKind::int64:
    case ValueKind::uint64:
    case ValueKind::float64:
      return 2;
    case ValueKind::string:
      return 3;
    case ValueKind::bytes:
      return 4;
    case ValueKind::timestamp:
      return 5;
    case ValueKind::duration:
      return 6;
    case ValueKind::list:
      return 7;
    case ValueKind::map:
      return 8;
    case ValueKind::type:
      return 9;
    case ValueKind::optional:
      return 10;
    case ValueKind::blob:
      return 11;
    case ValueKind::opaque:
      return 12;
  }
  return 13;
}

[[nodiscard]] int sign(Ordering ordering) noexcept {
  return ordering == Ordering::less ? -1 : ordering == Ordering::greater ? 1 : 0;
}

[[nodiscard]] int totalNumbers(const Value& a, const Value& b) noexcept {
  const auto ordering = orderNumbers(a, b);
  if (ordering != Ordering::unordered) return sign(ordering);
  const bool aIsNan = a.kind() == ValueKind::float64 && std::isnan(a.float64());
  const bool bIsNan = b.kind() == ValueKind::float64 && std::isnan(b.float64());
  return static_cast<int>(aIsNan) - static_cast<int>(bIsNan);
}

[[nodiscard]] int totalLists(std::span<const Value> a, std::span<const Value> b) noexcept {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (const int order = totalOrder(a[i], b[i]); order != 0) return order;
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

// Maps compare as their entries sorted by key, so that insertion order does not matter.
[[nodiscard]] int totalMaps(const Value& a, const Value& b) {
  const auto sorted = [](const Value& map) {
    std::vector<const MapEntry*> entries;
    for (const auto& entry : map.entries()) entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(),
              [](const MapEntry* x, const MapEntry* y) { return totalOrder(x->key, y->key) < 0; });
    return entries;
  };
  const auto left = sorted(a);
  const auto right = sorted(b);
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    if (const int order = totalOrder(left[i]->key, right[i]->key); order != 0) return order;
    if (const int order = totalOrder(left[i]->value, right[i]->value); order != 0) return order;
  }
  return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
}

[[nodiscard]] std::uint64_t mix(std::uint64_t seed, std::uint64_t word) noexcept {
  std::uint64_t x = (seed ^ word) * 0x9E3779B97F4A7C15ULL;
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93ULL;
  return x ^ (x >> 29);
}

[[nodiscard]] std::uint64_t hashText(std::uint64_t seed, std::string_view text) noexcept {
  std::uint64_t hash = mix(seed, text.size());
  for (std::size_t at = 0; at < text.size(); at += 8) {
    std::uint64_t word = 0;
    const auto count = std::min<std::size_t>(8, text.size() - at);
    std::memcpy(&word, text.data() + at, count);
    if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
    hash = mix(hash, word);
  }
  return hash;
}

// A double that is a whole number hashes as that integer, as equal numbers of other types do.
[[nodiscard]] std::uint64_t hashDouble(double value) noexcept {
  if (value == std::trunc(value)) {
    if (value >= -kTwo63 && value < kTwo63) return mix(2, static_cast<std::uint64_t>(static_cast<std::int64_t>(value)));
    if (value >= kTwo63 && value < kTwo64) return mix(2, static_cast<std::uint64_t>(value));
  }
  if (std::isnan(value)) return mix(3, 0);
  return mix(3, std::bit_cast<std::uint64_t>(value));
}

[[nodiscard]] std::uint64_t hashMap(const Value& map) noexcept {
  // A sum does not depend on the order of entries.
  std::uint64_t sum = 0;
  for (const auto& entry : map.entries()) sum += mix(hashValue(entry.key), hashValue(entry.value));
  return mix(11, sum);
}

}  // namespace

Ordering compareIntUint(std::int64_t a, std::uint64_t b) noexcept {
  if (a < 0) return Ordering::less;
  return order(static_cast<std::uint64_t>(a), b);
}

Ordering compareIntDouble(std::int64_t a, double b) noexcept {
  if (std::isnan(b)) return Ordering::unordered;
  if (b >= kTwo63) return Ordering::less;
  if (b < -kTwo63) return Ordering::greater;
  const double whole = std::trunc(b);
  const auto byWhole = order(a, static_cast<std::int64_t>(whole));
  return byWhole == Ordering::equal ? order(0.0, b - whole) : byWhole;
}

Ordering compareUintDouble(std::uint64_t a, double b) noexcept {
  if (std::isnan(b)) return Ordering::unordered;
  if (b >= kTwo64) return Ordering::less;
  if (b < 0) return Ordering::greater;
  const double whole = std::trunc(b);
  const auto byWhole = order(a, static_cast<std::uint64_t>(whole));
  return byWhole == Ordering::equal ? order(0.0, b - whole) : byWhole;
}

Ordering compareValues(const Value& a, const Value& b) noexcept {
  if (a.isNumber() && b.isNumber()) return orderNumbers(a, b);
  if (a.kind() != b.kind()) return Ordering::incomparable;
  switch (a.kind()) {
    case ValueKind::boolean:
      return order(static_cast<int>(a.boolean()), static_cast<int>(b.boolean()));
    case ValueKind::string:
    case ValueKind::bytes:
      return orderTexts(a, b);
    case ValueKind::timestamp:
    case ValueKind::duration:
      return orderTimes(a, b);
    case ValueKind::null:
    case ValueKind::int64:
    case ValueKind::uint64:
    case ValueKind::float64:
    case ValueKind::list:
    case ValueKind::map:
    case ValueKind::type:
    case ValueKind::optional:
    case ValueKind::blob:
    case ValueKind::opaque:
      return Ordering::incomparable;
  }
  return Ordering::incomparable;
}

bool equalValues(const Value& a, const Value& b) noexcept {
  if (a.kind() != b.kind()) return a.isNumber() && b.isNumber() && orderNumbers(a, b) == Ordering::equal;
  switch (a.kind()) {
    case ValueKind::null:
      return true;
    case ValueKind::boolean:
      return a.boolean() == b.boolean();
    case ValueKind::int64:
    case ValueKind::uint64:
      return a.uint64() == b.uint64();
    case ValueKind::float64:
      return a.float64() == b.float64();
    case ValueKind::string:
    case ValueKind::bytes:
    case ValueKind::type:
    case ValueKind::blob:
      return a.text() == b.text();
    case ValueKind::opaque:
      return a.opaqueKind() == b.opaqueKind() && a.text() == b.text();
    case ValueKind::timestamp:
    case ValueKind::duration:
      return a.seconds() == b.seconds() && a.nanos() == b.nanos();
    case ValueKind::list:
      return equalLists(a, b);
    case ValueKind::map:
      return equalMaps(a, b);
    case ValueKind::optional: {
      const auto* left = a.optionalValue();
      const auto* right = b.optionalValue();
      if (left == nullptr || right == nullptr) return left == right;
      return equalValues(*left, *right);
    }
  }
  return false;
}

int totalOrder(const Value& a, const Value& b) noexcept {
  if (const int byRank = rank(a.kind()) - rank(b.kind()); byRank != 0) return byRank;
  switch (a.kind()) {
    case ValueKind::null:
      return 0;
    case ValueKind::int64:
    case ValueKind::uint64:
    case ValueKind::float64:
      return totalNumbers(a, b);
    case ValueKind::boolean:
    case ValueKind::timestamp:
    case ValueKind::duration:
      return sign(compareValues(a, b));
    case ValueKind::string:
    case ValueKind::bytes:
    case ValueKind::type:
    case ValueKind::blob:
      return sign(orderTexts(a, b));
    case ValueKind::opaque:
      if (a.opaqueKind() != b.opaqueKind()) return static_cast<int>(a.opaqueKind()) - static_cast<int>(b.opaqueKind());
      return sign(orderTexts(a, b));
    case ValueKind::list:
      return totalLists(a.items(), b.items());
    case ValueKind::map:
      return totalMaps(a, b);
    case ValueKind::optional: {
      const auto* left = a.optionalValue();
      const auto* right = b.optionalValue();
      if (left == nullptr || right == nullptr)
        return static_cast<int>(left != nullptr) - static_cast<int>(right != nullptr);
      return totalOrder(*left, *right);
    }
  }
  return 0;
}

std::uint64_t hashValue(const Value& value) noexcept {
  switch (value.kind()) {
    case ValueKind::null:
      return mix(0, 0);
    case ValueKind::boolean:
      return mix(1, value.boolean() ? 1 : 0);
    case ValueKind::int64:
    case ValueKind::uint64:
      return mix(2, value.uint64());
    case ValueKind::float64:
      return hashDouble(value.float64());
    case ValueKind::string:
      return hashText(5, value.text());
    case ValueKind::bytes:
      return hashText(6, value.text());
    case ValueKind::type:
      return hashText(7, value.text());
    case ValueKind::blob:
      return hashText(8, value.text());
    case ValueKind::opaque:
      return hashText(9 + static_cast<std::uint64_t>(value.opaqueKind()) * 256, value.text());
    case ValueKind::timestamp:
      return mix(mix(12, static_cast<std::uint64_t>(value.seconds())), static_cast<std::uint32_t>(value.nanos()));
    case ValueKind::duration:
      return mix(mix(13, static_cast<std::uint64_t>(value.seconds())), static_cast<std::uint32_t>(value.nanos()));
    case ValueKind::list: {
      std::uint64_t hash = 10;
      for (const auto& item : value.items()) hash = mix(hash, hashValue(item));
      return hash;
    }
    case ValueKind::map:
      return hashMap(value);
    case ValueKind::optional:
      return value.optionalValue() == nullptr ? mix(14, 0) : mix(15, hashValue(*value.optionalValue()));
  }
  return 0;
}

std::int64_t findEntry(std::span<const MapEntry> entries, std::span<const std::uint32_t> table,
                       const Value& key) noexcept {
  if (table.empty()) {
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (equalValues(entries[i].key, key)) return static_cast<std::int64_t>(i);
    return -1;
  }
  const auto mask = table.size() - 1;
  for (auto slot = static_cast<std::size_t>(hashValue(key)) & mask; table[slot] != 0; slot = (slot + 1) & mask) {
    const auto entry = table[slot] - 1;
    if (equalValues(entries[entry].key, key)) return entry;
  }
  return -1;
}

const Value* MapPart::find(const Value& key) const noexcept {
  const auto at = findEntry(entries, table, key);
  return at < 0 ? nullptr : &entries[static_cast<std::size_t>(at)].value;
}

std::int64_t MapBuilder::indexOf(const Value& key) const noexcept { return findEntry(entries_, table_, key); }

void MapBuilder::note(std::size_t entry) {
  if (entries_.size() <= kSmallMap) return;
  const auto place = [this](std::size_t index) {
    const auto mask = table_.size() - 1;
    auto slot = static_cast<std::size_t>(hashValue(entries_[index].key)) & mask;
    while (table_[slot] != 0) slot = (slot + 1) & mask;
    table_[slot] = static_cast<std::uint32_t>(index) + 1;
  };
  if (table_.size() >= entries_.size() * 2) return place(entry);
  table_.assign(std::bit_ceil(entries_.size() * 4), 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) place(i);
}

bool MapBuilder::insert(Value key, Value value) {
  if (indexOf(key) >= 0) return false;
  entries_.push_back({std::move(key), std::move(value)});
  note(entries_.size() - 1);
  return true;
}

void MapBuilder::set(Value key, Value value) {
  if (const auto at = indexOf(key); at >= 0) {
    entries_[static_cast<std::size_t>(at)].value = std::move(value);
    return;
  }
  (void)insert(std::move(key), std::move(value));
}

std::string_view valueKindName(ValueKind kind) noexcept {
  switch (kind) {
    case ValueKind::null:
      return "null_type";
    case ValueKind::boolean:
      return "bool";
    case ValueKind::int64:
      return "int";
    case ValueKind::uint64:
      return "uint";
    case ValueKind::float64:
      return "double";
    case ValueKind::string:
      return "string";
    case ValueKind::bytes:
      return "bytes";
    case ValueKind::timestamp:
      return "google.protobuf.Timestamp";
    case ValueKind::duration:
      return "google.protobuf.Duration";
    case ValueKind::list:
      return "list";
    case ValueKind::map:
      return "map";
    case ValueKind::type:
      return "type";
    case ValueKind::optional:
      return "optional_type";
    case ValueKind::blob:
      return "blob";
    case ValueKind::opaque:
      return "opaque";
  }
  return "unknown";
}

std::string_view Value::typeText() const noexcept {
  if (kind_ != ValueKind::opaque) return valueKindName(kind_);
  return opaque_ == OpaqueKind::networkAddress ? "net.IP" : "net.CIDR";
}

}  // namespace weir
