// Reads the studio's pack, which lies beside the build.
#include "apps/cli/serve/studio-pack.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>

// Has the compiler look again when the pack is another.
#include "apps/cli/serve/studio-pack.gen.h"

namespace weir::cli {
namespace {

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kPackBytes[] = {
#embed "studio.pack"
};
#pragma clang diagnostic pop

/// Up to `mark`, which is taken with it; the whole text if it is not there.
std::string_view upTo(std::string_view& text, char mark) {
  const auto end = text.find(mark);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

std::optional<std::size_t> sizeOf(std::string_view text) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return size;
}

}  // namespace

std::vector<StudioFile> studioFilesOf(std::string_view pack) {
  const auto end = pack.find("\n\n");
  if (end == std::string_view::npos) return {};
  auto lines = pack.substr(0, end);
  auto contents = pack.substr(end + 2);
  std::vector<StudioFile> files;
  while (!lines.empty()) {
    auto line = upTo(lines, '\n');
    StudioFile file;
    file.path = upTo(line, '\t');
    file.type = upTo(line, '\t');
    file.kept = upTo(line, '\t') == "kept";
    const auto size = sizeOf(line);
    if (!size || *size > contents.size() || !file.path.starts_with('/')) return {};
    file.content = contents.substr(0, *size);
    contents.remove_prefix(*size);
    files.push_back(file);
  }
  return files;
}

std::vector<StudioFile> studioFiles() { return studioFilesOf({kPackBytes, sizeof kPackBytes}); }

}  // namespace weir::cli
