// The head of a request and its chunks, by Boost.Beast, refusing what it lets through though others may read it
// differently.
#include "hosts/native/network/request-head.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>
#include <utility>

namespace weir::native {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;

constexpr std::size_t kMostHeadBytes = 32 * 1024;
constexpr std::size_t kMostChunkLine = 256;
constexpr std::size_t kMostChunkDigits = 8;
constexpr std::size_t kMostTrailerBytes = 8 * 1024;
constexpr std::uint64_t kMostLength = std::uint64_t{1} << 52;

std::string_view viewOf(beast::string_view text) { return {text.data(), text.size()}; }

char lowerOf(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); }

bool isBlank(char c) { return c == ' ' || c == '\t'; }

/// A value that goes on in a line below its name has the end of a line before it, or was put together elsewhere.
bool isInOneLine(std::string_view name, std::string_view value) {
  const char* at = name.data() + name.size() + 1;
  if (value.data() < at || value.data() - at > std::ssize(name) + static_cast<std::ptrdiff_t>(kMostHeadBytes))
    return false;
  return std::all_of(at, value.data(), isBlank);
}

bool hasBareLineFeed(std::string_view text) {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
  }
  return false;
}

/// What Beast's parser of requests asks for, with nothing done about what a reader does not look at.
class QuietParser : public http::basic_parser<true> {
 protected:
  QuietParser() {
    header_limit(static_cast<std::uint32_t>(kMostHeadBytes + 4));
    body_limit(boost::none);
    eager(false);
  }

 private:
  void on_request_impl(http::verb, beast::string_view, beast::string_view, int, ErrorCode&) override {}
  void on_response_impl(int, beast::string_view, int, ErrorCode&) override {}
  void on_field_impl(http::field, beast::string_view, beast::string_view, ErrorCode&) override {}
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(beast::string_view body, ErrorCode&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, ErrorCode&) override { return body.size(); }
  void on_finish_impl(ErrorCode&) override {}
};

/// Reads a head that is known to be whole.
class HeadParser final : public QuietParser {
 public:
  explicit HeadParser(RequestHead& head) : head_(head) {}

  /// 0, or the status to answer.
  int read(std::string_view text) {
    ErrorCode error;
    const auto used = put({text.data(), text.size()}, error);
    if (status_ != 0) return status_;
    if (error) return told(error, text);
    if (used != text.size() || !is_header_done()) return wrong("its lines do not end where the head does");
    return settle();
  }
  [[nodiscard]] std::string_view why() const { return why_; }

 private:
  int wrong(std::string_view why, int status = 400) {
    why_ = why;
    status_ = status;
    return status;
  }
  void refuse(ErrorCode& error, std::string_view why, int status = 400) {
    wrong(why, status);
    error = http::error::bad_field;
  }

  /// What Beast refused, in words.
  int told(const ErrorCode& error, std::string_view text) {
    if (hasBareLineFeed(text)) return wrong("a line does not end in CR LF");
    if (error == http::error::bad_method) return wrong("the first line is not method, target and version");
    if (error == http::error::bad_target) return wrong("the target is not a path");
    if (error == http::error::bad_version) return wrong("the version is not HTTP/1.1", 505);
    if (error == http::error::bad_field)
      return wrong("the name of a header has a character that none may have, or no colon");
    if (error == http::error::bad_value) return wrong("the value of a header has a character that none may have");
    if (error == http::error::multiple_content_length) return wrong("there are two lengths");
    if (error == http::error::bad_content_length)
      return wrong(chunked() ? "there are both a length and chunks" : "the length is no number");
    if (error == http::error::bad_transfer_encoding)
      return wrong(hasLength_ ? "there are both a length and chunks" : "chunked is said twice");
    return wrong("it is not HTTP/1.1");
  }

  void on_request_impl(http::verb, beast::string_view method, beast::string_view target, int version,
                       ErrorCode& error) override {
    head_.method = viewOf(method);
    head_.target = viewOf(target);
    head_.old = version < 11;
    if (!head_.target.starts_with('/') && !takeAbsolute()) refuse(error, "the target is not a path");
  }

  /// `http://host/path` is the path at that host (RFC 9112, 3.2.2). Another one in Host would be ignored, if those who
  /// read the request before us went by it as well.
  bool takeAbsolute() {
    auto& target = head_.target;
    const auto scheme = std::min(target.find("://"), target.size());
    if (!sameName(target.substr(0, scheme), "http") && !sameName(target.substr(0, scheme), "https")) return false;
    const auto rest = target.substr(std::min(scheme + 3, target.size()));
    const auto path = std::min(rest.find_first_of("/?#"), rest.size());
    host_ = rest.substr(0, path);
    if (host_.empty() || host_.contains('@') || (path < rest.size() && rest[path] != '/')) return false;
    // One without a path is the root: a slash of the text, as all else is a part of it.
    target = path == rest.size() ? target.substr(scheme + 1, 1) : rest.substr(path);
    return true;
  }

  void on_field_impl(http::field field, beast::string_view givenName, beast::string_view givenValue,
                     ErrorCode& error) override {
    const auto name = viewOf(givenName), value = viewOf(givenValue);
    if (head_.headerCount == RequestHead::kMostHeaders) return refuse(error, "there are more than 100 headers", 431);
    if (!isInOneLine(name, value)) return refuse(error, "a header goes on in a second line");
    head_.headers[head_.headerCount++] = {name, value};
    switch (field) {
      case http::field::host:
        ++hosts_;
        if (!host_.empty() && !sameName(value, host_)) return refuse(error, "the target and Host name different hosts");
        return;
      case http::field::expect:
        if (!sameName(value, "100-continue")) return refuse(error, "only 100-continue can be expected", 417);
        head_.expectsContinue = true;
        return;
      case http::field::content_length:
        return length(value, error);
      case http::field::transfer_encoding:
        if (!sameName(value, "chunked")) return refuse(error, "the only transfer encoding is chunked", 501);
        head_.chunked = true;
        return;
      default:
        return;
    }
  }

  /// Beast takes a length that is said twice, or as a list, if it is the same.
  void length(std::string_view value, ErrorCode& error) {
    if (std::exchange(hasLength_, true)) return refuse(error, "there are two lengths");
    if (value.find_first_not_of("0123456789") != std::string_view::npos)
      return refuse(error, "the length is no number");
    const auto bytes = numberOf(value);
    if (bytes > kMostLength) return refuse(error, "the body is too large", 413);
    head_.contentLength = static_cast<std::int64_t>(bytes);
  }
  static std::uint64_t numberOf(std::string_view digits) {
    std::uint64_t number = 0;
    for (const char c : digits)
      number = number > kMostLength ? number : number * 10 + static_cast<std::uint64_t>(c - '0');
    return number;
  }

  int settle() {
    if (hosts_ != 1 && (hosts_ > 1 || !head_.old)) return wrong("there is not exactly one Host");
    if (head_.chunked && (hasLength_ || head_.old)) return wrong("there are both a length and chunks");
    head_.keepAlive = keep_alive();
    return 0;
  }

  RequestHead& head_;
  std::string_view why_;
  std::string_view host_;  // of a target that names one
  int status_ = 0, hosts_ = 0;
  bool hasLength_ = false;
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
  HeadParser parser(head);
  status = parser.read(text.substr(0, head.bytes));
  why = parser.why();
  return status == 0 ? HeadState::complete : HeadState::wrong;
}

/// The shortest body in chunks. Beast asserts that it has as much before it goes on with a last chunk it has begun.
constexpr std::string_view kEmptyBody = "0\r\n\r\n";

/// Beast's parser behind the head of a request that comes in chunks.
class ChunkReader::Parser final : public QuietParser {
 public:
  Parser() {
    constexpr std::string_view kHead = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    ErrorCode error;
    put({kHead.data(), kHead.size()}, error);
  }

  /// Takes one line or one piece of data from the front of `text`, which is not empty.
  Step step(std::string_view text, std::size_t& used) {
    piece_ = {};
    chunkBytes_ = 0;
    const bool inLine = dataLeft_ == 0;
    if (inLine) {
      if (!mayBegin(text)) return {.state = State::wrong};
      if (text.size() < kEmptyBody.size()) return {};
    }
    ErrorCode error;
    const auto taken = put({text.data(), text.size()}, error);
    used += taken;
    if (error == http::error::need_more) {
      // The line of the last chunk stays until all that follows it is there.
      const bool isLast = text.find("\r\n", behindData_ ? 2 : 0) != std::string_view::npos;
      const auto most = isLast ? kMostTrailerBytes : kMostChunkLine;
      return {.state = text.size() > most + 4 ? State::wrong : State::more};
    }
    if (error || wrong_) return {.state = State::wrong};
    if (is_done()) return {.state = taken > kMostTrailerBytes ? State::wrong : State::complete};
    if (inLine) {
      if (taken > kMostChunkLine + 4) return {.state = State::wrong};
      dataLeft_ = chunkBytes_;
      behindData_ = true;
    } else {
      dataLeft_ -= piece_.size();
    }
    return {.state = State::more, .moved = true, .piece = piece_, .chunkBytes = chunkBytes_};
  }

 private:
  /// Whether a line, behind the end of the chunk before, is one of few digits that are followed by nothing or by an
  /// extension, as far as it has come.
  bool mayBegin(std::string_view text) const {
    std::size_t at = 0;
    if (behindData_) {
      for (const char c : std::string_view("\r\n")) {
        if (at == text.size()) return true;
        if (text[at++] != c) return false;
      }
    }
    std::size_t digits = 0;
    while (at < text.size() && isHex(text[at])) ++at, ++digits;
    if (digits > kMostChunkDigits) return false;
    return at == text.size() || (digits > 0 && (text[at] == '\r' || text[at] == ';'));
  }
  static bool isHex(char c) {
    const char low = lowerOf(c);
    return (low >= '0' && low <= '9') || (low >= 'a' && low <= 'f');
  }

  void on_field_impl(http::field, beast::string_view name, beast::string_view value, ErrorCode&) override {
    wrong_ = wrong_ || !isInOneLine(viewOf(name), viewOf(value));
  }
  void on_chunk_header_impl(std::uint64_t bytes, beast::string_view extension, ErrorCode&) override {
    const auto text = viewOf(extension);
    wrong_ =
        wrong_ || std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; });
    chunkBytes_ = bytes;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, ErrorCode&) override {
    piece_ = viewOf(body);
    return body.size();
  }

  std::string_view piece_;
  std::uint64_t chunkBytes_ = 0, dataLeft_ = 0;
  bool behindData_ = false, wrong_ = false;
};

ChunkReader::ChunkReader() = default;
ChunkReader::~ChunkReader() = default;
ChunkReader::ChunkReader(ChunkReader&&) noexcept = default;
ChunkReader& ChunkReader::operator=(ChunkReader&&) noexcept = default;

ChunkReader::Step ChunkReader::step(std::string_view text, std::size_t& used) {
  if (used == text.size()) return {};
  if (!parser_) parser_ = std::make_unique<Parser>();
  return parser_->step(text.substr(used), used);
}

}  // namespace weir::native
