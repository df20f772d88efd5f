// Headers and heads to bytes and back.
#include "engine/journal/format.h"

#include <algorithm>
#include <cstring>

#include "engine/journal/crc32c.h"
#include "engine/journal/little-endian.h"

namespace weir::journal {
namespace {

constexpr std::string_view kMagic = "WEIRJRNL";
constexpr std::size_t kNameDigits = 16;
constexpr std::size_t kHeadCrcAt = 36;

std::unexpected<Error> corruptHeader(std::uint64_t id, std::string_view why) {
  return fail("journal.corrupt",
              "the header of the journal's segment '" + segmentName(id) + "' is damaged: " + std::string(why));
}

void putPadded(std::string& to, std::string_view text, std::size_t most) {
  text = text.substr(0, most);
  putText(to, text);
  to.append(most - text.size(), '\0');
}

std::string takePadded(Taking& from, std::size_t most) {
  const auto bytes = from.number<std::uint32_t>();
  if (from.bad || bytes > most || from.rest.size() < most) {
    from.bad = true;
    return {};
  }
  std::string text(from.rest.substr(0, bytes));
  from.rest.remove_prefix(most);
  return text;
}

std::uint32_t headCrc(const char* head, const SealPlace& place) {
  std::string where;
  put(where, place.segment);
  put(where, place.epoch);
  put(where, place.offset);
  return crc32c({head, kHeadCrcAt}, crc32c(where));
}

}  // namespace

std::string encodeHeader(const SegmentHeader& header) {
  std::string bytes(kMagic);
  put(bytes, kFormatVersion);
  put(bytes, static_cast<std::uint32_t>(kHeaderBytes));
  put(bytes, header.id);
  put(bytes, header.epoch);
  putPadded(bytes, header.keyId, kMostKeyId);
  putPadded(bytes, header.run, kMostRun);
  bytes.resize(static_cast<std::size_t>(kHeaderBytes) - 4);
  put(bytes, crc32c(bytes));
  return bytes;
}

Result<SegmentHeader> decodeHeader(std::string_view bytes, std::uint64_t id) {
  Taking from{.rest = bytes};
  if (bytes.size() < kMagic.size() || !bytes.starts_with(kMagic)) return corruptHeader(id, "it does not begin as one");
  from.rest.remove_prefix(kMagic.size());
  const auto version = from.number<std::uint32_t>();
  if (!from.bad && version > kFormatVersion)
    return fail("journal.newer_version", "the journal's segment '" + segmentName(id) + "' has format version " +
                                             std::to_string(version) + "; this release reads versions up to " +
                                             std::to_string(kFormatVersion) +
                                             ". Resume with the release that wrote it; nothing was changed.");
  const auto size = static_cast<std::size_t>(kHeaderBytes);
  if (bytes.size() < size) return corruptHeader(id, "it is cut off");
  std::uint32_t crc = 0;
  std::memcpy(&crc, bytes.data() + size - 4, 4);
  if (version != kFormatVersion || crc != crc32c(bytes.substr(0, size - 4)))
    return corruptHeader(id, "its checksum is wrong");
  SegmentHeader header;
  if (from.number<std::uint32_t>() != size) return corruptHeader(id, "its size is wrong");
  header.id = from.number<std::uint64_t>();
  header.epoch = from.number<std::uint64_t>();
  header.keyId = takePadded(from, kMostKeyId);
  header.run = takePadded(from, kMostRun);
  if (from.bad) return corruptHeader(id, "its texts are too long");
  if (header.id != id)
    return corruptHeader(id, "it is that of segment " + segmentName(header.id) + "; files were renamed");
  return header;
}

std::string segmentName(std::uint64_t id, std::string_view ending) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name(kNameDigits, '0');
  for (std::size_t i = kNameDigits; i > 0; --i, id >>= 4) name[i - 1] = kDigits[id & 15U];
  return name + "." + std::string(ending);
}

std::uint64_t segmentOfName(std::string_view name, std::string_view ending) {
  if (name.size() != kNameDigits + 1 + ending.size() || name[kNameDigits] != '.' ||
      name.substr(kNameDigits + 1) != ending)
    return 0;
  std::uint64_t id = 0;
  for (const char digit : name.substr(0, kNameDigits)) {
    const bool decimal = digit >= '0' && digit <= '9';
    if (!decimal && (digit < 'a' || digit > 'f')) return 0;
    id = id << 4 | static_cast<std::uint64_t>(decimal ? digit - '0' : digit - 'a' + 10);
  }
  return id;
}

void encodeHead(const RecordHead& head, const SealPlace& place, char* to) {
  std::string bytes;
  put(bytes, head.payloadBytes);
  put(bytes, head.kind);
  put(bytes, head.flags);
  put(bytes, head.edge);
  put(bytes, head.stream);
  put(bytes, head.sequence);
  put(bytes, head.rows);
  put(bytes, head.group);
  put(bytes, head.payloadCrc);
  put(bytes, headCrc(bytes.data(), place));
  std::ranges::copy(bytes, to);
}

bool decodeHead(std::string_view bytes, const SealPlace& place, RecordHead& head) {
  if (bytes.size() < static_cast<std::size_t>(kHeadBytes)) return false;
  Taking from{.rest = bytes};
  head.payloadBytes = from.number<std::uint32_t>();
  const auto kind = from.number<std::uint16_t>();
  // Where there is none, most are refused without a look at the checksum.
  if (kind < static_cast<std::uint16_t>(RecordKind::edges) || kind > static_cast<std::uint16_t>(RecordKind::top))
    return false;
  head.kind = static_cast<RecordKind>(kind);
  head.flags = from.number<std::uint16_t>();
  head.edge = from.number<std::uint32_t>();
  head.stream = from.number<std::uint32_t>();
  head.sequence = from.number<std::uint64_t>();
  head.rows = from.number<std::uint32_t>();
  head.group = from.number<std::uint32_t>();
  head.payloadCrc = from.number<std::uint32_t>();
  return from.number<std::uint32_t>() == headCrc(bytes.data(), place);
}

}  // namespace weir::journal
