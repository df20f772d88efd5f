// Reads TZif (RFC 9636). Nothing in the bytes is trusted: every count is checked against what is there.
#include <limits>

#include "engine/time/zone.h"

namespace weir {
namespace {

constexpr std::size_t kHeaderBytes = 44;
constexpr std::size_t kMostBytes = 1 << 20;
// RFC 9636: -25:59:59 .. 26:00:00 at most.
constexpr std::int32_t kLeastOffset = -93599;
constexpr std::int32_t kMostOffset = 93600;

std::uint32_t be32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::int64_t be64(std::string_view bytes, std::size_t at) {
  return static_cast<std::int64_t>(std::uint64_t{be32(bytes, at)} << 32 | be32(bytes, at + 4));
}

struct Header {
  std::uint32_t utCount;
  std::uint32_t standardCount;
  std::uint32_t leapCount;
  std::uint32_t changeCount;
  std::uint32_t kindCount;
  std::uint32_t abbreviationBytes;

  [[nodiscard]] std::uint64_t bodyBytes(std::uint64_t timeBytes) const {
    return changeCount * (timeBytes + 1) + kindCount * std::uint64_t{6} + abbreviationBytes +
           leapCount * (timeBytes + 4) + standardCount + utCount;
  }
};

std::unexpected<Error> corrupt(std::string_view name, std::string_view what) {
  return fail("zone.corrupt", "The file of time zone '" + std::string(name.substr(0, 64)) + "' is damaged: " +
                                  std::string(what) + ". Install the tzdata package again, or use another zone.");
}

std::optional<Header> readHeader(std::string_view bytes, std::uint64_t timeBytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with("TZif")) return std::nullopt;
  const Header header{.utCount = be32(bytes, 20),
                      .standardCount = be32(bytes, 24),
                      .leapCount = be32(bytes, 28),
                      .changeCount = be32(bytes, 32),
                      .kindCount = be32(bytes, 36),
                      .abbreviationBytes = be32(bytes, 40)};
  if (header.bodyBytes(timeBytes) > bytes.size() - kHeaderBytes) return std::nullopt;
  return header;
}

}  // namespace

Result<TimeZone> TimeZone::fromTzif(std::string_view name, std::string_view bytes) {
  if (bytes.size() > kMostBytes) return corrupt(name, "it is larger than 1 MiB");
  auto header = readHeader(bytes, 4);
  if (!header) return corrupt(name, "its header does not fit its size, or it is no TZif file");
  std::size_t timeBytes = 4;
  if (bytes[4] >= '2') {
    // From version 2 on a second block with 64-bit times follows, and then the rule.
    bytes.remove_prefix(kHeaderBytes + static_cast<std::size_t>(header->bodyBytes(4)));
    timeBytes = 8;
    header = readHeader(bytes, 8);
    if (!header) return corrupt(name, "its second header does not fit its size");
  }
  if (header->kindCount == 0 || header->kindCount > 256)
    return corrupt(name, "it has no local time types, or too many");
  if (header->leapCount != 0) return corrupt(name, "it counts leap seconds, which are not supported");

  TimeZone zone;
  zone.name_ = name;
  const std::size_t changes = header->changeCount;
  const std::size_t kindIndexesAt = kHeaderBytes + changes * timeBytes;
  const std::size_t kindsAt = kindIndexesAt + changes;
  const std::size_t abbreviationsAt = kindsAt + header->kindCount * std::size_t{6};
  zone.abbreviations_ = bytes.substr(abbreviationsAt, header->abbreviationBytes);
  zone.kinds_.clear();
  for (std::size_t i = 0; i < header->kindCount; ++i) {
    const std::size_t at = kindsAt + i * 6;
    const Kind kind{.offsetSeconds = static_cast<std::int32_t>(be32(bytes, at)),
                    .daylight = bytes[at + 4] != 0,
                    .abbreviationAt = static_cast<std::uint8_t>(bytes[at + 5])};
    if (kind.offsetSeconds < kLeastOffset || kind.offsetSeconds > kMostOffset)
      return corrupt(name, "an offset is larger than 26 hours");
    if (zone.abbreviations_.find('\0', kind.abbreviationAt) == std::string::npos)
      return corrupt(name, "an abbreviation lies outside the file");
    zone.kinds_.push_back(kind);
  }
  std::int64_t previous = std::numeric_limits<std::int64_t>::min();
  for (std::size_t i = 0; i < changes; ++i) {
    const std::size_t at = kHeaderBytes + i * timeBytes;
    const std::int64_t change = timeBytes == 8 ? be64(bytes, at) : static_cast<std::int32_t>(be32(bytes, at));
    const auto kind = static_cast<std::uint8_t>(bytes[kindIndexesAt + i]);
    if (change <= previous) return corrupt(name, "its changes are not in order of time");
    if (kind >= header->kindCount) return corrupt(name, "a change refers to a type that is not there");
    zone.changes_.push_back(change);
    zone.kindOfChange_.push_back(kind);
    previous = change;
  }
  if (timeBytes == 4) return zone;
  std::string_view footer = bytes.substr(kHeaderBytes + static_cast<std::size_t>(header->bodyBytes(8)));
  if (footer.size() < 2 || footer.front() != '\n' || footer.find('\n', 1) == std::string_view::npos)
    return corrupt(name, "the rule at its end is missing");
  footer = footer.substr(1, footer.find('\n', 1) - 1);
  if (!footer.empty() && !(zone.rule_ = parseZoneRule(footer)))
    return corrupt(name, "the rule at its end is unreadable");
  return zone;
}

}  // namespace weir
