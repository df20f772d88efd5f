// Records of a growing file.
#include "hosts/native/sealing/sealed-log.h"

#include <cstring>

#include "engine/data/check.h"
#include "engine/text/base64.h"
#include "hosts/native/sealing/compressed.h"

namespace weir::native {
namespace {

constexpr std::string_view kMagic = "weirlog1";
constexpr std::size_t kChainDigits = 16, kIdBytes = 16, kNameBytes = 8, kLengthBytes = 4;
constexpr std::int64_t kMostRecordBytes = std::int64_t{1} << 30;
constexpr char kPlain = 0, kPacked = 1;

std::string placeOf(const std::string& id, std::uint64_t index) {
  std::string text = "weir log" + id;
  for (int shift = 0; shift < 64; shift += 8)
    text += static_cast<char>((index >> static_cast<unsigned>(shift)) & 0xffU);
  return text;
}

}  // namespace

bool isSealedLog(std::string_view bytes) { return bytes.starts_with(kMagic); }

Result<std::string> chainOfLog(std::string_view bytes) {
  if (bytes.size() < kLogHeaderBytes || !isSealedLog(bytes))
    return fail("seal.corrupt", "the beginning of a sealed file is damaged");
  return std::string(bytes.substr(kMagic.size(), kChainDigits));
}

LogSealer::LogSealer(const FileKeys& keys) : key_(keys.current()), id_(sodium::randomBytes(kIdBytes)) {
  auto name = decodeHex(key_.name());
  WEIR_CHECK(name && name->size() == kNameBytes && keys.chain.size() == kChainDigits);
  name_ = std::move(*name);
  header_ = std::string(kMagic) + keys.chain + id_;
}

void LogSealer::add(std::string_view text, std::string& out) {
  if (index_ == 0) out += header_;
  std::string packed(1, kPacked);
  if (!compressInto(text, packed)) {
    packed.assign(1, kPlain);
    packed += text;
  }
  const auto begin = out.size();
  out.append(kLengthBytes, '\0').append(name_);
  sodium::seal(key_, placeOf(id_, index_++), packed, out);
  const auto length = out.size() - begin - kLengthBytes;
  for (std::size_t i = 0; i < kLengthBytes; ++i) out[begin + i] = static_cast<char>((length >> (8 * i)) & 0xffU);
}

Result<void> LogOpener::feed(std::string_view bytes, std::string& plain) {
  waiting_ += bytes;
  std::size_t at = 0;
  if (id_.empty()) {
    if (waiting_.size() < kLogHeaderBytes) return {};
    WEIR_TRY(chainOfLog(waiting_));
    id_ = waiting_.substr(kMagic.size() + kChainDigits, kIdBytes);
    at = kLogHeaderBytes;
  }
  std::string opened;
  while (waiting_.size() - at >= kLengthBytes) {
    std::size_t length = 0;
    for (std::size_t i = kLengthBytes; i-- > 0;) length = length << 8U | static_cast<unsigned char>(waiting_[at + i]);
    if (length < kNameBytes + sodium::kSealBytes || length > static_cast<std::size_t>(kMostRecordBytes))
      return fail("seal.corrupt", "record " + std::to_string(index_) + " of a sealed file has an impossible length");
    if (waiting_.size() - at - kLengthBytes < length) break;
    const auto record = std::string_view(waiting_).substr(at + kLengthBytes, length);
    const auto* key = keys_.find(encodeHex(record.substr(0, kNameBytes)));
    if (key == nullptr) return fail("seal.key", "a record is sealed with a key that is not here");
    opened.clear();
    if (!sodium::open(*key, placeOf(id_, index_), record.substr(kNameBytes), opened) || opened.empty()) {
      return fail("seal.corrupt",
                  "record " + std::to_string(index_) + " of a sealed file was changed, or was not sealed at its place");
    }
    const auto text = std::string_view(opened).substr(1);
    if (opened.front() == kPlain) {
      plain += text;
    } else {
      WEIR_TRY(decompressInto(text, kMostRecordBytes, plain));
    }
    ++index_;
    at += kLengthBytes + length;
  }
  waiting_.erase(0, at);
  return {};
}

}  // namespace weir::native
