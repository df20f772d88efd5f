// Codecs: streaming decompression, offered by places that have the libraries for it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "engine/data/error.h"

namespace weir {

/// One compressed stream, read from its beginning. Several members one after the other are one text.
class Decompressor {
 public:
  struct Step {
    std::int64_t consumed = 0, produced = 0;
    /// A member ended here: the file may be over.
    bool ended = false;
  };
  virtual ~Decompressor() = default;
  /// Takes bytes from `in` and writes to `out` until one of them is used up. `codec.corrupt` for what is no such
  /// stream.
  [[nodiscard]] virtual Result<Step> run(std::string_view in, std::span<std::byte> out) = 0;
};

struct Codecs {
  static constexpr std::string_view kName = "codecs";
  virtual ~Codecs() = default;
  /// `gzip` or `zstd`. Error `codec.unknown`. Thread-safe.
  [[nodiscard]] virtual Result<std::unique_ptr<Decompressor>> decompressor(std::string_view name) = 0;
};

}  // namespace weir
