// libzstd at its quickest level.
#include "hosts/native/sealing/compressed.h"

#include <zstd.h>

namespace weir::native {

bool compressInto(std::string_view text, std::string& out) {
  constexpr std::size_t kLeastBytes = 128;
  if (text.size() < kLeastBytes) return false;
  const auto before = out.size();
  // Room for what is worth it: more is an error of libzstd, and then it stays as it is.
  const auto most = text.size() - text.size() / 8;
  out.resize(before + most);
  const auto made = ::ZSTD_compress(out.data() + before, most, text.data(), text.size(), 1);
  const bool smaller = ::ZSTD_isError(made) == 0;
  out.resize(before + (smaller ? made : 0));
  return smaller;
}

Result<void> decompressInto(std::string_view frame, std::int64_t mostBytes, std::string& out) {
  const auto bytes = ::ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (bytes == ZSTD_CONTENTSIZE_UNKNOWN || bytes == ZSTD_CONTENTSIZE_ERROR ||
      bytes > static_cast<unsigned long long>(mostBytes))
    return fail("seal.corrupt", "a compressed piece does not say how long it is, or is too long");
  const auto before = out.size();
  out.resize(before + bytes);
  const auto made = ::ZSTD_decompress(out.data() + before, bytes, frame.data(), frame.size());
  if (::ZSTD_isError(made) == 0 && made == bytes) return {};
  out.resize(before);
  return fail("seal.corrupt", "a compressed piece is damaged");
}

}  // namespace weir::native
