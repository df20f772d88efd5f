// Decompressors by name.
#include "hosts/native/native-codecs.h"

#include <string>

#include "adapters/zlib/gzip-reader.h"
#include "adapters/zstd/zstd-reader.h"

namespace weir::native {
namespace {

template <class Reader>
class Reading final : public Decompressor {
 public:
  Result<Step> run(std::string_view in, std::span<std::byte> out) override {
    WEIR_ASSIGN(const auto step, reader_.run(in, out));
    return Step{step.consumed, step.produced, step.ended};
  }

 private:
  Reader reader_;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> NativeCodecs::decompressor(std::string_view name) {
  if (name == "gzip") return std::make_unique<Reading<zlib::GzipReader>>();
  if (name == "zstd") return std::make_unique<Reading<zstd::ZstdReader>>();
  return fail("codec.unknown", "'" + std::string(name) + "' is no known compression; known are gzip and zstd");
}

}  // namespace weir::native
