// Compressed files through FileStream: whole, in several frames, cut off and damaged.
#include "hosts/native/native-codecs.h"

#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

#include "engine/node/file-stream.h"
#include "hosts/simulation/simulated-files.h"

namespace weir::native {
namespace {

std::string zstdOf(const std::string& text) {
  std::string packed(::ZSTD_compressBound(text.size()), '\0');
  packed.resize(::ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
  return packed;
}

std::string gzipOf(const std::string& text) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(::deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

std::string textOf(int seed) {
  std::string text;
  for (std::uint32_t i = 0, x = static_cast<std::uint32_t>(seed); i < 200'000; ++i) {
    x = x * 1'664'525U + 1'013'904'223U;
    text += std::to_string(x >> 8U) + "\n";
  }
  return text;
}

Result<std::string> readAll(const std::string& name, std::string content) {
  simulation::SimulatedFiles files;
  NativeCodecs codecs;
  files.put(name, std::move(content));
  FileStream stream(files, &codecs, MemoryAccount::unlimited(), name, 0, {});
  std::string text;
  while (!stream.atEnd()) {
    WEIR_TRY(stream.more(Waker()));
    text += stream.window();
    stream.drop(static_cast<std::int64_t>(stream.window().size()));
  }
  return text;
}

}  // namespace

TEST_CASE("compressed files are read whole, also when they have several members") {
  const auto first = textOf(1), second = textOf(2);
  CHECK(readAll("a.zst", zstdOf(first)).value() == first);
  CHECK(readAll("a.zst", zstdOf(first) + zstdOf(second)).value() == first + second);
  CHECK(readAll("a.gz", gzipOf(first) + gzipOf(second)).value() == first + second);
  CHECK(readAll("a.gz", gzipOf("")).value().empty());
}

TEST_CASE("cut off and damaged files say so, and what unpacks without end is refused") {
  auto packed = gzipOf(textOf(3));
  CHECK(readAll("a.gz", packed.substr(0, packed.size() / 2)).error().code == "codec.truncated");
  CHECK(readAll("a.gz", "no gzip at all").error().code == "codec.corrupt");
  packed = zstdOf(textOf(3));
  CHECK(readAll("a.zst", packed.substr(0, packed.size() / 2)).error().code == "codec.truncated");
  CHECK(readAll("a.zst", zstdOf(std::string(400'000'000, 'x'))).error().code == "codec.bomb");
}

}  // namespace weir::native
