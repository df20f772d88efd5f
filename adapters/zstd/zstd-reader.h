// ZstdReader: zstd data through libzstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "engine/data/error.h"

namespace weir::zstd {

/// One compressed text, read from its beginning; several frames one after the other are one text.
class ZstdReader {
 public:
  struct Step {
    std::int64_t consumed = 0, produced = 0;
    /// A frame ended here.
    bool ended = false;
  };
  ZstdReader();
  ~ZstdReader();
  ZstdReader(const ZstdReader&) = delete;
  ZstdReader& operator=(const ZstdReader&) = delete;

  /// Takes bytes from `in` and writes to `out` until one of them is used up. Errors: `codec.corrupt`, `memory.limit`.
  [[nodiscard]] Result<Step> run(std::string_view in, std::span<std::byte> out);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace weir::zstd
