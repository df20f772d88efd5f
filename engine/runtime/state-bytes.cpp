// Values of saved states: a byte for the kind, little-endian numbers, texts behind their length.
#include "engine/runtime/state-bytes.h"

#include <cstring>
#include <utility>
#include <vector>

namespace weir::runtime {
namespace {

constexpr int kMostDepth = 64;

void appendWord(std::string& out, std::uint64_t word, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>((word >> (8 * i)) & 0xffU));
}

void appendText(std::string& out, std::string_view text) {
  appendWord(out, text.size(), 8);
  out.append(text);
}

}  // namespace

void appendStateValue(std::string& out, const Value& value) {
  out.push_back(static_cast<char>(value.kind()));
  switch (value.kind()) {
    case ValueKind::null:
      return;
    case ValueKind::boolean:
      return appendWord(out, value.boolean() ? 1 : 0, 1);
    case ValueKind::int64:
    case ValueKind::uint64:
      return appendWord(out, value.uint64(), 8);
    case ValueKind::float64: {
      const auto number = value.float64();
      std::uint64_t bits = 0;
      std::memcpy(&bits, &number, sizeof bits);
      return appendWord(out, bits, 8);
    }
    case ValueKind::timestamp:
    case ValueKind::duration:
      appendWord(out, static_cast<std::uint64_t>(value.seconds()), 8);
      return appendWord(out, static_cast<std::uint32_t>(value.nanos()), 4);
    case ValueKind::string:
    case ValueKind::bytes:
    case ValueKind::type:
    case ValueKind::blob:
      return appendText(out, value.text());
    case ValueKind::opaque:
      appendWord(out, static_cast<std::uint64_t>(value.opaqueKind()), 1);
      return appendText(out, value.text());
    case ValueKind::list:
      appendWord(out, value.items().size(), 8);
      for (const auto& item : value.items()) appendStateValue(out, item);
      return;
    case ValueKind::map:
      appendWord(out, value.entries().size(), 8);
      for (const auto& entry : value.entries()) {
        appendStateValue(out, entry.key);
        appendStateValue(out, entry.value);
      }
      return;
    case ValueKind::optional:
      appendWord(out, value.optionalValue() != nullptr ? 1 : 0, 1);
      if (value.optionalValue() != nullptr) appendStateValue(out, *value.optionalValue());
      return;
  }
}

Result<Poll> StateBytes::write(const Value& value) {
  appendStateValue(bytes_, value);
  if (static_cast<std::int64_t>(bytes_.size()) <= mostBytes_) return Poll::ready;
  return fail("state.too_large", "node '" + std::string(nodeId_) + "' holds more than " +
                                     std::to_string(mostBytes_ >> 20) +
                                     " MiB of state, more than a checkpoint takes of one node");
}

std::unexpected<Error> SavedState::damaged() const {
  return fail("state.corrupt", "the saved state of node '" + std::string(nodeId_) + "' is damaged at byte " +
                                   std::to_string(at_) + " of " + std::to_string(bytes_.size()) +
                                   "; start without --resume, or restore a backup");
}

Result<Value> SavedState::readValue() {
  if (atEnd()) {
    return fail("state.mismatch", "the saved state of node '" + std::string(nodeId_) +
                                      "' ends too early; start the run again without its saved state");
  }
  return next(0);
}

Result<std::uint64_t> SavedState::word(std::size_t bytes) {
  if (bytes_.size() - at_ < bytes) return damaged();
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[at_ + i])) << (8 * i);
  }
  at_ += bytes;
  return word;
}

Result<std::size_t> SavedState::count() {
  WEIR_ASSIGN(const auto count, word(8));
  // Each takes a byte at least.
  if (count > bytes_.size() - at_) return damaged();
  return static_cast<std::size_t>(count);
}

Result<std::string_view> SavedState::text() {
  WEIR_ASSIGN(const auto size, count());
  const auto text = bytes_.substr(at_, size);
  at_ += size;
  return text;
}

Result<Value> SavedState::next(int depth) {
  if (depth > kMostDepth) return damaged();
  WEIR_ASSIGN(const auto number, word(1));
  if (number > static_cast<std::uint64_t>(ValueKind::opaque)) return damaged();
  const auto kind = static_cast<ValueKind>(number);
  switch (kind) {
    case ValueKind::null:
      return Value::null();
    case ValueKind::boolean:
    case ValueKind::int64:
    case ValueKind::uint64:
    case ValueKind::float64:
    case ValueKind::timestamp:
    case ValueKind::duration:
      return scalar(kind);
    case ValueKind::string:
    case ValueKind::bytes:
    case ValueKind::type:
    case ValueKind::blob:
    case ValueKind::opaque:
      return textual(kind);
    case ValueKind::list:
    case ValueKind::map:
    case ValueKind::optional:
      return nested(kind, depth + 1);
  }
  return damaged();
}

Result<Value> SavedState::scalar(ValueKind kind) {
  if (kind == ValueKind::boolean) {
    WEIR_ASSIGN(const auto bit, word(1));
    return Value::boolean(bit != 0);
  }
  WEIR_ASSIGN(const auto bits, word(8));
  if (kind == ValueKind::int64) return Value::int64(static_cast<std::int64_t>(bits));
  if (kind == ValueKind::uint64) return Value::uint64(bits);
  if (kind == ValueKind::float64) {
    double number = 0;
    std::memcpy(&number, &bits, sizeof number);
    return Value::float64(number);
  }
  WEIR_ASSIGN(const auto nanos, word(4));
  if (nanos > 999'999'999) return damaged();
  const auto seconds = static_cast<std::int64_t>(bits);
  const auto part = static_cast<std::int32_t>(nanos);
  return kind == ValueKind::timestamp ? Value::timestamp(seconds, part) : Value::duration(seconds, part);
}

Result<Value> SavedState::textual(ValueKind kind) {
  std::uint64_t which = 0;
  if (kind == ValueKind::opaque) {
    WEIR_ASSIGN(which, word(1));
    if (which > static_cast<std::uint64_t>(OpaqueKind::networkRange)) return damaged();
  }
  WEIR_ASSIGN(const auto held, text());
  if (kind == ValueKind::string) return Value::string(held);
  if (kind == ValueKind::bytes) return Value::bytes(held);
  if (kind == ValueKind::type) return Value::type(held);
  if (kind == ValueKind::blob) return Value::blob(held);
  return Value::opaque(static_cast<OpaqueKind>(which), held);
}

Result<Value> SavedState::nested(ValueKind kind, int depth) {
  if (kind == ValueKind::optional) {
    WEIR_ASSIGN(const auto there, word(1));
    if (there == 0) return Value::optionalNone();
    WEIR_ASSIGN(auto value, next(depth));
    return Value::optionalOf(std::move(value));
  }
  WEIR_ASSIGN(const auto size, count());
  std::vector<Value> items;
  std::vector<MapEntry> entries;
  for (std::size_t i = 0; i < size; ++i) {
    WEIR_ASSIGN(auto item, next(depth));
    if (kind == ValueKind::list) {
      items.push_back(std::move(item));
      continue;
    }
    WEIR_ASSIGN(auto value, next(depth));
    entries.push_back({std::move(item), std::move(value)});
  }
  return kind == ValueKind::list ? Value::list(std::move(items)) : Value::map(std::move(entries));
}

}  // namespace weir::runtime
