// Order-preserving encodings of values.
#include "engine/node/row-keys.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace weir {
namespace {

// One byte per rank of totalOrder. Null is one byte below or above them all; what ends a list or map is below them.
enum Tag : unsigned char {
  kEnd = 0x01,
  kNullFirst = 0x02,
  kBoolean = 0x10,
  kNumber,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,
  kMap,
  kType,
  kOptional,
  kBlob,
  kOpaque,
  kNullLast = 0xFE
};

constexpr double kTwo53 = 9007199254740992.0;
constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;
constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
constexpr std::uint64_t kNaN = 0x7FF8000000000000U;

/// The lowest `count` bytes, the highest of them first.
void put(std::string& to, std::uint64_t word, std::size_t count = 8) {
  char bytes[8];
  const auto turned = std::byteswap(word);
  std::memcpy(bytes, &turned, 8);
  to.append(bytes + (8 - count), count);
}

std::uint64_t orderedBits(double value) {
  const auto bits = value != value ? kNaN : std::bit_cast<std::uint64_t>(value + 0.0);
  return (bits & kTop) != 0 ? ~bits : bits | kTop;
}

/// From 2^53 on doubles leave integers out; there a remainder (0..2047) follows the nearest double below.
bool hasRemainder(double value) {
  return (value >= kTwo53 && value < kTwo64) || (value <= -kTwo53 && value >= -kTwo63);
}

void putNumber(std::string& to, double value, std::uint64_t remainder = 0) {
  char bytes[9] = {static_cast<char>(kNumber)};
  const auto turned = std::byteswap(orderedBits(value));
  std::memcpy(bytes + 1, &turned, 8);
  to.append(bytes, 9);
  if (hasRemainder(value)) put(to, remainder, 2);
}

void putUint(std::string& to, std::uint64_t value) {
  // Cutting the low 11 bits rounds down, exactly.
  const auto low = value >= (std::uint64_t{1} << 53) ? value & 2047U : 0;
  putNumber(to, static_cast<double>(value - low), low);
}

void putInt(std::string& to, std::int64_t value) {
  if (value >= 0) return putUint(to, static_cast<std::uint64_t>(value));
  const auto low = value <= -(std::int64_t{1} << 53) ? static_cast<std::uint64_t>(value) & 2047U : 0;
  putNumber(to, static_cast<double>(value - static_cast<std::int64_t>(low)), low);
}

/// Zero bytes are escaped, so that two of them end the text before any longer one.
void putText(std::string& to, Tag tag, std::string_view text) {
  to.push_back(static_cast<char>(tag));
  if (text.empty() || std::memchr(text.data(), 0, text.size()) == nullptr) {
    to.append(text);
  } else {
    for (const char c : text) {
      to.push_back(c);
      if (c == 0) to.push_back(static_cast<char>(0xFF));
    }
  }
  to.append(2, '\0');
}

void putTime(std::string& to, Tag tag, std::int64_t seconds, std::int64_t nanos) {
  to.push_back(static_cast<char>(tag));
  put(to, static_cast<std::uint64_t>(seconds) ^ kTop);
  put(to, static_cast<std::uint64_t>(nanos), 4);
}

void putTicks(std::string& to, Tag tag, std::int64_t ticks, TimeUnit unit) {
  const std::int64_t perSecond = unit == TimeUnit::nanos ? 1'000'000'000 : 1'000'000;
  auto seconds = ticks / perSecond;
  auto rest = ticks % perSecond;
  if (rest < 0) {
    rest += perSecond;
    --seconds;
  }
  putTime(to, tag, seconds, unit == TimeUnit::nanos ? rest : rest * 1000);
}

void putValue(std::string& to, const Value& value);

void putMap(std::string& to, const Value& map) {
  std::vector<const MapEntry*> entries;
  for (const auto& entry : map.entries()) entries.push_back(&entry);
  std::ranges::sort(entries, [](const MapEntry* a, const MapEntry* b) { return totalOrder(a->key, b->key) < 0; });
  to.push_back(static_cast<char>(kMap));
  for (const auto* entry : entries) {
    putValue(to, entry->key);
    putValue(to, entry->value);
  }
  to.push_back(static_cast<char>(kEnd));
}

void putValue(std::string& to, const Value& value) {
  switch (value.kind()) {
    case ValueKind::null:
      to.push_back(static_cast<char>(kNullFirst));
      return;
    case ValueKind::boolean:
      to.push_back(static_cast<char>(kBoolean));
      to.push_back(value.boolean() ? '\1' : '\0');
      return;
    case ValueKind::int64:
      return putInt(to, value.int64());
    case ValueKind::uint64:
      return putUint(to, value.uint64());
    case ValueKind::float64:
      return putNumber(to, value.float64());
    case ValueKind::string:
      return putText(to, kString, value.text());
    case ValueKind::bytes:
      return putText(to, kBytes, value.text());
    case ValueKind::timestamp:
      return putTime(to, kTimestamp, value.seconds(), value.nanos());
    case ValueKind::duration:
      return putTime(to, kDuration, value.seconds(), value.nanos());
    case ValueKind::list:
      to.push_back(static_cast<char>(kList));
      for (const auto& item : value.items()) putValue(to, item);
      to.push_back(static_cast<char>(kEnd));
      return;
    case ValueKind::map:
      return putMap(to, value);
    case ValueKind::type:
      return putText(to, kType, value.text());
    case ValueKind::optional:
      to.push_back(static_cast<char>(kOptional));
      if (const auto* inner = value.optionalValue()) putValue(to, *inner);
      to.push_back(static_cast<char>(kEnd));
      return;
    case ValueKind::blob:
      return putText(to, kBlob, value.text());
    case ValueKind::opaque:
      return putText(to, kOpaque, value.text());
  }
}

void putRow(std::string& to, const Column& column, std::int64_t row) {
  const auto at = static_cast<std::size_t>(row);
  switch (column.type->kind) {
    case Kind::boolean:
      to.push_back(static_cast<char>(kBoolean));
      to.push_back(column.boolean(row) ? '\1' : '\0');
      return;
    case Kind::int64:
      return putInt(to, column.ints()[at]);
    case Kind::uint64:
      return putUint(to, column.uints()[at]);
    case Kind::float64:
      return putNumber(to, column.doubles()[at]);
    case Kind::string:
      return putText(to, kString, column.text(row));
    case Kind::bytes:
      return putText(to, kBytes, column.text(row));
    case Kind::timestamp:
      return putTicks(to, kTimestamp, column.ints()[at], column.type->unit);
    case Kind::duration:
      return putTicks(to, kDuration, column.ints()[at], column.type->unit);
    case Kind::null:
    case Kind::list:
    case Kind::map:
    case Kind::tensor:
    case Kind::blob:
    case Kind::any:
      return putValue(to, column.value(row));
  }
}

void putNull(std::string& to, KeyOrder order) {
  to.push_back(static_cast<char>(order.nullsLast ? kNullLast : kNullFirst));
}

/// Turned over, so that what was greater is less. The first byte stays between those of the nulls.
void turn(std::string& to, std::size_t from) {
  for (auto i = from; i < to.size(); ++i) to[i] = static_cast<char>(~static_cast<unsigned char>(to[i]));
}

Result<std::uint64_t> get(std::string_view& from, std::size_t count) {
  if (from.size() < count) return fail("value.corrupt", "a key ends too early");
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word = word << 8 | static_cast<unsigned char>(from[i]);
  from.remove_prefix(count);
  return word;
}

Result<std::string> getText(std::string_view& from) {
  std::string text;
  for (std::size_t i = 0; i + 1 < from.size(); ++i) {
    if (from[i] == 0) {
      if (from[i + 1] == 0) {
        from.remove_prefix(i + 2);
        return text;
      }
      ++i;
      text.push_back('\0');
    } else {
      text.push_back(from[i]);
    }
  }
  return fail("value.corrupt", "a text in a key has no end");
}

Result<Value> getNumber(std::string_view& from, const Type& type) {
  WEIR_ASSIGN(const auto bits, get(from, 8));
  const auto number = std::bit_cast<double>((bits & kTop) != 0 ? bits & ~kTop : ~bits);
  std::uint64_t low = 0;
  if (hasRemainder(number)) {
    WEIR_ASSIGN(low, get(from, 2));
  }
  if (type.kind == Kind::float64) return Value::float64(number);
  if (number >= -kTwo63 && number < kTwo63 && type.kind != Kind::uint64 && std::trunc(number) == number)
    return Value::int64(static_cast<std::int64_t>(number) + static_cast<std::int64_t>(low));
  if (number >= 0 && number < kTwo64 && std::trunc(number) == number)
    return Value::uint64(static_cast<std::uint64_t>(number) + low);
  return Value::float64(number);
}

}  // namespace

void appendKey(std::string& to, const Value& value, KeyOrder order) {
  if (value.isNull()) return putNull(to, order);
  const auto from = to.size();
  putValue(to, value);
  if (order.descending) turn(to, from);
}

void appendKey(std::string& to, const Column& column, std::int64_t row, KeyOrder order) {
  if (column.isNull(row)) return putNull(to, order);
  const auto from = to.size();
  putRow(to, column, row);
  if (from == to.size() - 1 && column.type->kind == Kind::any) {
    // An `any` that holds null.
    to.resize(from);
    return putNull(to, order);
  }
  if (order.descending) turn(to, from);
}

void appendKeyNumber(std::string& to, std::int64_t value) { put(to, static_cast<std::uint64_t>(value) ^ kTop); }

bool keyTellsValue(const Type& type) noexcept {
  switch (type.kind) {
    case Kind::null:
    case Kind::boolean:
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::string:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
      return true;
    case Kind::list:
    case Kind::map:
    case Kind::tensor:
    case Kind::blob:
    case Kind::any:
      return false;
  }
  return false;
}

Result<Value> readKey(std::string_view& from, const Type& type) {
  WEIR_ASSIGN(const auto tag, get(from, 1));
  switch (tag) {
    case kNullFirst:
    case kNullLast:
      return Value::null();
    case kBoolean: {
      WEIR_ASSIGN(const auto bit, get(from, 1));
      return Value::boolean(bit != 0);
    }
    case kNumber:
      return getNumber(from, type);
    case kString: {
      WEIR_ASSIGN(const auto text, getText(from));
      return Value::string(text);
    }
    case kBytes: {
      WEIR_ASSIGN(const auto text, getText(from));
      return Value::bytes(text);
    }
    case kTimestamp:
    case kDuration: {
      WEIR_ASSIGN(const auto seconds, get(from, 8));
      WEIR_ASSIGN(const auto nanos, get(from, 4));
      const auto whole = static_cast<std::int64_t>(seconds ^ kTop);
      const auto part = static_cast<std::int32_t>(nanos);
      return tag == kTimestamp ? Value::timestamp(whole, part) : Value::duration(whole, part);
    }
    default:
      return fail("value.corrupt", "a key holds an unknown kind of value");
  }
}

}  // namespace weir
