// Merging dictionaries through an open hash table of entry texts.
#include "engine/data/dictionary-merge.h"

#include <cstring>

#include "engine/data/column-copy.h"

namespace weir {
namespace {

/// Eight bytes at a time, multiplied and folded; it never leaves memory.
std::uint64_t mixText(std::string_view text) noexcept {
  std::uint64_t state = text.size() * 0x9e3779b97f4a7c15ull;
  while (!text.empty()) {
    std::uint64_t word = 0;
    const auto now = text.size() < 8 ? text.size() : 8;
    std::memcpy(&word, text.data(), now);
    state = (state ^ word) * 0xff51afd7ed558ccdull;
    state ^= state >> 32;
    text.remove_prefix(now);
  }
  return state;
}

}  // namespace

void DictionaryMerge::grow() {
  slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, 0);
  const auto mask = slots_.size() - 1;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    auto at = static_cast<std::size_t>(mixText(texts_[i])) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = static_cast<std::int32_t>(i + 1);
  }
}

std::optional<std::int32_t> DictionaryMerge::codeOf(std::string_view text) {
  if (texts_.size() * 2 >= slots_.size()) grow();
  const auto mask = slots_.size() - 1;
  auto at = static_cast<std::size_t>(mixText(text)) & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    const auto code = slots_[at] - 1;
    if (texts_[static_cast<std::size_t>(code)] == text) return code;
  }
  textBytes_ += static_cast<std::int64_t>(text.size());
  if (entryCount() >= kMaxDictionaryEntries || textBytes_ > kMaxDictionaryBytes) return std::nullopt;
  texts_.push_back(text);
  slots_[at] = static_cast<std::int32_t>(texts_.size());
  return slots_[at] - 1;
}

std::optional<std::vector<std::int32_t>> DictionaryMerge::add(const Column& entries) {
  std::vector<std::int32_t> codes;
  codes.reserve(static_cast<std::size_t>(entries.length));
  for (std::int64_t i = 0; i < entries.length; ++i) {
    const auto code = codeOf(entries.text(i));
    if (!code) return std::nullopt;
    codes.push_back(*code);
  }
  return codes;
}

Result<Column> DictionaryMerge::finish(MemoryAccount& account) const {
  ColumnArena::Plan plan;
  plan.add((entryCount() + 1) * 4);
  plan.add(textBytes_);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, account));
  auto* offsets = arena.take<std::int32_t>(entryCount() + 1);
  auto* text = arena.take<char>(textBytes_);
  std::int32_t used = 0;
  offsets[0] = 0;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    if (!texts_[i].empty()) std::memcpy(text + used, texts_[i].data(), texts_[i].size());
    used += static_cast<std::int32_t>(texts_[i].size());
    offsets[i + 1] = used;
  }
  Column column;
  column.type = Type::string();
  column.owner = arena.block();
  column.values = text;
  column.offsets = offsets;
  column.length = entryCount();
  return column;
}

}  // namespace weir
