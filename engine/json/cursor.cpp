// Walks the structural index.
#include "engine/json/cursor.h"

#include <algorithm>
#include <array>

#include "engine/json/text.h"

namespace weir::json {
namespace {

bool beginsNumber(char c) { return c == '-' || static_cast<unsigned char>(c - '0') < 10; }

std::uint32_t word(const char* p) {
  std::uint32_t value = 0;
  std::memcpy(&value, p, sizeof value);
  return value;
}

// true, false or null, without a branch that depends on which.
bool isLiteral(const char* text, std::uint32_t size) {
  const auto four =
      static_cast<unsigned>(word(text) == word("true")) | static_cast<unsigned>(word(text) == word("null"));
  const auto five = static_cast<unsigned>(word(text + 1) == word("alse")) & static_cast<unsigned>(text[0] == 'f');
  return ((four & static_cast<unsigned>(size == 4)) | (five & static_cast<unsigned>(size == 5))) != 0;
}

// One bit a level: whether it is an object.
class Nesting {
 public:
  void set(std::int32_t level, bool object) {
    const auto bit = std::uint64_t{1} << (static_cast<unsigned>(level) & 63U);
    auto& word = words_[static_cast<std::size_t>(level) >> 6U];
    word = object ? word | bit : word & ~bit;
  }
  [[nodiscard]] bool get(std::int32_t level) const {
    return (words_[static_cast<std::size_t>(level) >> 6U] >> (static_cast<unsigned>(level) & 63U) & 1U) != 0;
  }

 private:
  std::array<std::uint64_t, kMaxDepth / 64 + 1> words_;
};

}  // namespace

KeyPattern::KeyPattern(std::string_view rawKey) : whole_(",\"") {
  whole_.append(rawKey).append("\":");
  size_ = static_cast<std::uint32_t>(whole_.size());
  mask_ = (1U << std::min(size_, kHeadBytes)) - 1;
  std::memcpy(head_.data(), whole_.data(), std::min(whole_.size(), head_.size()));
}

bool Cursor::tryFirst(const KeyPattern& key) {
  const std::uint32_t opener = next_[-1];
  if (*next_ - opener + 1 != key.size() || !key.stands(text_ + opener + 1)) return false;
  ++next_;
  fresh_ = false;
  locate(opener + key.size() - 1);
  return true;
}

bool Cursor::enterObject() {
  if (text_[token_] != '{') return fail(kind() == Kind::none ? Fault::expectedValue : Fault::wrongType, token_);
  if (++depth_ > kMaxDepth) return fail(Fault::tooDeep, token_);
  fresh_ = true;
  return true;
}

bool Cursor::enterArray() {
  if (text_[token_] != '[') return fail(kind() == Kind::none ? Fault::expectedValue : Fault::wrongType, token_);
  if (++depth_ > kMaxDepth) return fail(Fault::tooDeep, token_);
  fresh_ = true;
  return true;
}

// Takes the key at the token and its colon.
bool Cursor::readKey(Fault otherwise, std::string_view& rawKey) {
  if (text_[token_] != '"') return fail(otherwise, token_);
  const std::uint32_t colon = *next_++;
  if (text_[colon] != ':') return fail(Fault::expectedColon, colon);
  std::uint32_t end = colon - 1;
  while (text_[end] != '"') --end;
  rawKey = {text_ + token_ + 1, end - token_ - 1};
  locate(colon);
  return true;
}

bool Cursor::nextField(std::string_view& rawKey) {
  const bool first = fresh_;
  fresh_ = false;
  const std::uint32_t opener = first ? next_[-1] : *next_++;
  if (!first && text_[opener] != ',') {
    if (text_[opener] != '}') return fail(Fault::expectedCommaOrBrace, opener);
    --depth_;
    return false;
  }
  locate(opener);
  if (first && text_[token_] == '}') {
    --depth_;
    return false;
  }
  return readKey(first ? Fault::expectedKeyOrEnd : Fault::expectedKey, rawKey);
}

bool Cursor::nextElement() {
  const bool first = fresh_;
  fresh_ = false;
  const std::uint32_t opener = first ? next_[-1] : *next_++;
  if (!first && text_[opener] != ',') {
    if (text_[opener] != ']') return fail(Fault::expectedCommaOrBracket, opener);
    --depth_;
    return false;
  }
  locate(opener);
  if (first && text_[token_] == ']') {
    --depth_;
    return false;
  }
  return true;
}

bool Cursor::isWord(std::string_view word) const { return scalarText() == word; }

bool Cursor::skipOther(char first) {
  if (first == '{' || first == '[') return skipContainer();
  if (beginsNumber(first)) {
    const auto fault = checkNumber(text_ + token_, text_ + scalarEnd());
    return fault == Fault::none || fail(fault, token_);
  }
  if (isLiteral(text_ + token_, scalarEnd() - token_)) return true;
  const bool letters = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
  return fail(letters ? Fault::badLiteral : Fault::expectedValue, token_);
}

// A container of scalars: what most are. False: it is none, or wrong; then the cursor stands where it stood.
bool Cursor::skipFlat() {
  const auto* const before = next_;
  const auto token = token_;
  const char closer = text_[token] == '{' ? '}' : ']';
  locate(token);
  if (text_[token_] == closer) return true;
  for (std::string_view key;;) {
    if (closer == '}' && !readKey(Fault::expectedKey, key)) break;
    const char first = text_[token_];
    if (first != '"' && (first == '{' || first == '[' || !skipOther(first))) break;
    const auto at = *next_++;
    if (text_[at] == closer) return true;
    if (text_[at] != ',') break;
    locate(at);
  }
  next_ = before;
  token_ = token;
  problem_ = {};
  return false;
}

bool Cursor::skipContainer() {
  if (depth_ < kMaxDepth && skipFlat()) return true;
  Nesting nesting;
  std::int32_t level = 0;
  bool object = text_[token_] == '{';
  nesting.set(0, object);
  if (depth_ + 1 > kMaxDepth) return fail(Fault::tooDeep, token_);
  bool fresh = true;
  std::string_view key;
  locate(token_);
  for (;;) {
    // The token is a field or an element, or ends a container just opened.
    const bool empty = fresh && text_[token_] == (object ? '}' : ']');
    if (!empty) {
      if (object && !readKey(fresh ? Fault::expectedKeyOrEnd : Fault::expectedKey, key)) return false;
      fresh = false;
      const char first = text_[token_];
      if (first == '{' || first == '[') {
        if (depth_ + 1 + ++level > kMaxDepth) return fail(Fault::tooDeep, token_);
        object = first == '{';
        nesting.set(level, object);
        fresh = true;
        locate(token_);
        continue;
      }
      if (first != '"' && !skipOther(first)) return false;
    }
    // Behind a value: a comma, or the ends of one or more containers.
    for (bool ended = empty;; ended = false) {
      if (!ended) {
        const std::uint32_t at = *next_++;
        if (text_[at] == ',') {
          locate(at);
          break;
        }
        if (text_[at] != (object ? '}' : ']'))
          return fail(object ? Fault::expectedCommaOrBrace : Fault::expectedCommaOrBracket, at);
      }
      if (level == 0) return true;
      object = nesting.get(--level);
    }
    fresh = false;
  }
}

bool Cursor::getNull() {
  if (text_[token_] != 'n') return fail(Fault::wrongType, token_);
  return isWord("null") || fail(Fault::badLiteral, token_);
}

bool Cursor::getBool(bool& value) {
  if (kind() != Kind::boolean) return fail(Fault::wrongType, token_);
  value = text_[token_] == 't';
  return isWord(value ? "true" : "false") || fail(Fault::badLiteral, token_);
}

bool Cursor::getNumber(Number& value) {
  if (!beginsNumber(text_[token_])) return fail(kind() == Kind::none ? Fault::expectedValue : Fault::wrongType, token_);
  const auto fault = parseNumber(text_ + token_, text_ + scalarEnd(), value);
  return fault == Fault::none || fail(fault, token_);
}

bool Cursor::getInt64(std::int64_t& value) {
  Number number;
  if (!getNumber(number)) return false;
  value = number.int64;
  return number.kind == NumberKind::int64 || fail(Fault::wrongType, token_);
}

bool Cursor::getUint64(std::uint64_t& value) {
  Number number;
  if (!getNumber(number)) return false;
  value = number.uint64;
  const bool fits = number.kind == NumberKind::uint64 || (number.kind == NumberKind::int64 && number.int64 >= 0);
  return fits || fail(Fault::wrongType, token_);
}

bool Cursor::getDouble(double& value) {
  Number number;
  if (!getNumber(number)) return false;
  value = number.asDouble();
  return true;
}

bool Cursor::getRawString(std::string_view& raw) {
  if (text_[token_] != '"') return fail(kind() == Kind::none ? Fault::expectedValue : Fault::wrongType, token_);
  std::uint32_t end = *next_;
  if (end > token_) --end;
  while (end > token_ && text_[end] != '"') --end;
  // Only an index that was cut short at a wrong string has no end for it; the last quote may be an escaped one in it.
  bool escaped = false;
  for (auto at = end; at > token_ + 1 && text_[at - 1] == '\\'; --at) escaped = !escaped;
  if (end <= token_ || escaped) return fail(Fault::unterminatedString, *next_);
  raw = {text_ + token_ + 1, end - token_ - 1};
  return true;
}

bool Cursor::getString(std::string_view& value, std::string& buffer) {
  if (!getRawString(value)) return false;
  if (findBackslash(value) == value.size()) return true;
  buffer.clear();
  appendUnescaped(buffer, value);
  value = buffer;
  return true;
}

bool Cursor::getRaw(std::string_view& raw) {
  const auto begin = token_;
  const char first = text_[token_];
  if (!skip()) return false;
  const bool container = first == '{' || first == '[';
  const auto end = container ? next_[-1] + 1 : scalarEnd();
  raw = {text_ + begin, end - begin};
  return true;
}

bool Cursor::finish(const Structure& structure) {
  const auto at = *next_;
  const bool ended = at >= structure.end() || text_[at] == '\n';
  return ended || fail(Fault::trailing, at);
}

}  // namespace weir::json
