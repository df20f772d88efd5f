// Where this machine keeps its time zones.
#include "apps/cli/zone-files.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace weir::cli {

Result<std::string> ZoneFiles::load(std::string_view name) {
  const bool plain = !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos &&
                     name.find('\0') == std::string_view::npos;
  const char* folder = std::getenv("TZDIR");
  const auto path = std::string(folder != nullptr ? folder : "/usr/share/zoneinfo") + "/" + std::string(name);
  std::ifstream file;
  if (plain) file.open(path, std::ios::binary);
  if (!plain || !file.good()) {
    return fail("zone.unknown", "there is no time zone '" + std::string(name) + "'; write one such as 'Europe/Paris'");
  }
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!bytes.starts_with("TZif")) return fail("zone.unknown", "'" + std::string(name) + "' is no time zone");
  return bytes;
}

}  // namespace weir::cli
