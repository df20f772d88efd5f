// Decompression with libzstd's streaming interface.
#include "adapters/zstd/zstd-reader.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <string>

namespace weir::zstd {
namespace {

/// Our own words: the library's change from release to release, and errors are the same bytes on every host.
const char* whyOf(ZSTD_ErrorCode code) {
  switch (code) {
    case ZSTD_error_prefix_unknown:
      return "it does not begin as zstd data does";
    case ZSTD_error_version_unsupported:
    case ZSTD_error_frameParameter_unsupported:
      return "it is of a kind that this release does not know";
    case ZSTD_error_frameParameter_windowTooLarge:
      return "unpacking it needs a window of more than 128 MiB; pack it again without --long";
    case ZSTD_error_checksum_wrong:
      return "its checksum is not that of what it unpacks to";
    case ZSTD_error_dictionary_corrupted:
    case ZSTD_error_dictionary_wrong:
      return "it needs a dictionary";
    default:
      return "it contradicts itself";
  }
}

}  // namespace

struct ZstdReader::Stream {
  ZSTD_DStream* state = ::ZSTD_createDStream();
};

ZstdReader::ZstdReader() : stream_(std::make_unique<Stream>()) {}

ZstdReader::~ZstdReader() { ::ZSTD_freeDStream(stream_->state); }

Result<ZstdReader::Step> ZstdReader::run(std::string_view in, std::span<std::byte> out) {
  if (stream_->state == nullptr) return fail("memory.limit", "there is no room for unpacking zstd data");
  ZSTD_inBuffer from{in.data(), in.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  const auto status = ::ZSTD_decompressStream(stream_->state, &to, &from);
  if (::ZSTD_isError(status) != 0) {
    const auto code = ::ZSTD_getErrorCode(status);
    if (code == ZSTD_error_memory_allocation) return fail("memory.limit", "there is no room for unpacking zstd data");
    return fail("codec.corrupt", std::string("the zstd data is damaged: ") + whyOf(code));
  }
  return Step{static_cast<std::int64_t>(from.pos), static_cast<std::int64_t>(to.pos), status == 0};
}

}  // namespace weir::zstd
