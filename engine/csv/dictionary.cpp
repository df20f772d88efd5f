// The distinct texts of a column: a small open-addressing table.
#include <bit>
#include <cstring>

#include "engine/csv/decode.h"
#include "engine/data/hash.h"

namespace weir::csv {
namespace {

constexpr int kFirstBits = 6;
// Texts made to collide end the dictionary instead of the run's patience.
constexpr int kMaxProbes = 128;

std::uint64_t keyOf(std::string_view text) noexcept {
  if (text.size() > 8) return hash::ofBytes(text);
  std::uint64_t word = 0;
  if (!text.empty()) std::memcpy(&word, text.data(), text.size());
  return word;
}

}  // namespace

TextDictionary::TextDictionary() { clear(); }

void TextDictionary::clear() {
  slots_.assign(std::size_t{1} << kFirstBits, Slot{});
  shift_ = 64 - kFirstBits;
  ends_.clear();
  bytes_.clear();
}

std::string_view TextDictionary::operator[](std::int32_t entry) const noexcept {
  const auto index = static_cast<std::size_t>(entry);
  const auto begin = static_cast<std::size_t>(entry == 0 ? 0 : ends_[index - 1]);
  return std::string_view(bytes_).substr(begin, static_cast<std::size_t>(ends_[index]) - begin);
}

std::int32_t TextDictionary::find(std::string_view text) {
  const std::uint64_t key = keyOf(text);
  const auto length = static_cast<std::int32_t>(text.size());
  auto at = static_cast<std::size_t>(mix(key) >> shift_);
  for (int probes = 0; slots_[at].length >= 0; ++probes) {
    const Slot& slot = slots_[at];
    if (probes == kMaxProbes) return -1;
    if (slot.key == key && slot.length == length && (length <= 8 || (*this)[slot.entry] == text)) return slot.entry;
    at = (at + 1) & (slots_.size() - 1);
  }
  return add(text, key, at);
}

std::int32_t TextDictionary::add(std::string_view text, std::uint64_t key, std::size_t slot) {
  const std::int32_t entry = size();
  if (entry >= kMaxEntries || static_cast<std::int64_t>(bytes_.size() + text.size()) > kMaxBytes) return -1;
  bytes_.append(text);
  ends_.push_back(static_cast<std::int32_t>(bytes_.size()));
  slots_[slot] = {.key = key, .length = static_cast<std::int32_t>(text.size()), .entry = entry};
  if (ends_.size() * 2 > slots_.size()) grow();
  return entry;
}

void TextDictionary::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  --shift_;
  for (const Slot& slot : old) {
    if (slot.length < 0) continue;
    auto at = static_cast<std::size_t>(mix(slot.key) >> shift_);
    while (slots_[at].length >= 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

}  // namespace weir::csv
