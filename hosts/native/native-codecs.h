// NativeCodecs: gzip and zstd through zlib and libzstd.
#pragma once

#include <memory>
#include <string_view>

#include "engine/host/codecs.h"

namespace weir::native {

class NativeCodecs final : public Codecs {
 public:
  [[nodiscard]] Result<std::unique_ptr<Decompressor>> decompressor(std::string_view name) override;
};

}  // namespace weir::native
