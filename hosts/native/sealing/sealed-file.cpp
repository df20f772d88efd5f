// Header, chunks, and the associated data that ties each chunk to its file and place.
#include "hosts/native/sealing/sealed-file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/data/check.h"
#include "hosts/native/sealing/compressed.h"

namespace weir::native {
namespace {

constexpr std::string_view kMagic = "WEIRSEAL";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMostKeyId = 32, kMostRun = 128, kIdBytes = 16, kSumBytes = 16;
constexpr std::size_t kSummed = static_cast<std::size_t>(kSealedHeaderBytes) - kSumBytes;
constexpr std::uint8_t kCompressed = 1, kLast = 2;

template <class T>
void put(std::string& to, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  to.append(bytes, sizeof(T));
}

template <class T>
T at(std::string_view bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

void putText(std::string& to, std::string_view text, std::size_t most) {
  const auto cut = text.substr(0, most);
  put(to, static_cast<std::uint8_t>(cut.size()));
  to += cut;
  to.append(most - cut.size(), '\0');
}

std::string encodeSealedHeader(const SealedHeader& header) {
  std::string bytes(kMagic);
  put(bytes, kVersion);
  put(bytes, static_cast<std::uint32_t>(kSealedChunkBytes));
  put(bytes, header.epoch);
  bytes += header.id;
  putText(bytes, header.keyId, kMostKeyId);
  putText(bytes, header.run, kMostRun);
  bytes.resize(kSummed, '\0');
  bytes += sodium::sumOf(bytes).substr(0, kSumBytes);
  return bytes;
}

/// What a chunk is sealed with: moved anywhere else, it does not open.
std::string placeOf(const std::string& headSum, std::uint64_t index, std::uint8_t flags) {
  std::string place = headSum;
  put(place, index);
  put(place, flags);
  return place;
}

std::string plainSum(std::string_view place, std::string_view payload) {
  sodium::Sum sum;
  sum.add(place);
  sum.add(payload);
  return sum.end().substr(0, kSumBytes);
}

std::unexpected<Error> corrupt(const std::string& what) {
  return fail("seal.corrupt", what + "; put the file back from a backup");
}

}  // namespace

bool isSealedFile(std::string_view bytes) { return bytes.starts_with(kMagic); }

Result<SealedHeader> decodeSealedHeader(std::string_view bytes) {
  if (bytes.size() < static_cast<std::size_t>(kSealedHeaderBytes) || !isSealedFile(bytes))
    return corrupt("the file does not begin with the header of a sealed file");
  bytes = bytes.substr(0, static_cast<std::size_t>(kSealedHeaderBytes));
  const auto version = at<std::uint32_t>(bytes, 8);
  if (version > kVersion) {
    return fail("seal.newer_version", "the file has format " + std::to_string(version) + ", and this Weir knows " +
                                          std::to_string(kVersion) + "; use the newer Weir that wrote it");
  }
  if (sodium::sumOf(bytes.substr(0, kSummed)).substr(0, kSumBytes) != bytes.substr(kSummed))
    return corrupt("the header of the sealed file is damaged");
  if (at<std::uint32_t>(bytes, 12) != static_cast<std::uint32_t>(kSealedChunkBytes))
    return corrupt("the sealed file has chunks of another size than 64 KiB");
  SealedHeader header;
  header.epoch = at<std::uint64_t>(bytes, 16);
  header.id = bytes.substr(24, kIdBytes);
  constexpr std::size_t kKeyAt = 24 + kIdBytes, kRunAt = kKeyAt + 1 + kMostKeyId;
  header.keyId = bytes.substr(kKeyAt + 1, std::min<std::size_t>(at<std::uint8_t>(bytes, kKeyAt), kMostKeyId));
  header.run = bytes.substr(kRunAt + 1, std::min<std::size_t>(at<std::uint8_t>(bytes, kRunAt), kMostRun));
  return header;
}

SealedWriter::SealedWriter(SealedHeader header, const sodium::Key* key) {
  header.keyId = key == nullptr ? std::string() : key->name();
  header.id = sodium::randomBytes(kIdBytes);
  if (key != nullptr) key_ = *key;
  head_ = encodeSealedHeader(header);
  headSum_ = sodium::sumOf(head_);
}

Result<void> SealedWriter::add(std::string_view text, std::string& out) {
  if (!std::exchange(begun_, true)) out += head_;
  constexpr auto kBytes = static_cast<std::size_t>(kSealedChunkBytes);
  // A full chunk waits until more comes, as it may be the last.
  while (waiting_.size() + text.size() > kBytes) {
    if (waiting_.empty()) {
      WEIR_TRY(chunk(text.substr(0, kBytes), false, out));
      text.remove_prefix(kBytes);
      continue;
    }
    const auto taken = kBytes - waiting_.size();
    waiting_ += text.substr(0, taken);
    text.remove_prefix(taken);
    WEIR_TRY(chunk(waiting_, false, out));
    waiting_.clear();
  }
  waiting_ += text;
  return {};
}

Result<void> SealedWriter::end(std::string& out) {
  WEIR_TRY(add({}, out));
  WEIR_TRY(chunk(waiting_, true, out));
  sodium::wipe(waiting_);
  return {};
}

Result<void> SealedWriter::chunk(std::string_view text, bool last, std::string& out) {
  std::string smaller;
  const bool compressed = compressInto(text, smaller);
  const auto flags = static_cast<std::uint8_t>((compressed ? kCompressed : 0) | (last ? kLast : 0));
  const std::string_view payload = compressed ? std::string_view(smaller) : text;
  const auto place = placeOf(headSum_, index_++, flags);
  put(out, static_cast<std::uint32_t>(payload.size() + (key_ ? sodium::kSealBytes : kSumBytes)));
  put(out, flags);
  out.append(3, '\0');
  if (key_) {
    sodium::seal(*key_, place, payload, out);
  } else {
    out += payload;
    out += plainSum(place, payload);
  }
  return {};
}

Result<SealedReader> SealedReader::open(ReadAt read, std::int64_t fileBytes, const SealedReading& how) {
  SealedReader reader;
  reader.read_ = std::move(read);
  reader.fileBytes_ = fileBytes;
  std::string head(static_cast<std::size_t>(kSealedHeaderBytes), '\0');
  WEIR_ASSIGN(const auto got, reader.read_(0, head));
  head.resize(static_cast<std::size_t>(got));
  WEIR_ASSIGN(reader.header_, decodeSealedHeader(head));
  reader.headSum_ = sodium::sumOf(head);
  if (reader.header_.keyId.empty()) {
    if (how.mustBeSealed)
      return fail("seal.key",
                  "the file is not sealed, though everything in its data folder is; somebody has put it there");
  } else {
    const auto* key = how.keys ? how.keys(reader.header_.keyId) : nullptr;
    if (key == nullptr)
      return fail("seal.key", "the file is sealed with key " + reader.header_.keyId + ", which is not here");
    reader.key_ = *key;
  }
  WEIR_TRY(reader.findChunks(how.mayBeCut));
  return reader;
}

Result<void> SealedReader::findChunks(bool mayBeCut) {
  const auto least = static_cast<std::int64_t>(key_ ? sodium::kSealBytes : kSumBytes);
  for (std::int64_t offset = kSealedHeaderBytes; offset < fileBytes_;) {
    if (whole_) return corrupt("bytes follow behind the last chunk of the sealed file");
    char head[kSealedChunkHeadBytes] = {};
    WEIR_ASSIGN(const auto got, read_(offset, head));
    Place place;
    place.offset = offset + kSealedChunkHeadBytes;
    place.bytes = at<std::uint32_t>({head, sizeof head}, 0);
    place.flags = static_cast<std::uint8_t>(head[4]);
    const bool good = got == kSealedChunkHeadBytes && head[5] == 0 && head[6] == 0 && head[7] == 0 &&
                      place.bytes >= least && place.bytes <= kSealedChunkBytes + least &&
                      place.offset + place.bytes <= fileBytes_;
    if (!good) {
      if (mayBeCut) break;
      return corrupt("the sealed file is cut or damaged at byte " + std::to_string(offset));
    }
    whole_ = (place.flags & kLast) != 0;
    chunks_.push_back(place);
    offset = place.offset + place.bytes;
  }
  if (!whole_ && !mayBeCut) return corrupt("the end of the sealed file is missing");
  if (chunks_.empty()) return {};
  // The last chunk says how long the text is; a cut file may end in one that is not whole.
  const auto last = chunks_.size() - 1;
  auto opened = openChunk(last, held_);
  if (!opened && mayBeCut && !whole_) {
    chunks_.pop_back();
    size_ = static_cast<std::int64_t>(chunks_.size()) * kSealedChunkBytes;
    return {};
  }
  WEIR_TRY(std::move(opened));
  heldIndex_ = last;
  size_ = static_cast<std::int64_t>(last) * kSealedChunkBytes + static_cast<std::int64_t>(held_.size());
  return {};
}

Result<void> SealedReader::openChunk(std::uint64_t index, std::string& out) {
  const auto& chunk = chunks_[index];
  std::string stored(static_cast<std::size_t>(chunk.bytes), '\0');
  WEIR_ASSIGN(const auto got, read_(chunk.offset, stored));
  const auto where = "chunk " + std::to_string(index) + " of the sealed file";
  if (got != chunk.bytes) return corrupt(where + " is cut");
  const auto place = placeOf(headSum_, index, chunk.flags);
  std::string opened;
  std::string_view payload;
  if (key_) {
    if (!sodium::open(*key_, place, stored, opened)) return corrupt(where + " was changed, or belongs elsewhere");
    payload = opened;
  } else {
    payload = std::string_view(stored).substr(0, stored.size() - kSumBytes);
    if (plainSum(place, payload) != std::string_view(stored).substr(payload.size()))
      return corrupt(where + " was changed, or belongs elsewhere");
  }
  out.clear();
  if ((chunk.flags & kCompressed) != 0) {
    WEIR_TRY(decompressInto(payload, kSealedChunkBytes, out));
  } else {
    out = payload;
  }
  const bool last = (chunk.flags & kLast) != 0;
  if (!last && static_cast<std::int64_t>(out.size()) != kSealedChunkBytes) return corrupt(where + " is too short");
  return {};
}

Result<void> SealedReader::read(std::int64_t offset, std::int64_t bytes, std::string& out) {
  WEIR_CHECK(offset >= 0 && bytes >= 0);
  while (bytes > 0 && offset < size_) {
    const auto index = static_cast<std::uint64_t>(offset / kSealedChunkBytes);
    if (heldIndex_ != index) {
      heldIndex_.reset();
      WEIR_TRY(openChunk(index, held_));
      heldIndex_ = index;
    }
    const auto from = static_cast<std::size_t>(offset % kSealedChunkBytes);
    const auto taken = std::min(static_cast<std::size_t>(bytes), held_.size() - from);
    out.append(held_, from, taken);
    offset += static_cast<std::int64_t>(taken);
    bytes -= static_cast<std::int64_t>(taken);
  }
  return {};
}

}  // namespace weir::native
