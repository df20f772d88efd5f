// Value: one dynamic value of any type; 24 bytes, immutable, heap parts shared by atomic counts.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/buffer.h"
#include "engine/data/check.h"

namespace weir {

enum class ValueKind : std::uint8_t {
  null,
  boolean,
  int64,
  uint64,
  float64,
  string,
  bytes,
  timestamp,
  duration,
  list,
  map,
  type,      // the name of a type, as CEL's `type(x)` gives it
  optional,  // CEL's optional_type: a value or none
  blob,      // an encoded BlobRef
  opaque     // a value of an extension; what its bytes mean says `opaqueKind`
};

/// CEL's name of the kind: null_type, bool, int, uint, double, string, ... (opaque: see Value::typeText).
[[nodiscard]] std::string_view valueKindName(ValueKind kind) noexcept;

/// What an opaque value is. address: 4 or 16 bytes in network order; range: the same and one byte of prefix length.
enum class OpaqueKind : std::uint8_t { networkAddress, networkRange };

struct ListPart;
struct MapPart;
struct MapEntry;
struct OptionalPart;
struct TextPart;

/// Cheap to copy (at most one atomic increment). Texts of up to 16 bytes live inside the value; longer ones are shared
/// with a heap part, or with the Block of the batch that they were read from, or (view) belong to someone else.
class Value {
 public:
  Value() noexcept : kind_(ValueKind::null) { bits_.words[0] = bits_.words[1] = 0; }
  Value(const Value& other) noexcept { copyFrom(other); }
  Value(Value&& other) noexcept { takeFrom(other); }
  Value& operator=(const Value& other) noexcept {
    if (this != &other) {
      Value copy(other);
      swap(copy);
    }
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    if (this != &other) {
      release();
      takeFrom(other);
    }
    return *this;
  }
  ~Value() { release(); }
  void swap(Value& other) noexcept {
    Value kept;
    kept.takeFrom(other);
    other.takeFrom(*this);
    takeFrom(kept);
  }

  [[nodiscard]] static Value null() noexcept { return Value(); }
  [[nodiscard]] static Value boolean(bool value) noexcept { return scalar(ValueKind::boolean, value ? 1U : 0U); }
  [[nodiscard]] static Value int64(std::int64_t value) noexcept {
    return scalar(ValueKind::int64, static_cast<std::uint64_t>(value));
  }
  [[nodiscard]] static Value uint64(std::uint64_t value) noexcept { return scalar(ValueKind::uint64, value); }
  [[nodiscard]] static Value float64(double value) noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return scalar(ValueKind::float64, bits);
  }
  /// `nanos` is 0..999,999,999 and counts forward from `seconds`, for both signs.
  [[nodiscard]] static Value timestamp(std::int64_t seconds, std::int32_t nanos) noexcept {
    return time(ValueKind::timestamp, seconds, nanos);
  }
  /// As timestamp: -1.5 s is {-2, 500,000,000}.
  [[nodiscard]] static Value duration(std::int64_t seconds, std::int32_t nanos) noexcept {
    return time(ValueKind::duration, seconds, nanos);
  }
  [[nodiscard]] static Value string(std::string_view text) { return copied(ValueKind::string, text); }
  [[nodiscard]] static Value bytes(std::string_view data) { return copied(ValueKind::bytes, data); }
  [[nodiscard]] static Value blob(std::string_view encoded) { return copied(ValueKind::blob, encoded); }
  [[nodiscard]] static Value type(std::string_view name) { return copied(ValueKind::type, name); }
  [[nodiscard]] static Value opaque(OpaqueKind kind, std::string_view data);
  /// string, bytes or blob whose characters lie in `owner`.
  [[nodiscard]] static Value shared(ValueKind kind, std::string_view text, const BlockRef& owner);
  /// string or bytes that the caller keeps alive for as long as this value or any copy of it.
  [[nodiscard]] static Value view(ValueKind kind, std::string_view text) noexcept;
  [[nodiscard]] static Value list(std::vector<Value> items);
  /// Later entries with an equal key replace earlier ones; use MapBuilder to notice duplicates.
  [[nodiscard]] static Value map(std::vector<MapEntry> entries);
  /// What a MapBuilder collected: keys are distinct, `table` is its index (may be empty).
  [[nodiscard]] static Value mapOf(std::vector<MapEntry> entries, std::vector<std::uint32_t> table);
  [[nodiscard]] static Value optionalOf(Value value);
  [[nodiscard]] static Value optionalNone() noexcept { return scalar(ValueKind::optional, 0); }

  [[nodiscard]] ValueKind kind() const noexcept { return kind_; }
  [[nodiscard]] bool isNull() const noexcept { return kind_ == ValueKind::null; }
  [[nodiscard]] bool isNumber() const noexcept {
    return kind_ == ValueKind::int64 || kind_ == ValueKind::uint64 || kind_ == ValueKind::float64;
  }

  // Each asks for its own kind; another kind is a bug of the caller.
  [[nodiscard]] bool boolean() const noexcept { return bits_.words[0] != 0; }
  [[nodiscard]] std::int64_t int64() const noexcept { return static_cast<std::int64_t>(bits_.words[0]); }
  [[nodiscard]] std::uint64_t uint64() const noexcept { return bits_.words[0]; }
  [[nodiscard]] double float64() const noexcept {
    double value = 0;
    std::memcpy(&value, &bits_.words[0], sizeof value);
    return value;
  }
  /// timestamp and duration.
  [[nodiscard]] std::int64_t seconds() const noexcept { return int64(); }
  [[nodiscard]] std::int32_t nanos() const noexcept { return static_cast<std::int32_t>(extra_); }
  /// string, bytes, type, blob, opaque. Valid as long as this value lives where it is (short texts lie inside it).
  [[nodiscard]] std::string_view text() const noexcept {
    if (storage_ == Storage::inside) return {bits_.chars, extra_};
    return {bits_.ref.chars, extra_};
  }
  [[nodiscard]] OpaqueKind opaqueKind() const noexcept { return opaque_; }
  [[nodiscard]] std::span<const Value> items() const noexcept;
  [[nodiscard]] std::span<const MapEntry> entries() const noexcept;
  /// Elements, entries or bytes.
  [[nodiscard]] std::int64_t size() const noexcept;
  /// map: the value at an equal key (numbers match across types), or nullptr. Hashed when the map is big.
  [[nodiscard]] const Value* find(const Value& key) const noexcept;
  [[nodiscard]] const Value* find(std::string_view key) const noexcept;
  /// optional: the value, or nullptr for none.
  [[nodiscard]] const Value* optionalValue() const noexcept;

  /// The CEL type name of this value: `int`, `google.protobuf.Timestamp`, `net.IP`, ...
  [[nodiscard]] std::string_view typeText() const noexcept;
  /// A copy that refers to no Block and no view, so that it may outlive the batch it was read from.
  [[nodiscard]] Value owned() const;
  /// An estimate of the memory that this value holds by itself, in bytes.
  [[nodiscard]] std::int64_t memoryBytes() const noexcept;

 private:
  enum class Storage : std::uint8_t { none, inside, view, block, textPart, listPart, mapPart, optionalPart };
  static constexpr std::size_t kInsideBytes = 16;

  [[nodiscard]] static Value scalar(ValueKind kind, std::uint64_t bits) noexcept {
    Value value;
    value.kind_ = kind;
    value.bits_.words[0] = bits;
    return value;
  }
  [[nodiscard]] static Value time(ValueKind kind, std::int64_t seconds, std::int32_t nanos) noexcept {
    Value value = scalar(kind, static_cast<std::uint64_t>(seconds));
    value.extra_ = static_cast<std::uint32_t>(nanos);
    return value;
  }
  [[nodiscard]] static Value copied(ValueKind kind, std::string_view text);
  [[nodiscard]] static Value inside(ValueKind kind, std::string_view text) noexcept;

  void copyFrom(const Value& other) noexcept {
    std::memcpy(static_cast<void*>(this), &other, sizeof(Value));
    if (storage_ >= Storage::block) retain();
  }
  void takeFrom(Value& other) noexcept {
    std::memcpy(static_cast<void*>(this), &other, sizeof(Value));
    other.kind_ = ValueKind::null;
    other.storage_ = Storage::none;
  }
  void release() noexcept {
    if (storage_ >= Storage::block) drop();
  }
  void retain() const noexcept;
  void drop() noexcept;

  ValueKind kind_;
  Storage storage_ = Storage::none;
  OpaqueKind opaque_ = OpaqueKind::networkAddress;
  std::uint32_t extra_ = 0;  // length of a text, nanos of a time
  union Bits {
    std::uint64_t words[2];
    char chars[kInsideBytes];
    struct {
      const char* chars;
      void* owner;  // Block or TextPart
    } ref;
    struct {
      void* part;
    } heap;
  } bits_;
};
static_assert(sizeof(Value) == 24);

struct MapEntry {
  Value key;
  Value value;
};

/// Collects the entries of a map in order and notices equal keys.
class MapBuilder {
 public:
  void reserve(std::size_t count) { entries_.reserve(count); }
  /// False, and nothing changed, if an equal key is there already.
  [[nodiscard]] bool insert(Value key, Value value);
  /// Replaces the value at an equal key, keeping its place.
  void set(Value key, Value value);
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] Value build() &&;

 private:
  [[nodiscard]] std::int64_t indexOf(const Value& key) const noexcept;
  void note(std::size_t entry);
  std::vector<MapEntry> entries_;
  std::vector<std::uint32_t> table_;  // open addressing, entry + 1; empty while the map is small
};

/// CEL equality: numbers across types by value, NaN equals nothing, maps without regard to order.
[[nodiscard]] bool equalValues(const Value& a, const Value& b) noexcept;

/// `unordered`: a NaN is involved. `incomparable`: CEL has no `<` for the two kinds.
enum class Ordering : std::uint8_t { less, equal, greater, unordered, incomparable };
/// CEL's ordering: numbers across types by value; bool, string, bytes, timestamp, duration among themselves.
[[nodiscard]] Ordering compareValues(const Value& a, const Value& b) noexcept;

/// A total order over all values, for sorting: by kind (null, bool, numbers with NaN last, string, bytes, timestamp,
/// duration, list, map, rest), then by value; numbers that are equal compare equal whatever their type. Negative: a
/// first.
[[nodiscard]] int totalOrder(const Value& a, const Value& b) noexcept;

/// Equal values have equal hashes; the same on every platform. NaNs share one hash.
[[nodiscard]] std::uint64_t hashValue(const Value& value) noexcept;

/// Compares numbers of any two types exactly.
[[nodiscard]] Ordering compareIntUint(std::int64_t a, std::uint64_t b) noexcept;
[[nodiscard]] Ordering compareIntDouble(std::int64_t a, double b) noexcept;
[[nodiscard]] Ordering compareUintDouble(std::uint64_t a, double b) noexcept;

}  // namespace weir
