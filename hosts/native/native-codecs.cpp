// Decompressors over zlib and libzstd.
#include "hosts/native/native-codecs.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string>

namespace weir::native {
namespace {

constexpr std::int64_t kMostAtOnce = std::int64_t{1} << 30;

class Gzip final : public Decompressor {
 public:
  // 15 bits of window, 32: gzip or zlib header.
  Gzip() { ready_ = ::inflateInit2(&stream_, 15 + 32) == Z_OK; }
  ~Gzip() override { ::inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Result<Step> run(std::string_view in, std::span<std::byte> out) override {
    if (!ready_) return fail("codec.corrupt", "zlib could not be started");
    if (ended_ && !in.empty()) {
      ::inflateReset(&stream_);
      ended_ = false;
    }
    const auto given = static_cast<uInt>(std::min<std::int64_t>(static_cast<std::int64_t>(in.size()), kMostAtOnce));
    const auto room = static_cast<uInt>(std::min<std::int64_t>(static_cast<std::int64_t>(out.size()), kMostAtOnce));
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = given;
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = room;
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      const char* why = stream_.msg != nullptr ? stream_.msg : "no gzip data";
      return fail("codec.corrupt", std::string("the gzip data is damaged: ") + why);
    }
    ended_ = status == Z_STREAM_END;
    return Step{given - stream_.avail_in, room - stream_.avail_out, ended_};
  }

 private:
  z_stream stream_{};
  bool ready_ = false, ended_ = false;
};

class Zstd final : public Decompressor {
 public:
  Zstd() : stream_(::ZSTD_createDStream()) {}
  ~Zstd() override { ::ZSTD_freeDStream(stream_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  Result<Step> run(std::string_view in, std::span<std::byte> out) override {
    if (stream_ == nullptr) return fail("codec.corrupt", "zstd could not be started");
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const auto status = ::ZSTD_decompressStream(stream_, &to, &from);
    if (::ZSTD_isError(status) != 0) {
      return fail("codec.corrupt", std::string("the zstd data is damaged: ") + ::ZSTD_getErrorName(status));
    }
    return Step{static_cast<std::int64_t>(from.pos), static_cast<std::int64_t>(to.pos), status == 0};
  }

 private:
  ZSTD_DStream* stream_;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> NativeCodecs::decompressor(std::string_view name) {
  if (name == "gzip") return std::make_unique<Gzip>();
  if (name == "zstd") return std::make_unique<Zstd>();
  return fail("codec.unknown", "'" + std::string(name) + "' is no known compression; known are gzip and zstd");
}

}  // namespace weir::native
