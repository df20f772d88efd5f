// Piece by piece.
#include "hosts/native/sealing/sealed-spill.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hosts/native/file-errors.h"

namespace weir::native {
namespace {

constexpr std::size_t kPieceBytes = 64 << 10;

std::string placeOf(std::int64_t offset) {
  std::string text(8, '\0');
  std::memcpy(text.data(), &offset, 8);
  return text;
}

}  // namespace

Result<void> SealedSpill::write(int descriptor, const std::string& path, std::int64_t offset, std::string_view bytes) {
  const std::lock_guard locked(mutex_);
  if (offset != end_) return fail("files.io", "a temporary file is written at its end only");
  std::string sealed;
  std::vector<Piece> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += kPieceBytes) {
    const auto piece = bytes.substr(at, kPieceBytes);
    const auto begin = end_ + static_cast<std::int64_t>(at);
    pieces.push_back({begin, storedEnd_ + std::ssize(sealed), static_cast<std::uint32_t>(piece.size())});
    sodium::seal(key_, placeOf(begin), piece, sealed);
  }
  for (std::int64_t put = 0; put < std::ssize(sealed);) {
    const auto left = static_cast<std::size_t>(std::ssize(sealed) - put);
    const auto count = ::pwrite(descriptor, sealed.data() + put, left, storedEnd_ + put);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(fileError(errno, path, "write"));
    put += count;
  }
  pieces_.insert(pieces_.end(), pieces.begin(), pieces.end());
  end_ += std::ssize(bytes);
  storedEnd_ += std::ssize(sealed);
  return {};
}

Result<std::int64_t> SealedSpill::read(int descriptor, const std::string& path, std::int64_t offset,
                                       std::span<char> into) {
  const std::lock_guard locked(mutex_);
  const auto last = std::min(end_, offset + std::ssize(into));
  auto piece = std::ranges::upper_bound(pieces_, offset, {}, &Piece::offset);
  if (piece != pieces_.begin()) --piece;
  std::string stored, plain;
  std::int64_t at = offset;
  for (; piece != pieces_.end() && piece->offset < last; ++piece) {
    stored.resize(piece->bytes + sodium::kSealBytes);
    for (std::int64_t got = 0; got < std::ssize(stored);) {
      const auto left = static_cast<std::size_t>(std::ssize(stored) - got);
      const auto count = ::pread(descriptor, stored.data() + got, left, piece->stored + got);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return std::unexpected(fileError(errno, path, "read"));
      if (count == 0) return fail("seal.corrupt", "a temporary file is shorter than what was written to it");
      got += count;
    }
    plain.clear();
    if (!sodium::open(key_, placeOf(piece->offset), stored, plain))
      return fail("seal.corrupt", "a temporary file was changed by somebody else");
    const auto from = at - piece->offset;
    const auto count = std::min(std::ssize(plain) - from, last - at);
    std::memcpy(into.data() + (at - offset), plain.data() + from, static_cast<std::size_t>(count));
    at += count;
  }
  sodium::wipe(plain);
  return at - offset;
}

std::int64_t SealedSpill::size() {
  const std::lock_guard locked(mutex_);
  return end_;
}

}  // namespace weir::native
