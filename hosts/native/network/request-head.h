// RequestHead: reads the head of an HTTP/1.1 request, strictly, without copying.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::native {

/// What another program could read differently is refused: bare line feeds, folded lines, spaces before a colon, two
/// lengths, a length and chunks, encodings other than chunked.
struct RequestHead {
  struct Header {
    std::string_view name, value;
  };
  static constexpr std::size_t kMostHeaders = 100;

  std::string_view method, target;
  std::array<Header, kMostHeaders> headers;
  std::size_t headerCount = 0;
  std::size_t bytes = 0;  // of the whole head, with the empty line
  std::int64_t contentLength = 0;
  bool chunked = false;
  bool keepAlive = true;
  bool old = false;  // HTTP/1.0
  bool expectsContinue = false;

  /// The first header of that name (lower case); nothing if there is none.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view lowerName) const;
};

enum class HeadState : std::uint8_t { more, complete, wrong };

/// `wrong`: `why` says what, and `status` what to answer (400, 413, 431, 501, 505). Only a complete head is filled in.
[[nodiscard]] HeadState parseHead(std::string_view text, RequestHead& head, int& status, std::string_view& why);

/// Whether two names of headers are the same; `lower` is in lower case.
[[nodiscard]] bool sameName(std::string_view name, std::string_view lower);

/// Takes chunks apart as they come.
class ChunkReader {
 public:
  enum class State : std::uint8_t { more, complete, wrong };
  /// Appends to `body`, at most `most` bytes in all. `used` bytes of `text` are dealt with.
  template <class Body>
  State read(std::string_view text, std::size_t& used, Body& body, std::int64_t most) {
    for (;;) {
      if (inData_ > 0) {
        const auto take = std::min<std::size_t>(inData_, text.size() - used);
        body.append(text.substr(used, take));
        used += take;
        inData_ -= take;
        if (inData_ > 0) return State::more;
        afterData_ = true;
      }
      std::size_t size = 0;
      const auto line = nextLine(text, used, size);
      if (line == Line::more) return State::more;
      if (line == Line::wrong) return State::wrong;
      if (line == Line::end) return State::complete;
      if (line == Line::data) {
        if (static_cast<std::int64_t>(body.size() + size) > most) {
          tooLarge_ = true;
          return State::wrong;
        }
        inData_ = size;
      }
    }
  }
  [[nodiscard]] bool tooLarge() const { return tooLarge_; }

 private:
  enum class Line : std::uint8_t { more, wrong, data, other, end };
  Line nextLine(std::string_view text, std::size_t& used, std::size_t& size);

  std::size_t inData_ = 0;
  std::size_t trailerBytes_ = 0;
  bool afterData_ = false, inTrailer_ = false, tooLarge_ = false;
};

}  // namespace weir::native
