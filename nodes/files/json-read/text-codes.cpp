// A small open-addressed table of texts.
#include "nodes/files/json-read/text-codes.h"

#include <algorithm>
#include <cstring>

namespace weir::nodes::json_read {
namespace {

constexpr std::size_t kShortBytes = 16;

template <class Word>
std::uint64_t wordAt(const char* text) noexcept {
  Word word = 0;
  std::memcpy(&word, text, sizeof word);
  return word;
}

std::uint64_t longHash(std::string_view text) noexcept {
  std::uint64_t hash = text.size();
  for (std::size_t at = 0; at + 8 <= text.size(); at += 8) {
    hash = (hash ^ wordAt<std::uint64_t>(text.data() + at)) * 0xD6E8'FEB8'6659'FD93U;
    hash ^= hash >> 32U;
  }
  return hash;
}

}  // namespace

/// The words overlap where a text is shorter than both.
TextCodes::Mark TextCodes::markOf(std::string_view text) noexcept {
  const auto size = text.size();
  const char* const end = text.data() + size;
  if (size > kShortBytes) return {longHash(text), wordAt<std::uint64_t>(end - 8), size};
  if (size >= 8) return {wordAt<std::uint64_t>(text.data()), wordAt<std::uint64_t>(end - 8), size};
  if (size >= 4) return {wordAt<std::uint32_t>(text.data()), wordAt<std::uint32_t>(end - 4), size};
  if (size >= 2) return {wordAt<std::uint16_t>(text.data()), wordAt<std::uint16_t>(end - 2), size};
  return {size == 0 ? 0 : wordAt<std::uint8_t>(text.data()), 0, size};
}

std::size_t TextCodes::hashOf(const Mark& mark) noexcept {
  auto hash = (mark.first + mark.size) * 0xD6E8'FEB8'6659'FD93U ^ mark.last * 0x9E37'79B9'7F4A'7C15U;
  hash ^= hash >> 32U;
  return static_cast<std::size_t>(hash * 0xD6E8'FEB8'6659'FD93U >> 32U);
}

std::string_view TextCodes::textAt(std::int32_t code) const noexcept {
  const auto index = static_cast<std::size_t>(code);
  const auto begin = index == 0 ? 0 : static_cast<std::size_t>(ends_[index - 1]);
  return {bytes_.data() + begin, static_cast<std::size_t>(ends_[index]) - begin};
}

std::int32_t TextCodes::codeOf(std::string_view text) {
  const auto mark = markOf(text);
  const auto mask = table_.size() - 1;
  auto at = hashOf(mark) & mask;
  for (; table_[at] >= 0; at = (at + 1) & mask) {
    const auto code = table_[at];
    if (marks_[static_cast<std::size_t>(code)] == mark && (text.size() <= kShortBytes || textAt(code) == text))
      return code;
  }
  const auto code = size();
  table_[at] = code;
  bytes_.append(text);
  ends_.push_back(static_cast<std::int32_t>(bytes_.size()));
  marks_.push_back(mark);
  if (ends_.size() * 2 > table_.size()) grow();
  return code;
}

void TextCodes::grow() {
  table_.assign(table_.size() * 2, -1);
  const auto mask = table_.size() - 1;
  for (std::size_t code = 0; code < marks_.size(); ++code) {
    auto at = hashOf(marks_[code]) & mask;
    while (table_[at] >= 0) at = (at + 1) & mask;
    table_[at] = static_cast<std::int32_t>(code);
  }
}

void TextCodes::clear() {
  bytes_.clear();
  ends_.clear();
  marks_.clear();
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
