// GzipReader: gzip and zlib data through zlib.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "engine/data/error.h"

namespace weir::zlib {

/// One compressed text, read from its beginning; several members one after the other are one text.
class GzipReader {
 public:
  struct Step {
    std::int64_t consumed = 0, produced = 0;
    /// A member ended here.
    bool ended = false;
  };
  GzipReader();
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  /// Takes bytes from `in` and writes to `out` until one of them is used up. Errors: `codec.corrupt`, `memory.limit`.
  [[nodiscard]] Result<Step> run(std::string_view in, std::span<std::byte> out);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace weir::zlib
