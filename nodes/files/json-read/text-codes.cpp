// A small open-addressed table of texts.
#include "nodes/files/json-read/text-codes.h"

#include <algorithm>
#include <cstring>

namespace weir::nodes::json_read {
namespace {

std::uint64_t hashOf(std::string_view text) {
  std::uint64_t hash = 0x9E37'79B9'7F4A'7C15U ^ text.size();
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    hash = (hash ^ word) * 0xD6E8'FEB8'6659'FD93U;
    hash ^= hash >> 32U;
    text.remove_prefix(8);
  }
  std::uint64_t word = 0;
  if (text.size() >= 4) {
    std::uint32_t first = 0, last = 0;
    std::memcpy(&first, text.data(), 4);
    std::memcpy(&last, text.data() + text.size() - 4, 4);
    word = std::uint64_t{first} << 32U | last;
  } else if (!text.empty()) {
    word = static_cast<std::uint64_t>(static_cast<unsigned char>(text[0])) << 16U |
           static_cast<std::uint64_t>(static_cast<unsigned char>(text[text.size() / 2])) << 8U |
           static_cast<std::uint64_t>(static_cast<unsigned char>(text.back()));
  }
  hash = (hash ^ word) * 0xD6E8'FEB8'6659'FD93U;
  return hash ^ hash >> 32U;
}

}  // namespace

std::string_view TextCodes::textAt(std::int32_t code) const noexcept {
  const auto index = static_cast<std::size_t>(code);
  const auto begin = index == 0 ? 0 : static_cast<std::size_t>(ends_[index - 1]);
  return {bytes_.data() + begin, static_cast<std::size_t>(ends_[index]) - begin};
}

std::int32_t TextCodes::codeOf(std::string_view text) {
  const auto hash = hashOf(text);
  const auto mask = table_.size() - 1;
  auto at = static_cast<std::size_t>(hash) & mask;
  for (; table_[at] >= 0; at = (at + 1) & mask) {
    if (hashes_[static_cast<std::size_t>(table_[at])] == hash && textAt(table_[at]) == text) return table_[at];
  }
  const auto code = size();
  table_[at] = code;
  bytes_.append(text);
  ends_.push_back(static_cast<std::int32_t>(bytes_.size()));
  hashes_.push_back(hash);
  if (ends_.size() * 2 > table_.size()) grow();
  return code;
}

void TextCodes::grow() {
  table_.assign(table_.size() * 2, -1);
  const auto mask = table_.size() - 1;
  for (std::size_t code = 0; code < hashes_.size(); ++code) {
    auto at = static_cast<std::size_t>(hashes_[code]) & mask;
    while (table_[at] >= 0) at = (at + 1) & mask;
    table_[at] = static_cast<std::int32_t>(code);
  }
}

void TextCodes::clear() {
  bytes_.clear();
  ends_.clear();
  hashes_.clear();
  std::ranges::fill(table_, -1);
}

Result<Column> TextCodes::entries(MemoryAccount& account) {
  const auto offsetBytes = (std::int64_t{size()} + 1) * 4;
  WEIR_ASSIGN(auto buffer, Buffer::allocate(offsetBytes + static_cast<std::int64_t>(bytes_.size()), account));
  auto* offsets = reinterpret_cast<std::int32_t*>(buffer.mutableData());
  offsets[0] = 0;
  for (std::size_t i = 0; i < ends_.size(); ++i) offsets[i + 1] = ends_[i];
  auto* text = buffer.mutableData() + offsetBytes;
  if (!bytes_.empty()) std::memcpy(text, bytes_.data(), bytes_.size());
  Column column;
  column.type = Type::string();
  column.owner = buffer.block();
  column.values = text;
  column.offsets = offsets;
  column.length = size();
  return column;
}

}  // namespace weir::nodes::json_read
