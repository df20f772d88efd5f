// The body of a CEL string or bytes literal.
#include "engine/cel/string-literal.h"

#include "engine/cel/utf8.h"

namespace weir::cel {
namespace {

[[nodiscard]] int hexDigit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

[[nodiscard]] char simpleEscape(char c) noexcept {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`':
      return c;
    default:
      return '\0';
  }
}

class Decoder {
 public:
  Decoder(std::string_view body, bool bytes) : body_(body), bytes_(bytes) {}

  std::expected<std::string, StringLiteralError> run() {
    while (at_ < body_.size()) {
      if (body_[at_] != '\\') {
        out_.push_back(body_[at_++]);
      } else if (!escape()) {
        return std::unexpected(std::move(error_));
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool fail(std::size_t length, std::string message) {
    error_.offset = static_cast<std::uint32_t>(at_);
    error_.length = static_cast<std::uint32_t>(std::min(length, body_.size() - at_));
    error_.message = std::move(message);
    return false;
  }

  [[nodiscard]] bool escape() {
    const char c = at_ + 1 < body_.size() ? body_[at_ + 1] : '\0';
    if (const char simple = simpleEscape(c); simple != '\0') {
      out_.push_back(simple);
      at_ += 2;
      return true;
    }
    switch (c) {
      case 'x':
      case 'X':
        return digits(2, 2, 16);
      case 'u':
        return bytes_ ? notInBytes(6) : digits(2, 4, 16);
      case 'U':
        return bytes_ ? notInBytes(10) : digits(2, 8, 16);
      default:
        break;
    }
    if (c >= '0' && c <= '3') return digits(1, 3, 8);
    return fail(2, "The escape \"" + std::string(body_.substr(at_, 2)) +
                       "\" is unknown; known are \\\\ \\\" \\' \\` \\? \\a \\b \\f \\n \\r \\t \\v \\xHH \\uHHHH "
                       "\\UHHHHHHHH \\OOO. Write r'...' for a string in which a backslash is a backslash.");
  }

  [[nodiscard]] bool notInBytes(std::size_t length) {
    return fail(length, "Bytes have no \\u escapes; write the bytes as \\xHH.");
  }

  [[nodiscard]] bool digits(std::size_t skip, std::size_t count, int base) {
    std::uint32_t point = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = at_ + skip + i;
      const int digit = at < body_.size() ? hexDigit(body_[at]) : -1;
      if (digit < 0 || digit >= base)
        return fail(skip + count, "This escape needs " + std::to_string(count) +
                                      (base == 16 ? " hexadecimal digits." : " octal digits."));
      point = point * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
    }
    if (bytes_) {
      out_.push_back(static_cast<char>(point));
      at_ += skip + count;
      return true;
    }
    if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
      return fail(skip + count,
                  "This escape is no Unicode character (0 to 10FFFF, without the surrogates D800 to DFFF).");
    appendUtf8(out_, point);
    at_ += skip + count;
    return true;
  }

  std::string_view body_;
  bool bytes_;
  std::size_t at_ = 0;
  std::string out_;
  StringLiteralError error_;
};

}  // namespace

std::expected<std::string, StringLiteralError> decodeString(std::string_view body, bool raw, bool bytes) {
  std::string text;
  if (raw) {
    text = body;
  } else {
    auto decoded = Decoder(body, bytes).run();
    if (!decoded) return decoded;
    text = std::move(*decoded);
  }
  if (!bytes) {
    for (std::size_t at = 0; at < text.size();) {
      const auto begin = at;
      if (decodeUtf8(text, at) != kBadCodePoint) continue;
      return std::unexpected(StringLiteralError{static_cast<std::uint32_t>(std::min(begin, body.size())), 1,
                                                "The string holds bytes that are not UTF-8; write b'...' for bytes."});
    }
  }
  return text;
}

}  // namespace weir::cel
