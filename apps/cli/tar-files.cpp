// Reads the headers of an archive, and trusts none of them.
#include "apps/cli/tar-files.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir::cli {
namespace {

constexpr std::size_t kBlock = 512, kNameBytes = 100, kSizeAt = 124, kSizeBytes = 12, kSumAt = 148, kSumBytes = 8;
constexpr std::size_t kKindAt = 156, kMarkAt = 257;

std::unexpected<Error> invalid(const std::string& why) {
  return fail("recording.invalid", "the archive of the recording " + why);
}

std::string_view field(std::string_view header, std::size_t at, std::size_t bytes) {
  const auto text = header.substr(at, bytes);
  return text.substr(0, text.find('\0'));
}

std::optional<std::uint64_t> octal(std::string_view text) {
  const auto from = text.find_first_not_of(' ');
  if (from == std::string_view::npos) return std::nullopt;
  text = text.substr(from, text.find_last_not_of(' ') + 1 - from);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 8);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool hasItsSum(std::string_view header) {
  std::uint64_t sum = kSumBytes * ' ';
  for (std::size_t at = 0; at < kBlock; ++at) {
    if (at < kSumAt || at >= kSumAt + kSumBytes) sum += static_cast<unsigned char>(header[at]);
  }
  return octal(field(header, kSumAt, kSumBytes)) == sum;
}

bool isPlainName(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.find_first_of("/\\") == std::string_view::npos;
}

Result<TarFile> fileOf(std::string_view header) {
  if (!field(header, kMarkAt, 6).starts_with("ustar") || !hasItsSum(header)) return invalid("is damaged");
  const auto name = field(header, 0, kNameBytes);
  const auto slash = name.find('/');
  const auto kind = header[kKindAt];
  if ((kind != '0' && kind != '\0') || slash == std::string_view::npos || !isPlainName(name.substr(0, slash)) ||
      !isPlainName(name.substr(slash + 1))) {
    return invalid("holds '" + std::string(name) + "', which is no file of a recording");
  }
  return TarFile{std::string(name.substr(0, slash)), std::string(name.substr(slash + 1)), {}};
}

}  // namespace

Result<std::vector<TarFile>> filesOfTar(std::string_view archive) {
  std::vector<TarFile> files;
  for (;;) {
    if (archive.size() < kBlock) return invalid("is cut off; get it again");
    const auto header = archive.substr(0, kBlock);
    archive.remove_prefix(kBlock);
    if (header.find_first_not_of('\0') == std::string_view::npos) return files;
    WEIR_ASSIGN(auto file, fileOf(header));
    const auto bytes = octal(field(header, kSizeAt, kSizeBytes));
    if (!bytes) return invalid("is damaged");
    if (*bytes > archive.size()) return invalid("is cut off; get it again");
    file.bytes = archive.substr(0, *bytes);
    const auto blocks = (*bytes + kBlock - 1) / kBlock * kBlock;
    if (blocks > archive.size()) return invalid("is cut off; get it again");
    archive.remove_prefix(blocks);
    files.push_back(std::move(file));
  }
}

}  // namespace weir::cli
