// Encoding and decoding of values.
#include "engine/data/value-codec.h"

#include <bit>

namespace weir {
namespace {

enum class Tag : std::uint8_t {
  null,
  no,
  yes,
  int64,
  uint64,
  float64,
  string,
  bytes,
  timestamp,
  duration,
  list,
  map,
  type,
  none,
  some,
  blob,
  opaque
};
constexpr std::uint64_t kNanBits = 0x7ff8000000000000ull;
constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

void putTag(std::string& to, Tag tag) { to += static_cast<char>(tag); }

void putVarint(std::string& to, std::uint64_t value) {
  while (value >= 0x80) {
    to += static_cast<char>(static_cast<std::uint8_t>(value) | 0x80);
    value >>= 7;
  }
  to += static_cast<char>(value);
}

void putSigned(std::string& to, std::int64_t value) {
  putVarint(to, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void putText(std::string& to, Tag tag, std::string_view text) {
  putTag(to, tag);
  putVarint(to, text.size());
  to += text;
}

void putDouble(std::string& to, double value) {
  putTag(to, Tag::float64);
  auto bits = value != value ? kNanBits : std::bit_cast<std::uint64_t>(value);
  for (int i = 0; i < 8; ++i, bits >>= 8) to += static_cast<char>(bits & 0xff);
}

bool put(std::string& to, const Value& value, int depth) {
  if (depth > kMaxValueDepth) return false;
  switch (value.kind()) {
    case ValueKind::null:
      putTag(to, Tag::null);
      return true;
    case ValueKind::boolean:
      putTag(to, value.boolean() ? Tag::yes : Tag::no);
      return true;
    case ValueKind::int64:
      putTag(to, Tag::int64);
      putSigned(to, value.int64());
      return true;
    case ValueKind::uint64:
      putTag(to, Tag::uint64);
      putVarint(to, value.uint64());
      return true;
    case ValueKind::float64:
      putDouble(to, value.float64());
      return true;
    case ValueKind::string:
      putText(to, Tag::string, value.text());
      return true;
    case ValueKind::bytes:
      putText(to, Tag::bytes, value.text());
      return true;
    case ValueKind::type:
      putText(to, Tag::type, value.text());
      return true;
    case ValueKind::blob:
      putText(to, Tag::blob, value.text());
      return true;
    case ValueKind::timestamp:
    case ValueKind::duration:
      putTag(to, value.kind() == ValueKind::timestamp ? Tag::timestamp : Tag::duration);
      putSigned(to, value.seconds());
      putVarint(to, static_cast<std::uint32_t>(value.nanos()));
      return true;
    case ValueKind::list:
      putTag(to, Tag::list);
      putVarint(to, value.items().size());
      for (const auto& item : value.items())
        if (!put(to, item, depth + 1)) return false;
      return true;
    case ValueKind::map:
      putTag(to, Tag::map);
      putVarint(to, value.entries().size());
      for (const auto& entry : value.entries())
        if (!put(to, entry.key, depth + 1) || !put(to, entry.value, depth + 1)) return false;
      return true;
    case ValueKind::optional:
      if (value.optionalValue() == nullptr) {
        putTag(to, Tag::none);
        return true;
      }
      putTag(to, Tag::some);
      return put(to, *value.optionalValue(), depth + 1);
    case ValueKind::opaque:
      putTag(to, Tag::opaque);
      to += static_cast<char>(value.opaqueKind());
      putVarint(to, value.text().size());
      to += value.text();
      return true;
  }
  return false;
}

class Decoder {
 public:
  explicit Decoder(std::string_view from) : from_(from), rest_(from) {}
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

  Result<Value> value(int depth) {
    if (depth > kMaxValueDepth) return corrupt("values nest too deep");
    WEIR_ASSIGN(const auto tag, byte());
    switch (static_cast<Tag>(tag)) {
      case Tag::null:
        return Value::null();
      case Tag::no:
        return Value::boolean(false);
      case Tag::yes:
        return Value::boolean(true);
      case Tag::int64: {
        WEIR_ASSIGN(const auto number, signedVarint());
        return Value::int64(number);
      }
      case Tag::uint64: {
        WEIR_ASSIGN(const auto number, varint());
        return Value::uint64(number);
      }
      case Tag::float64:
        return readDouble();
      case Tag::string:
        return readText(&Value::string);
      case Tag::bytes:
        return readText(&Value::bytes);
      case Tag::type:
        return readText(&Value::type);
      case Tag::blob:
        return readText(&Value::blob);
      case Tag::timestamp:
      case Tag::duration:
        return readTime(static_cast<Tag>(tag));
      case Tag::list:
        return readList(depth);
      case Tag::map:
        return readMap(depth);
      case Tag::none:
        return Value::optionalNone();
      case Tag::some: {
        WEIR_ASSIGN(auto inner, value(depth + 1));
        return Value::optionalOf(std::move(inner));
      }
      case Tag::opaque:
        return readOpaque();
    }
    return corrupt("the tag " + std::to_string(tag) + " is unknown");
  }

 private:
  std::unexpected<Error> corrupt(const std::string& why) const {
    return fail("value.corrupt", "The encoded value is damaged at byte " + std::to_string(from_.size() - rest_.size()) +
                                     ": " + why + ".");
  }
  Result<std::uint8_t> byte() {
    if (rest_.empty()) return corrupt("it ends too early");
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  Result<std::uint64_t> varint() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      WEIR_ASSIGN(const auto part, byte());
      if (shift == 63 && part > 1) break;
      number |= static_cast<std::uint64_t>(part & 0x7f) << shift;
      if ((part & 0x80) == 0) return number;
    }
    return corrupt("a number has more than 64 bits");
  }
  Result<std::int64_t> signedVarint() {
    WEIR_ASSIGN(const auto number, varint());
    return static_cast<std::int64_t>((number >> 1) ^ (~(number & 1) + 1));
  }
  Result<std::string_view> text() {
    WEIR_ASSIGN(const auto size, varint());
    if (size > rest_.size()) return corrupt("a text of " + std::to_string(size) + " bytes is cut off");
    const auto part = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(part.size());
    return part;
  }
  Result<Value> readText(Value (*make)(std::string_view)) {
    WEIR_ASSIGN(const auto part, text());
    return make(part);
  }
  Result<Value> readDouble() {
    if (rest_.size() < 8) return corrupt("a double is cut off");
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i)
      number |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(rest_[i])) << (8 * i);
    rest_.remove_prefix(8);
    const auto value = std::bit_cast<double>(number);
    return Value::float64(value != value ? std::bit_cast<double>(kNanBits) : value);
  }
  Result<Value> readTime(Tag tag) {
    WEIR_ASSIGN(const auto seconds, signedVarint());
    WEIR_ASSIGN(const auto nanos, varint());
    if (nanos >= kNanosPerSecond) return corrupt("nanoseconds are out of range");
    const auto small = static_cast<std::int32_t>(nanos);
    return tag == Tag::timestamp ? Value::timestamp(seconds, small) : Value::duration(seconds, small);
  }
  Result<Value> readList(int depth) {
    WEIR_ASSIGN(const auto count, varint());
    if (count > rest_.size()) return corrupt("a list of " + std::to_string(count) + " elements is cut off");
    std::vector<Value> items;
    for (std::uint64_t i = 0; i < count; ++i) {
      WEIR_ASSIGN(auto item, value(depth + 1));
      items.push_back(std::move(item));
    }
    return Value::list(std::move(items));
  }
  Result<Value> readMap(int depth) {
    WEIR_ASSIGN(const auto count, varint());
    if (count > rest_.size() / 2) return corrupt("a map of " + std::to_string(count) + " entries is cut off");
    MapBuilder entries;
    for (std::uint64_t i = 0; i < count; ++i) {
      WEIR_ASSIGN(auto key, value(depth + 1));
      WEIR_ASSIGN(auto item, value(depth + 1));
      if (!entries.insert(std::move(key), std::move(item))) return corrupt("a map has the same key twice");
    }
    return std::move(entries).build();
  }
  Result<Value> readOpaque() {
    WEIR_ASSIGN(const auto kind, byte());
    WEIR_ASSIGN(const auto data, text());
    const auto extra = kind == static_cast<std::uint8_t>(OpaqueKind::networkRange) ? 1u : 0u;
    if (kind > 1 || (data.size() != 4 + extra && data.size() != 16 + extra))
      return corrupt("an extension value has a form that is unknown");
    return Value::opaque(static_cast<OpaqueKind>(kind), data);
  }

  std::string_view from_;
  std::string_view rest_;
};

}  // namespace

Result<void> encodeValue(const Value& value, std::string& to) {
  const auto before = to.size();
  if (put(to, value, 0)) return {};
  to.resize(before);
  return fail("value.too_deep", "The value nests more than " + std::to_string(kMaxValueDepth) +
                                    " levels deep. Flatten it, or keep it as text.");
}

Result<Value> decodeValue(std::string_view& from) {
  Decoder decoder(from);
  WEIR_ASSIGN(auto value, decoder.value(0));
  from = decoder.rest();
  return value;
}

Result<Value> decodeWholeValue(std::string_view from) {
  WEIR_ASSIGN(auto value, decodeValue(from));
  if (!from.empty())
    return fail("value.corrupt",
                "The encoded value is followed by " + std::to_string(from.size()) + " bytes too many.");
  return value;
}

}  // namespace weir
