// AnswerEncoder: answers compressed as their client can read them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hosts/native/server/http-turn.h"

namespace weir::native {

enum class Encoding : std::uint8_t { none, gzip, zstd };

/// The best that an Accept-Encoding allows: zstd before gzip, whatever their weights are, if they are not 0.
[[nodiscard]] Encoding encodingFor(std::string_view acceptEncoding);

/// Whether an Accept-Encoding allows gzip.
[[nodiscard]] bool takesGzip(std::string_view acceptEncoding);

/// Used by one thread; keeps the memory that compressing takes from one answer to the next.
class AnswerEncoder {
 public:
  AnswerEncoder();
  ~AnswerEncoder();
  AnswerEncoder(const AnswerEncoder&) = delete;
  AnswerEncoder& operator=(const AnswerEncoder&) = delete;

  /// Compresses the body in place and says so in the headers, if that is worth it: a text of 1 KiB to 1 MiB (a larger
  /// one would hold up others) that is not encoded yet, sets no cookie, and becomes smaller.
  void encode(HttpAnswer& answer, Encoding encoding);
  /// What is kept as gzip depends on the client: says so, and where `gzip` is false unpacks the body in place. A body
  /// that is none, or has more than 64 MiB, stays as it is.
  static void suit(HttpAnswer& answer, bool gzip);

 private:
  struct Contexts;
  [[nodiscard]] bool compress(std::string_view from, Encoding encoding, std::string& into);

  std::unique_ptr<Contexts> contexts_;  // made when first needed
};

}  // namespace weir::native
