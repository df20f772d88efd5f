// Folders are compared by device and inode, whatever they are called.
#include "apps/cli/serve/folder-guard.h"

#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include "apps/cli/serve/file-put.h"
#include "engine/text/host-name.h"
#include "engine/text/url.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/network/network-policy.h"

namespace weir::cli {
namespace {

using native::Descriptor;

constexpr std::int64_t kMostEntries = 1000;
constexpr int kMostSteps = 4096;  // from a folder up to the root
// Of file systems that are no folders of files (statfs): /proc, /sys and what lies in them.
constexpr std::array<std::uint32_t, 5> kNoFiles{0x9fa0, 0x62656572, 0x27e0eb, 0x64626720, 0x74726163};
constexpr std::array<std::string_view, 3> kOfTheSystem{"/proc", "/sys", "/dev"};

struct Place {
  dev_t device = 0;
  ino_t inode = 0;
  [[nodiscard]] bool operator==(const Place&) const = default;
};

std::optional<Place> placeOf(int descriptor) {
  struct stat found{};
  if (::fstat(descriptor, &found) != 0) return std::nullopt;
  return Place{found.st_dev, found.st_ino};
}

/// The folder itself and those above it, up to the root.
std::vector<Place> upFrom(int folder) {
  std::vector<Place> places;
  Descriptor here(::openat(folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (int step = 0; here.isOpen() && step < kMostSteps; ++step) {
    const auto place = placeOf(here.get());
    if (!place || (!places.empty() && places.back() == *place)) break;
    places.push_back(*place);
    here = Descriptor(::openat(here.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  return places;
}

std::unexpected<Error> refused(const std::string& directory, const std::string& why) {
  return fail("mount.refused", "'" + directory + "' cannot be a mount: " + why + "; give a folder of its own");
}

std::string folderOf(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// Nothing of the server: neither the folder of `path`, nor one in it or above it.
Result<void> keepApart(const std::string& directory, const std::vector<Place>& ups, const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return {};
  const bool folder = S_ISDIR(found.st_mode);
  const Descriptor opened(::open(folder ? path.c_str() : folderOf(path).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened.isOpen()) return refused(directory, "'" + path + "' cannot be looked at");
  const auto theirs = upFrom(opened.get());
  if (theirs.empty() || ups.empty()) return refused(directory, "what lies above it cannot be looked at");
  if (folder && std::ranges::contains(ups, theirs.front()))
    return refused(directory, "it is or lies in '" + path + "', which is the server's or the system's own");
  if (std::ranges::contains(theirs, ups.front()))
    return refused(directory, "it holds '" + path + "', which is the server's or the system's own");
  return {};
}

/// Every address of this machine.
std::vector<std::string> addressesHere() {
  std::vector<std::string> all{"127.0.0.1", "::1"};
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return all;
  for (const auto* one = first; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    if (const auto address = native::addressOf(*one->ifa_addr)) all.push_back(native::addressText(*address));
  }
  ::freeifaddrs(first);
  return all;
}

void add(std::vector<std::string>& all, const std::string& address, const std::string& port) {
  if (port.empty() || address.empty()) return;
  auto text = (address.contains(':') ? "[" + address + "]" : address) + ":" + port;
  if (!std::ranges::contains(all, text)) all.push_back(std::move(text));
}

void addHost(std::vector<std::string>& all, const std::string& host, const std::string& port) {
  addrinfo* first = nullptr;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(host.c_str(), nullptr, &wanted, &first) != 0) return;
  for (const auto* one = first; one != nullptr; one = one->ai_next) {
    if (const auto address = native::addressOf(*one->ai_addr)) add(all, native::addressText(*address), port);
  }
  ::freeaddrinfo(first);
}

/// Host and port of an address with a scheme, and the port that its scheme means.
std::pair<std::string, std::string> hostOf(std::string_view url) {
  const auto scheme = url.substr(0, url.find("://"));
  auto rest = url.substr(std::min(url.size(), scheme.size() + 3));
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  std::string port = scheme.starts_with("postgres") ? "5432"
                     : scheme.starts_with("redis")  ? "6379"
                     : scheme == "https"            ? "443"
                     : scheme == "http"             ? "80"
                                                    : "";
  const auto close = rest.rfind(']');
  const auto colon = rest.rfind(':');
  if (colon != std::string_view::npos && (close == std::string_view::npos || colon > close)) {
    port = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  return {std::string(rest), port};
}

}  // namespace

Result<std::shared_ptr<const engines::OpenFolder>> MachineGuard::open(const std::string& directory) const {
  Descriptor opened(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened.isOpen()) {
    const int trouble = errno;
    const auto why = trouble == ENOENT    ? "there is no such folder"
                     : trouble == ENOTDIR ? "it is no folder"
                                          : std::strerror(trouble);
    return refused(directory, why);
  }
  struct statfs kind{};
  if (::fstatfs(opened.get(), &kind) != 0 || std::ranges::contains(kNoFiles, static_cast<std::uint32_t>(kind.f_type)))
    return refused(directory, "it is no folder of files");
  const auto ups = upFrom(opened.get());
  for (const auto path : kOfTheSystem) WEIR_TRY(keepApart(directory, ups, std::string(path)));
  for (const auto& path : forbidden_) WEIR_TRY(keepApart(directory, ups, path));
  return std::make_shared<const engines::OpenFolder>(opened.release());
}

Result<api::MountReport> MachineGuard::look(const std::string& directory, bool writes) {
  WEIR_ASSIGN(const auto opened, open(directory));
  api::MountReport report;
  report.writes = ::faccessat(opened->descriptor(), ".", W_OK | X_OK, 0) == 0;
  const int listing = ::openat(opened->descriptor(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = listing < 0 ? nullptr : ::fdopendir(listing);
  report.reads = stream != nullptr;
  if (stream == nullptr) {
    report.problem = "the server's own user may not list it: " + std::string(std::strerror(errno));
    if (listing >= 0) ::close(listing);
    return report;
  }
  while (report.entries < kMostEntries) {
    const dirent* entry = ::readdir(stream);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") ++report.entries;
  }
  ::closedir(stream);
  if (writes && !report.writes)
    report.problem = "it is given to be written, and the server's own user may not write there";
  return report;
}

Result<bool> MachineGuard::put(const api::FileToPut& file) {
  const PutFile wanted{file.path, file.bytes, file.onlyNew};
  if (!file.directory.empty()) {
    WEIR_ASSIGN(const auto opened, open(file.directory));
    return putFile(opened->descriptor(), wanted);
  }
  if (files_.empty()) return fail("files.unknown_mount", "this server has no files of its folders");
  const auto own = files_ + (file.folder.empty() ? "" : "/" + file.folder);
  std::error_code ignored;
  std::filesystem::create_directories(own, ignored);
  const Descriptor opened(::open(own.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened.isOpen()) return fail("files.io", "cannot open the files of the folder '" + file.folder + "'");
  return putFile(opened.get(), wanted);
}

Result<void> MachineGuard::check(const folders::Network& network) {
  for (const auto& entry : network.allow) {
    if (entry.contains('/') || isHostWithPort(entry)) continue;
    return fail("network.policy", "'" + entry +
                                      "' is neither host:port nor an address range; name each host by itself, "
                                      "such as db.internal:5432, [::1]:80 or 10.1.0.0/16");
  }
  WEIR_ASSIGN(auto policy, native::NetworkPolicy::server(network.allow));
  return policy.mayListenAt(network.listen);
}

Result<void> MachineGuard::furnish(folders::FolderBook& book, const std::string& files, const std::string& folder,
                                   engines::EngineOrder& order) const {
  if (!files.empty()) {
    const auto own = files + (folder.empty() ? "" : "/" + folder);
    std::error_code ignored;
    std::filesystem::create_directories(own, ignored);
    const int opened = ::open(own.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return fail("files.io", "cannot open the folder '" + own + "'");
    order.mounts.push_back({"project", true, std::make_shared<const engines::OpenFolder>(opened)});
  }
  for (const auto& mount : book.mountsFor(folder)) {
    if (order.mounts.size() >= engines::kMostMounts) break;
    auto opened = open(mount.directory);
    // One that is gone hinders those flows that use it, when they do.
    if (!opened) continue;
    order.mounts.push_back({mount.name, mount.writes, std::move(*opened)});
  }
  auto network = book.networkFor(folder);
  order.allow = std::move(network.allow);
  order.allow.insert(order.allow.end(), allow_.begin(), allow_.end());
  order.listen = std::move(network.listen);
  return {};
}

std::vector<std::string> ownAddresses(const std::string& address, const std::vector<std::string>& urls) {
  std::vector<std::string> all;
  const auto [host, port] = hostOf(address);
  if (host == "0.0.0.0" || host == "::" || host == "*") {
    for (const auto& one : addressesHere()) add(all, one, port);
  } else {
    addHost(all, host, port);
  }
  for (const auto& url : urls) {
    const auto [name, at] = hostOf(url);
    if (!name.empty()) addHost(all, name, at);
  }
  return all;
}

}  // namespace weir::cli
