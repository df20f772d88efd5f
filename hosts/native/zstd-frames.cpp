// Compression at libzstd's default level.
#include "hosts/native/zstd-frames.h"

#include <zstd.h>

namespace weir::native {

Result<void> appendZstdFrame(std::string& out, std::string_view text) {
  constexpr int kLevel = 3;
  const auto before = out.size();
  out.resize(before + ::ZSTD_compressBound(text.size()));
  const auto made = ::ZSTD_compress(out.data() + before, out.size() - before, text.data(), text.size(), kLevel);
  if (::ZSTD_isError(made) != 0) {
    out.resize(before);
    return fail("memory.limit", std::string("cannot compress: ") + ::ZSTD_getErrorName(made));
  }
  out.resize(before + made);
  return {};
}

}  // namespace weir::native
