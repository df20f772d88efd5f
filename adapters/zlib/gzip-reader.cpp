// Decompression with zlib's inflate().
#include "adapters/zlib/gzip-reader.h"

#include <zlib.h>

#include <algorithm>
#include <string>

namespace weir::zlib {
namespace {

constexpr std::int64_t kMostAtOnce = std::int64_t{1} << 30;
/// The largest window, and either header: gzip's or zlib's.
constexpr int kWindowBits = 15 + 32;

uInt bounded(std::size_t bytes) {
  return static_cast<uInt>(std::min<std::int64_t>(static_cast<std::int64_t>(bytes), kMostAtOnce));
}

}  // namespace

struct GzipReader::Stream {
  z_stream state{};
  bool ready = false, ended = false;
};

GzipReader::GzipReader() : stream_(std::make_unique<Stream>()) {
  stream_->ready = ::inflateInit2(&stream_->state, kWindowBits) == Z_OK;
}

GzipReader::~GzipReader() { ::inflateEnd(&stream_->state); }

Result<GzipReader::Step> GzipReader::run(std::string_view in, std::span<std::byte> out) {
  auto& state = stream_->state;
  if (!stream_->ready) return fail("memory.limit", "there is no room for unpacking gzip data");
  if (stream_->ended && !in.empty()) {
    ::inflateReset(&state);
    stream_->ended = false;
  }
  const auto given = bounded(in.size()), room = bounded(out.size());
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  state.avail_in = given;
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = room;
  const int status = ::inflate(&state, Z_NO_FLUSH);
  if (status == Z_MEM_ERROR) return fail("memory.limit", "there is no room for unpacking gzip data");
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
    const char* why = state.msg != nullptr ? state.msg : "no gzip data";
    return fail("codec.corrupt", std::string("the gzip data is damaged: ") + why);
  }
  stream_->ended = status == Z_STREAM_END;
  return Step{given - state.avail_in, room - state.avail_out, stream_->ended};
}

}  // namespace weir::zlib
