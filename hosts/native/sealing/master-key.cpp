// Reading and making the file of the master key.
#include "hosts/native/sealing/master-key.h"

#include <sys/stat.h>

#include <cstdlib>

#include "engine/text/base64.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::native {
namespace {

constexpr std::int64_t kMostFileBytes = 4096;

bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

}  // namespace

Result<sodium::Key> parseMasterKey(std::string_view text, std::string_view from) {
  const auto inside = trimmed(text);
  auto bytes = inside.size() == 2 * sodium::Key::kBytes ? decodeHex(inside) : decodeBase64(inside);
  if (bytes && bytes->size() == sodium::Key::kBytes) {
    const auto key = sodium::Key::of(*bytes);
    sodium::wipe(*bytes);
    if (!(key == sodium::Key())) return key;
  }
  return fail("key.file", "in " + std::string(from) +
                              " stands no master key: it is 32 random bytes as base64, or as 64 hexadecimal digits "
                              "(openssl rand -base64 32 makes one)");
}

Result<sodium::Key> readMasterKey(const std::string& path) {
  auto text = readPrivateFile(path, kMostFileBytes);
  if (!text) {
    if (text.error().code == "key.file") return std::unexpected(std::move(text.error()));
    return fail("key.file", "the file of the master key: " + text.error().message);
  }
  auto key = parseMasterKey(*text, "'" + path + "'");
  sodium::wipe(*text);
  return key;
}

Result<sodium::Key> makeMasterKey(const std::string& path) {
  WEIR_TRY(makePrivateFolder(folderOf(path)));
  const auto key = sodium::Key::random();
  auto text = encodeBase64(key.bytes()) + "\n";
  auto written = writePrivateFile(path, text, true);
  sodium::wipe(text);
  WEIR_TRY(std::move(written));
  return key;
}

Result<std::string> defaultMasterKeyPath() {
  if (const auto config = variable("XDG_CONFIG_HOME"); !config.empty()) return config + "/weir/master.key";
  if (const auto home = variable("HOME"); !home.empty()) return home + "/.config/weir/master.key";
  return fail("key.file",
              "neither XDG_CONFIG_HOME nor HOME is set, so there is no place for a master key; name its "
              "file with --master-key-file");
}

Result<void> checkKeyOutside(const std::string& keyPath, const std::string& dataFolder) {
  struct stat data{};
  if (::stat(dataFolder.c_str(), &data) != 0) return {};
  // From the folder of the file upwards: by what they are, not by how they are written.
  auto folder = folderOf(keyPath);
  if (char* real = ::realpath(keyPath.c_str(), nullptr); real != nullptr) {
    folder = folderOf(real);
    std::free(real);
  } else if (char* above = ::realpath(folder.c_str(), nullptr); above != nullptr) {
    folder = above;
    std::free(above);
  }
  for (;;) {
    struct stat info{};
    if (::stat(folder.c_str(), &info) == 0 && info.st_dev == data.st_dev && info.st_ino == data.st_ino) {
      return fail("key.file", "the master key '" + keyPath + "' lies in the data folder '" + dataFolder +
                                  "', so that who has the one has the other; keep it elsewhere");
    }
    if (folder == "/" || folder == ".") return {};
    folder = folderOf(folder);
  }
}

}  // namespace weir::native
