// The head of a request and its chunks, by RFC 9112, refusing what is only tolerated there.
#include "hosts/native/network/request-head.h"

#include <cstring>

namespace weir::native {
namespace {

constexpr std::size_t kMostHeadBytes = 32 * 1024;
constexpr std::size_t kMostChunkLine = 256;
constexpr std::size_t kMostTrailerBytes = 8 * 1024;

constexpr std::array<bool, 256> kToken = [] {
  std::array<bool, 256> table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool isToken(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!kToken[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

bool isVisible(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return false;
  }
  return true;
}

bool isValue(std::string_view text) {
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

char lowerOf(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); }

/// Reads a head whose lines are known to be whole.
class HeadReader {
 public:
  HeadReader(std::string_view text, RequestHead& head) : rest_(text), head_(head) {}

  /// 0, or the status to answer.
  int read() {
    if (const int status = requestLine(); status != 0) return status;
    for (;;) {
      const auto line = nextLine();
      if (line.data() == nullptr) return wrong("a line does not end in CR LF");
      if (line.empty()) break;
      if (const int status = headerLine(line); status != 0) return status;
    }
    return settle();
  }
  [[nodiscard]] std::string_view why() const { return why_; }

 private:
  int wrong(std::string_view why, int status = 400) {
    why_ = why;
    return status;
  }

  /// Without its end; null data: it does not end as it should.
  std::string_view nextLine() {
    const auto* end = static_cast<const char*>(std::memchr(rest_.data(), '\n', rest_.size()));
    if (end == nullptr || end == rest_.data() || end[-1] != '\r') return {};
    const auto bytes = static_cast<std::size_t>(end - rest_.data());
    const auto line = rest_.substr(0, bytes - 1);
    rest_.remove_prefix(bytes + 1);
    return line;
  }

  int requestLine() {
    const auto line = nextLine();
    if (line.data() == nullptr) return wrong("the first line does not end in CR LF");
    const auto space = line.find(' ');
    const auto last = line.rfind(' ');
    if (space == std::string_view::npos || last == space)
      return wrong("the first line is not method, target and version");
    head_.method = line.substr(0, space);
    head_.target = line.substr(space + 1, last - space - 1);
    const auto version = line.substr(last + 1);
    if (!isToken(head_.method)) return wrong("the method is no word");
    if (!head_.target.starts_with('/') || !isVisible(head_.target)) return wrong("the target is not a path");
    if (version == "HTTP/1.0") {
      old_ = head_.old = true;
      head_.keepAlive = false;
    } else if (version != "HTTP/1.1") {
      return wrong("the version is not HTTP/1.1", 505);
    }
    return 0;
  }

  int headerLine(std::string_view line) {
    if (head_.headerCount == RequestHead::kMostHeaders) return wrong("there are more than 100 headers", 431);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return wrong("a header has no colon");
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (!isToken(name)) return wrong("the name of a header has a character that none may have");
    if (!isValue(value)) return wrong("the value of a header has a control character");
    head_.headers[head_.headerCount++] = {name, value};
    switch (name.size()) {
      case 4:
        if (sameName(name, "host")) ++hosts_;
        return 0;
      case 6:
        if (sameName(name, "expect")) {
          if (!sameName(value, "100-continue")) return wrong("only 100-continue can be expected", 417);
          head_.expectsContinue = true;
        }
        return 0;
      case 10:
        if (sameName(name, "connection")) connection(value);
        return 0;
      case 14:
        return sameName(name, "content-length") ? length(value) : 0;
      case 17:
        if (!sameName(name, "transfer-encoding")) return 0;
        if (head_.chunked || !sameName(value, "chunked")) return wrong("the only transfer encoding is chunked", 501);
        head_.chunked = true;
        return 0;
      default:
        return 0;
    }
  }

  void connection(std::string_view value) {
    while (!value.empty()) {
      const auto comma = value.find(',');
      const auto word = trimmed(value.substr(0, comma));
      if (sameName(word, "close")) head_.keepAlive = false;
      if (sameName(word, "keep-alive") && old_) head_.keepAlive = true;
      value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    }
  }

  int length(std::string_view value) {
    if (hasLength_) return wrong("there are two lengths");
    hasLength_ = true;
    if (value.empty()) return wrong("the length is no number");
    std::int64_t bytes = 0;
    for (const char c : value) {
      if (c < '0' || c > '9') return wrong("the length is no number");
      if (bytes > (std::int64_t{1} << 52)) return wrong("the body is too large", 413);
      bytes = bytes * 10 + (c - '0');
    }
    head_.contentLength = bytes;
    return 0;
  }

  int settle() {
    if (hosts_ > 1 || (hosts_ == 0 && !old_)) return wrong("there is not exactly one Host");
    if (head_.chunked && (hasLength_ || old_)) return wrong("there are both a length and chunks");
    return 0;
  }

  std::string_view rest_;
  RequestHead& head_;
  std::string_view why_;
  int hosts_ = 0;
  bool old_ = false, hasLength_ = false;
};

}  // namespace

bool sameName(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (lowerOf(name[i]) != lower[i]) return false;
  }
  return true;
}

std::optional<std::string_view> RequestHead::header(std::string_view lowerName) const {
  for (std::size_t i = 0; i < headerCount; ++i) {
    if (sameName(headers[i].name, lowerName)) return headers[i].value;
  }
  return std::nullopt;
}

HeadState parseHead(std::string_view text, RequestHead& head, int& status, std::string_view& why) {
  const auto end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    // A head with bare line feeds would never end here.
    const bool bare = text.find("\n\n") != std::string_view::npos;
    if (text.size() <= kMostHeadBytes && !bare) return HeadState::more;
    status = bare ? 400 : 431;
    why = bare ? "a line does not end in CR LF" : "the head is larger than 32 KiB";
    return HeadState::wrong;
  }
  if (end > kMostHeadBytes) {
    status = 431;
    why = "the head is larger than 32 KiB";
    return HeadState::wrong;
  }
  head.headerCount = 0;
  head.contentLength = 0;
  head.chunked = head.expectsContinue = head.old = false;
  head.keepAlive = true;
  head.bytes = end + 4;
  HeadReader reader(text.substr(0, head.bytes), head);
  status = reader.read();
  why = reader.why();
  return status == 0 ? HeadState::complete : HeadState::wrong;
}

ChunkReader::Line ChunkReader::nextLine(std::string_view text, std::size_t& used, std::size_t& size) {
  const auto rest = text.substr(used);
  const auto end = rest.find('\n');
  const auto most = inTrailer_ ? kMostTrailerBytes : kMostChunkLine;
  if (end == std::string_view::npos) return rest.size() > most + 1 ? Line::wrong : Line::more;
  if (end == 0 || rest[end - 1] != '\r' || end > most + 1) return Line::wrong;
  const auto line = rest.substr(0, end - 1);
  used += end + 1;
  if (afterData_) {
    afterData_ = false;
    return line.empty() ? Line::other : Line::wrong;
  }
  if (inTrailer_) {
    trailerBytes_ += line.size();
    if (line.empty()) return Line::end;
    return trailerBytes_ > kMostTrailerBytes || line.find(':') == std::string_view::npos ? Line::wrong : Line::other;
  }
  const auto digits = line.substr(0, line.find(';'));
  if (digits.empty() || digits.size() > 8) return Line::wrong;
  size = 0;
  for (const char c : digits) {
    const char low = lowerOf(c);
    const int digit = low >= '0' && low <= '9' ? low - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
    if (digit < 0) return Line::wrong;
    size = size * 16 + static_cast<std::size_t>(digit);
  }
  if (size > 0) return Line::data;
  inTrailer_ = true;
  return Line::other;
}

}  // namespace weir::native
