// BrowserCodecs: gzip and zstd, compiled into the module.
#pragma once

#include <memory>
#include <string_view>

#include "engine/host/codecs.h"

namespace weir::browser {

class BrowserCodecs final : public Codecs {
 public:
  [[nodiscard]] Result<std::unique_ptr<Decompressor>> decompressor(std::string_view name) override;
};

}  // namespace weir::browser
