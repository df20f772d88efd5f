// Compresses whole answers with zlib and zstd.
#include "hosts/native/server/answer-encoding.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/text/utf8.h"

namespace weir::native {
namespace {

constexpr std::size_t kLeastBytes = 1 << 10, kMostBytes = 1 << 20;
constexpr int kGzipLevel = 2, kZstdLevel = 1;  // the thread that compresses is the one that answers everybody
constexpr int kGzipWindow = 15 + 16;           // 16: with the head of gzip instead of zlib's

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// `;q=0`, `; q=0.000`
bool isRefused(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const auto weight = trimmed(parameters.substr(at + 2));
  return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

bool isText(std::string_view type) {
  static constexpr std::array kTypes = {
      "application/json",     "application/problem+json",     "application/javascript",    "application/xml",
      "application/x-ndjson", "application/openmetrics-text", "application/manifest+json", "image/svg+xml"};
  const auto bare = utf8::lowerAscii(trimmed(type.substr(0, type.find(';'))));
  return bare.starts_with("text/") || std::ranges::find(kTypes, bare) != kTypes.end();
}

/// Says, once, that the answer depends on what its client reads.
void varies(HttpAnswer& answer) {
  const auto said = [](const auto& header) { return header.first == "vary"; };
  if (std::ranges::none_of(answer.headers, said)) answer.headers.emplace_back("vary", "accept-encoding");
}

/// False: it is no gzip, or too much.
bool unpack(std::string_view from, std::string& into) {
  constexpr std::size_t kMostUnpacked = std::size_t{64} << 20, kPiece = std::size_t{256} << 10;
  z_stream gzip{};
  if (::inflateInit2(&gzip, kGzipWindow) != Z_OK) return false;
  gzip.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
  gzip.avail_in = static_cast<uInt>(from.size());
  int said = Z_OK;
  while (said == Z_OK && into.size() < kMostUnpacked) {
    const auto before = into.size();
    into.resize(before + kPiece);
    gzip.next_out = reinterpret_cast<Bytef*>(into.data() + before);
    gzip.avail_out = static_cast<uInt>(kPiece);
    said = ::inflate(&gzip, Z_NO_FLUSH);
    into.resize(into.size() - gzip.avail_out);
  }
  ::inflateEnd(&gzip);
  return said == Z_STREAM_END;
}

}  // namespace

Encoding encodingFor(std::string_view acceptEncoding) {
  auto best = Encoding::none;
  while (!acceptEncoding.empty()) {
    const auto comma = acceptEncoding.find(',');
    const auto one = acceptEncoding.substr(0, comma);
    const auto semicolon = one.find(';');
    const auto name = trimmed(one.substr(0, semicolon));
    const bool refused = semicolon != std::string_view::npos && isRefused(one.substr(semicolon + 1));
    if (!refused && utf8::equalsIgnoringAsciiCase(name, "zstd")) best = Encoding::zstd;
    if (!refused && best == Encoding::none && utf8::equalsIgnoringAsciiCase(name, "gzip")) best = Encoding::gzip;
    acceptEncoding = comma == std::string_view::npos ? std::string_view() : acceptEncoding.substr(comma + 1);
  }
  return best;
}

bool takesGzip(std::string_view acceptEncoding) {
  while (!acceptEncoding.empty()) {
    const auto comma = acceptEncoding.find(',');
    const auto one = acceptEncoding.substr(0, comma);
    const auto semicolon = one.find(';');
    const auto name = trimmed(one.substr(0, semicolon));
    const bool refused = semicolon != std::string_view::npos && isRefused(one.substr(semicolon + 1));
    if (name == "*" || utf8::equalsIgnoringAsciiCase(name, "gzip")) return !refused;
    acceptEncoding = comma == std::string_view::npos ? std::string_view() : acceptEncoding.substr(comma + 1);
  }
  return false;
}

struct AnswerEncoder::Contexts {
  z_stream gzip{};
  bool hasGzip = false;
  ZSTD_CCtx* zstd = nullptr;

  Contexts() = default;
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;
  ~Contexts() {
    if (hasGzip) ::deflateEnd(&gzip);
    ::ZSTD_freeCCtx(zstd);
  }
};

AnswerEncoder::AnswerEncoder() = default;
AnswerEncoder::~AnswerEncoder() = default;

void AnswerEncoder::encode(HttpAnswer& answer, Encoding encoding) {
  const auto size = answer.body.size();
  if (size < kLeastBytes || size > kMostBytes || answer.inPieces || answer.status == 206) return;
  bool text = false;
  for (const auto& [name, value] : answer.headers) {
    if (name == "content-encoding" || name == "set-cookie") return;
    if (name == "content-type") text = isText(value);
  }
  if (!text) return;
  varies(answer);
  std::string small;
  if (encoding == Encoding::none || !compress(answer.body, encoding, small) || small.size() >= size) return;
  answer.body = std::move(small);
  answer.headers.emplace_back("content-encoding", encoding == Encoding::zstd ? "zstd" : "gzip");
  for (auto& [name, value] : answer.headers) {
    if (name == "content-length") value = std::to_string(answer.body.size());
  }
}

void AnswerEncoder::suit(HttpAnswer& answer, bool gzip) {
  const auto coding =
      std::ranges::find(answer.headers, "content-encoding", &std::pair<std::string, std::string>::first);
  if (coding == answer.headers.end() || coding->second != "gzip") return;
  varies(answer);
  std::string plain;
  if (gzip || !unpack(answer.body, plain)) return;
  answer.body = std::move(plain);
  std::erase_if(answer.headers, [](const auto& header) { return header.first == "content-encoding"; });
  for (auto& [name, value] : answer.headers) {
    if (name == "content-length") value = std::to_string(answer.body.size());
  }
}

bool AnswerEncoder::compress(std::string_view from, Encoding encoding, std::string& into) {
  if (!contexts_) contexts_ = std::make_unique<Contexts>();
  auto& contexts = *contexts_;
  if (encoding == Encoding::zstd) {
    if (contexts.zstd == nullptr) contexts.zstd = ::ZSTD_createCCtx();
    if (contexts.zstd == nullptr) return false;
    into.resize(::ZSTD_compressBound(from.size()));
    const auto bytes =
        ::ZSTD_compressCCtx(contexts.zstd, into.data(), into.size(), from.data(), from.size(), kZstdLevel);
    if (::ZSTD_isError(bytes) != 0) return false;
    into.resize(bytes);
    return true;
  }
  auto& gzip = contexts.gzip;
  if (!contexts.hasGzip) {
    if (::deflateInit2(&gzip, kGzipLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) return false;
    contexts.hasGzip = true;
  } else if (::deflateReset(&gzip) != Z_OK) {
    return false;
  }
  into.resize(::deflateBound(&gzip, static_cast<uLong>(from.size())));
  gzip.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
  gzip.avail_in = static_cast<uInt>(from.size());
  gzip.next_out = reinterpret_cast<Bytef*>(into.data());
  gzip.avail_out = static_cast<uInt>(into.size());
  if (::deflate(&gzip, Z_FINISH) != Z_STREAM_END) return false;
  into.resize(into.size() - gzip.avail_out);
  return true;
}

}  // namespace weir::native
