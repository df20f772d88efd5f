// RequestHead: the head of an HTTP/1.1 request, read strictly and without copying.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
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

/// Takes chunks apart as they come. Nothing is held before the first.
class ChunkReader {
 public:
  enum class State : std::uint8_t { more, complete, wrong };

  ChunkReader();
  ~ChunkReader();
  ChunkReader(ChunkReader&&) noexcept;
  ChunkReader& operator=(ChunkReader&&) noexcept;

  /// Appends to `body`, at most `most` bytes in all. `used` bytes of `text` are dealt with; the others have to come
  /// again, with what follows them.
  template <class Body>
  State read(std::string_view text, std::size_t& used, Body& body, std::int64_t most) {
    for (;;) {
      const Step done = step(text, used);
      if (!done.moved) return done.state;
      if (!done.piece.empty()) body.append(done.piece);
      if (done.chunkBytes >
          static_cast<std::uint64_t>(most) - std::min<std::uint64_t>(body.size(), static_cast<std::uint64_t>(most))) {
        tooLarge_ = true;
        return State::wrong;
      }
    }
  }
  [[nodiscard]] bool tooLarge() const { return tooLarge_; }

 private:
  class Parser;
  struct Step {
    State state = State::more;
    bool moved = false;            // otherwise it is at its end, or needs more
    std::string_view piece{};      // of a chunk
    std::uint64_t chunkBytes = 0;  // of a chunk that begins here
  };
  Step step(std::string_view text, std::size_t& used);

  std::unique_ptr<Parser> parser_;
  bool tooLarge_ = false;
};

}  // namespace weir::native
