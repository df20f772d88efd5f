// Fuzzes the reader of request heads and of chunks: no crash, views inside the text, and pieces give what the whole
// gives.
#include "hosts/native/network/request-head.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/check.h"

namespace {

using weir::native::ChunkReader;

bool lies(std::string_view piece, std::string_view text) {
  return piece.empty() || (piece.data() >= text.data() && piece.data() + piece.size() <= text.data() + text.size());
}

ChunkReader::State readWhole(std::string_view text, std::string& body, std::size_t& used) {
  ChunkReader reader;
  return reader.read(text, used, body, 1 << 16);
}

ChunkReader::State readInPieces(std::string_view text, std::size_t step, std::string& body, std::size_t& used) {
  ChunkReader reader;
  auto state = ChunkReader::State::more;
  for (std::size_t end = step; state == ChunkReader::State::more; end += step) {
    state = reader.read(text.substr(0, end), used, body, 1 << 16);
    if (end >= text.size()) break;
  }
  return state;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  weir::native::RequestHead head;
  int status = 0;
  std::string_view why;
  const auto state = weir::native::parseHead(text, head, status, why);
  if (state == weir::native::HeadState::wrong) WEIR_CHECK(status >= 400 && status < 600 && !why.empty());
  if (state == weir::native::HeadState::complete) {
    WEIR_CHECK(head.bytes <= size && lies(head.method, text) && lies(head.target, text) &&
               head.target.starts_with('/'));
    WEIR_CHECK(!(head.chunked && head.contentLength > 0));
    for (std::size_t i = 0; i < head.headerCount; ++i) {
      WEIR_CHECK(lies(head.headers[i].name, text) && lies(head.headers[i].value, text));
      WEIR_CHECK(head.headers[i].value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    }
  }
  std::string whole, pieces;
  std::size_t usedWhole = 0, usedPieces = 0;
  const auto one = readWhole(text, whole, usedWhole);
  const auto other = readInPieces(text, size % 7 + 1, pieces, usedPieces);
  WEIR_CHECK((one == ChunkReader::State::complete) == (other == ChunkReader::State::complete));
  if (one == ChunkReader::State::complete) WEIR_CHECK(whole == pieces && usedWhole == usedPieces);
  return 0;
}
