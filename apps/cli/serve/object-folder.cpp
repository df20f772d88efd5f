// One file for each object; its header tells the name, so that none stands in the place of another.
#include "apps/cli/serve/object-folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "hosts/native/descriptor.h"
#include "hosts/native/sealing/private-file.h"
#include "hosts/native/sealing/sealed-file.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

/// What a backup that was killed has left does not keep objects for good.
constexpr std::chrono::hours kLongestCopy{6};

/// Whoever asks for a document knows of the server what it says of itself, and not where its data lies.
Error asStored(Error error, const std::string& dataFolder) {
  if (error.code == "files.disk_full")
    return Error{"storage.full", "the disk of the server is full, so that a large document cannot be stored"};
  error.code = error.code == "files.read_only" ? "storage.read_only" : "storage.unavailable";
  const auto folder = dataFolder + "/";
  for (std::size_t at = 0; (at = error.message.find(folder, at)) != std::string::npos;) {
    error.message.erase(at, folder.size());
  }
  error.message = "a large document cannot be stored: " + error.message;
  return error;
}

/// `what` is not done with a file of ours; `number` is an errno.
std::unexpected<Error> cannot(const std::string& what, int number) {
  if (number == EROFS) {
    return fail("storage.read_only", what + ": the disk of the data folder is read-only; mount it for writing again",
                true);
  }
  return fail("storage.unavailable", what + ": " + std::strerror(number), true);
}

std::string fileOf(const std::string& name) {
  return "the file " + std::string(kObjectFolder) + "/" + name + " of the data folder";
}

std::unexpected<Error> damaged(const std::string& name, const std::string& why) {
  return fail("storage.corrupt", fileOf(name) + " " + why);
}

Result<std::string> sealed(const std::string& name, std::string_view text, const native::FileKeys& keys) {
  native::SealedHeader header;
  header.run = name;
  native::SealedWriter writer(std::move(header), keys.empty() ? nullptr : &keys.current());
  std::string bytes;
  WEIR_TRY(writer.add(text, bytes));
  WEIR_TRY(writer.end(bytes));
  return bytes;
}

native::ReadAt reading(int file) {
  return [file](std::int64_t offset, std::span<char> into) -> Result<std::int64_t> {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto got = ::pread(file, into.data() + done, into.size() - done, offset + static_cast<std::int64_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail("files.io", std::strerror(errno));
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return static_cast<std::int64_t>(done);
  };
}

struct Opened {
  std::string text, keyId;
};

Result<Opened> open(const std::string& path, const std::string& name, const native::FileKeys& keys, bool mustBeSealed) {
  const native::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.isOpen() && errno == ENOENT) return damaged(name, "is gone; put it back from a backup");
  struct stat info{};
  if (!file.isOpen() || ::fstat(file.get(), &info) != 0) return cannot(fileOf(name) + " cannot be opened", errno);
  native::SealedReading how;
  how.keys = [&keys](std::string_view id) { return keys.find(id); };
  how.mustBeSealed = mustBeSealed;
  auto reader = native::SealedReader::open(reading(file.get()), info.st_size, how);
  if (!reader) return damaged(name, "is damaged: " + reader.error().message);
  if (reader->header().run != name)
    return damaged(name, "holds another document, '" + reader->header().run + "'; put it back from a backup");
  Opened opened{{}, reader->header().keyId};
  if (auto read = reader->read(0, reader->size(), opened.text); !read)
    return damaged(name, "is damaged: " + read.error().message);
  return opened;
}

}  // namespace

ObjectFolder::ObjectFolder(const std::string& dataFolder, Keys keys)
    : data_(dataFolder), folder_(dataFolder + "/" + std::string(kObjectFolder)), keys_(std::move(keys)) {}

Result<void> ObjectFolder::put(const std::string& name, std::string_view text) {
  const auto keys = keys_();
  // The first document of its class has its keys written, too.
  if (!keys && keys.error().code == "files.disk_full") return std::unexpected(asStored(keys.error(), data_));
  if (!keys) return std::unexpected(keys.error());
  WEIR_ASSIGN(const auto bytes, sealed(name, text, *keys));
  auto made = native::makePrivateFolder(folder_);
  if (made) made = native::writePrivateFile(pathOf(name), bytes);
  if (made) return {};
  ::unlink((pathOf(name) + ".making").c_str());
  return std::unexpected(asStored(std::move(made.error()), data_));
}

Result<std::string> ObjectFolder::get(const std::string& name) {
  WEIR_ASSIGN(const auto keys, keys_());
  WEIR_ASSIGN(auto opened, open(pathOf(name), name, keys, !keys.empty()));
  return std::move(opened.text);
}

Result<void> ObjectFolder::remove(const std::string& name) {
  if (::unlink(pathOf(name).c_str()) == 0 || errno == ENOENT) return {};
  return cannot(fileOf(name) + " cannot be removed", errno);
}

Result<std::vector<std::string>> ObjectFolder::list() {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) names.push_back(at->path().filename().string());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return cannot("the folder " + std::string(kObjectFolder) + " of the data folder cannot be read", error.value());
  return names;
}

bool ObjectFolder::isCopied() {
  std::error_code error, ignored;
  const auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator at(data_ + "/tmp", error), end; !error && at != end; at.increment(error)) {
    if (!at->path().filename().string().starts_with("backup-")) continue;
    if (now - at->last_write_time(ignored) < kLongestCopy) return true;
  }
  return false;
}

Result<ResealTotals> resealObjects(const std::string& dataFolder, native::KeyRing& ring, std::int64_t nowMs) {
  ObjectFolder folder(dataFolder, {});
  WEIR_ASSIGN(auto names, folder.list());
  // What was being written belongs to nobody.
  std::erase_if(names, [](const std::string& name) { return name.contains('.'); });
  ResealTotals totals;
  if (names.empty()) return totals;
  WEIR_ASSIGN(const auto keys, ring.files({}, native::FileClass::object, nowMs));
  for (const auto& name : names) {
    const auto path = dataFolder + "/" + std::string(kObjectFolder) + "/" + name;
    const auto opened = open(path, name, keys, false);
    if (!opened && opened.error().code == "storage.corrupt") {
      ++totals.left;
      continue;
    }
    if (!opened) return std::unexpected(opened.error());
    if (opened->keyId == keys.current().name()) continue;
    WEIR_ASSIGN(const auto bytes, sealed(name, opened->text, keys));
    WEIR_TRY(native::writePrivateFile(path, bytes));
    ++totals.files;
  }
  return totals;
}

}  // namespace weir::cli
