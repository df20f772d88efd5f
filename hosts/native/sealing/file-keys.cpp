// A record: the name of its key, then what is sealed: a byte that says whether it is compressed, and the text.
#include "hosts/native/sealing/file-keys.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/data/check.h"
#include "engine/text/base64.h"
#include "hosts/native/sealing/compressed.h"

namespace weir::native {
namespace {

constexpr std::size_t kNameBytes = 8, kChainDigits = 16;
/// Of one record; a journal has none that large.
constexpr std::int64_t kMostRecordBytes = std::int64_t{1} << 30;
constexpr char kPlain = 0, kPacked = 1;

std::string placeText(const journal::SealPlace& place) {
  std::string text(24, '\0');
  std::memcpy(text.data(), &place.segment, 8);
  std::memcpy(text.data() + 8, &place.epoch, 8);
  std::memcpy(text.data() + 16, &place.offset, 8);
  return text;
}

std::string nameBytes(const sodium::Key& key) {
  auto bytes = decodeHex(key.name());
  WEIR_CHECK(bytes && bytes->size() == kNameBytes);
  return std::move(*bytes);
}

}  // namespace

const sodium::Key* FileKeys::find(std::string_view name) const {
  const auto found = std::ranges::find_if(keys, [&](const sodium::Key& key) { return key.name() == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::string FileKeys::encode() const {
  std::string text = chain;
  for (const auto& key : keys) text += key.bytes();
  return text;
}

Result<FileKeys> FileKeys::decode(std::string_view text) {
  if (text.size() < kChainDigits + sodium::Key::kBytes || (text.size() - kChainDigits) % sodium::Key::kBytes != 0)
    return fail("key.ring", "the keys of a class of files are cut");
  FileKeys keys;
  keys.chain = text.substr(0, kChainDigits);
  for (auto at = kChainDigits; at < text.size(); at += sodium::Key::kBytes)
    keys.keys.push_back(sodium::Key::of(text.substr(at, sodium::Key::kBytes)));
  return keys;
}

RecordSealer::RecordSealer(FileKeys keys) : keys_(std::move(keys)) {
  WEIR_CHECK(!keys_.empty());
  for (const auto& key : keys_.keys) names_.push_back(nameBytes(key));
}

Result<void> RecordSealer::seal(const journal::SealPlace& place, std::string_view plain, std::string& out) {
  packed_.assign(1, kPacked);
  if (!compressInto(plain, packed_)) {
    packed_.assign(1, kPlain);
    packed_ += plain;
  }
  out += names_.front();
  sodium::seal(keys_.current(), placeText(place), packed_, out);
  return {};
}

Result<void> RecordSealer::open(const journal::SealPlace& place, std::string_view sealed, std::string& out) {
  const auto found = std::ranges::find(names_, sealed.substr(0, kNameBytes));
  if (found == names_.end())
    return fail("journal.corrupt", "a record of the journal is sealed with a key that is gone");
  opened_.clear();
  const auto& key = keys_.keys[static_cast<std::size_t>(found - names_.begin())];
  if (!sodium::open(key, placeText(place), sealed.substr(kNameBytes), opened_) || opened_.empty())
    return fail("journal.corrupt", "a record of the journal was changed, or was not sealed at its place");
  const auto text = std::string_view(opened_).substr(1);
  if (opened_.front() == kPlain) {
    out += text;
    return {};
  }
  auto unpacked = decompressInto(text, kMostRecordBytes, out);
  if (!unpacked) return fail("journal.corrupt", "a record of the journal: " + unpacked.error().message);
  return {};
}

}  // namespace weir::native
