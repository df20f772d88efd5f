// Compares paths part by part.
#include "service/folders/hook-path.h"

#include <algorithm>
#include <vector>

#include "engine/text/url.h"

namespace weir::folders {
namespace {

std::vector<std::string_view> partsOf(std::string_view path) {
  std::vector<std::string_view> parts;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

bool isAny(std::string_view part) { return part.size() > 1 && part.front() == ':'; }

}  // namespace

std::string hookPath(std::string_view folder, std::string_view path) {
  std::string whole = folder.empty() ? std::string() : "/" + std::string(folder);
  if (!path.starts_with('/')) whole += '/';
  return whole.append(path);
}

bool isOpen(std::string_view path) { return std::ranges::any_of(partsOf(path), isAny); }

bool hooksClash(const HookClaim& one, std::string_view folder, const HookClaim& other, std::string_view otherFolder) {
  const auto has = [&other](const std::string& method) { return std::ranges::contains(other.methods, method); };
  if (std::ranges::none_of(one.methods, has)) return false;
  const auto a = hookPath(folder, one.path), b = hookPath(otherFolder, other.path);
  return std::ranges::equal(partsOf(a), partsOf(b), [](std::string_view left, std::string_view right) {
    return isAny(left) || isAny(right) || left == right;
  });
}

bool hookMatches(std::string_view pattern, std::string_view path) {
  return std::ranges::equal(partsOf(pattern), partsOf(path), [](std::string_view wanted, std::string_view given) {
    const auto decoded = percentDecoded(given);
    if (!decoded) return false;
    return isAny(wanted) ? !decoded->empty() : *decoded == wanted;
  });
}

}  // namespace weir::folders
