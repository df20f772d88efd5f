// Names of folders, checked part by part.
#include "service/api/folder-name.h"

#include <algorithm>

#include "engine/text/utf8.h"
#include "service/api/flow-id.h"

namespace weir::api {
namespace {

constexpr std::size_t kMostPartBytes = 100;
constexpr int kMostParts = 16;

/// Empty: it is good.
std::string_view troubleOf(std::string_view part) {
  if (part.empty()) return "has an empty part";
  if (part == "." || part == "..") return "has a part that is '.' or '..'";
  if (part.size() > kMostPartBytes) return "has a part of more than 100 bytes";
  if (part.front() == ' ' || part.back() == ' ') return "has a part with a space at an end";
  const auto isBad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; };
  if (std::ranges::any_of(part, isBad)) return "has a control character or a backslash";
  // Two folders that look alike would be two tenants.
  if (hasUnseen(part)) return "has a character that cannot be seen";
  return {};
}

}  // namespace

Expected<void> checkFolder(std::string_view folder) {
  if (folder.empty()) return {};
  const auto refused = [](std::string_view trouble) {
    return refuse(
        400, "api.folder",
        "the folder " + std::string(trouble) + "; write it like team/reports, and leave it empty for the root");
  };
  if (!utf8::isValid(folder)) return refused("is no text in UTF-8");
  int parts = 0;
  for (std::size_t at = 0; at <= folder.size(); ++parts) {
    const auto end = std::min(folder.find('/', at), folder.size());
    if (const auto trouble = troubleOf(folder.substr(at, end - at)); !trouble.empty()) return refused(trouble);
    at = end + 1;
  }
  if (parts > kMostParts) return refused("has more than 16 parts");
  return {};
}

std::string folderInWords(std::string_view folder) {
  return folder.empty() ? "the root folder" : "the folder '" + std::string(folder) + "'";
}

}  // namespace weir::api
