// Blocks of 512 bytes: a head and the bytes of each entry, and two of zeros.
#include "apps/cli/serve/tar-archive.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string_view>

namespace weir::cli {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kName = 0, kMode = 100, kOwner = 108, kGroup = 116, kSize = 124, kTime = 136, kSum = 148,
                      kKind = 156, kMagic = 257;

void put(std::string& block, std::size_t at, std::string_view text) { block.replace(at, text.size(), text); }

std::string octal(std::int64_t value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(value));
  return text;
}

std::string headOf(const TarArchive::Entry& entry) {
  std::string block(kBlock, '\0');
  put(block, kName, std::string_view(entry.name).substr(0, 100));
  put(block, kMode, "0000600");
  put(block, kOwner, "0000000");
  put(block, kGroup, "0000000");
  put(block, kSize, octal(entry.bytes, 11));
  put(block, kTime, octal(std::time(nullptr), 11));
  put(block, kKind, "0");
  put(block, kMagic,
      std::string_view("ustar\0"
                       "00",
                       8));
  put(block, kSum, "        ");
  std::int64_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(block, kSum, octal(sum, 6) + std::string("\0 ", 2));
  return block;
}

}  // namespace

Result<bool> TarArchive::next(std::string& into) {
  into.clear();
  if (ended_) return false;
  if (at_ == entries_.size()) {
    into.assign(2 * kBlock, '\0');
    ended_ = true;
    return true;
  }
  const auto& entry = entries_[at_];
  if (!pieces_) {
    WEIR_ASSIGN(auto opened, entry.open());
    pieces_ = std::move(opened);
    left_ = entry.bytes;
    into = headOf(entry);
  }
  while (left_ > 0) {
    std::string piece;
    WEIR_ASSIGN(const auto more, (*pieces_)(piece));
    if (!more) return fail("files.io", "'" + entry.name + "' has become shorter while it was read");
    // What has come since it was counted is not of this archive.
    piece.resize(std::min(piece.size(), static_cast<std::size_t>(left_)));
    left_ -= std::ssize(piece);
    into += piece;
    if (!piece.empty() && left_ > 0) return true;
  }
  into.append((kBlock - static_cast<std::size_t>(entry.bytes) % kBlock) % kBlock, '\0');
  pieces_.reset();
  ++at_;
  return true;
}

}  // namespace weir::cli
