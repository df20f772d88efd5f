// openat2 where the kernel has it; else each part by itself, never letting the kernel follow a link.
#include "hosts/native/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <optional>
#include <vector>

#include "hosts/native/file-errors.h"

namespace weir::native {
namespace {

/// As many links as the kernel follows in one path.
constexpr int kMaxLinks = 40;

std::unexpected<Error> leadsOut(std::string_view shown, std::string_view link, std::string_view target) {
  return fail("files.outside_mount",
              "'" + std::string(shown) + "' leads out of its mount: the symbolic link '" + std::string(link) +
                  "' points to '" + std::string(target) +
                  "'; mount the folder that it points to (--mount NAME=FOLDER) and name the file there, or copy the "
                  "file in");
}

/// What `name` in `folder` points to; nothing if it is no link.
std::optional<std::string> linkTarget(int folder, const std::string& name) {
  std::array<char, PATH_MAX> text;
  const auto size = ::readlinkat(folder, name.c_str(), text.data(), text.size());
  if (size < 0) return std::nullopt;
  return std::string(text.data(), static_cast<std::size_t>(size));
}

std::string realPath(const std::string& path) {
  char* found = ::realpath(path.c_str(), nullptr);
  if (found == nullptr) return {};
  std::string text(found);
  std::free(found);
  return text;
}

/// `path` without the folder it lies in; nothing if it lies elsewhere.
std::optional<std::string> below(std::string_view folder, std::string_view path) {
  if (folder == "/") return std::string(path.substr(1));
  if (folder.empty() || !path.starts_with(folder)) return std::nullopt;
  if (path.size() > folder.size() && path[folder.size()] != '/') return std::nullopt;
  return std::string(path.substr(std::min(path.size(), folder.size() + 1)));
}

class Walk {
 public:
  Walk(const BeneathPath& path, int flags) : path_(path), flags_(flags), rest_(path.relative) {}

  Result<Descriptor> open() {
    for (;;) {
      const auto slash = rest_.find('/');
      std::string part = rest_.substr(0, slash);
      const bool last = slash == std::string::npos || rest_.find_first_not_of('/', slash) == std::string::npos;
      const bool folderWanted = slash != std::string::npos;
      rest_ = last ? std::string() : rest_.substr(slash + 1);
      if (part == ".." && folders_.empty()) return leadsOut(path_.shown, link_, target_);
      if (part == "..") folders_.pop_back();
      if (part.empty() || part == "." || part == "..") {
        if (last) return openPart(".", 0);
        continue;
      }
      if (auto target = linkTarget(top(), part)) {
        WEIR_TRY(follow(std::move(part), std::move(*target), folderWanted));
        continue;
      }
      if (last) return openPart(part, folderWanted ? O_DIRECTORY : 0);
      Descriptor next(::openat(top(), part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!next.isOpen()) return std::unexpected(fileError(errno, path_.shown, path_.verb));
      folders_.push_back(std::move(next));
    }
  }

 private:
  [[nodiscard]] int top() const { return folders_.empty() ? path_.root : folders_.back().get(); }

  Result<Descriptor> openPart(const std::string& name, int more) {
    Descriptor found(::openat(top(), name.c_str(), flags_ | O_NOFOLLOW | O_CLOEXEC | more, path_.createMode));
    if (!found.isOpen()) return std::unexpected(fileError(errno, path_.shown, path_.verb));
    return found;
  }

  /// Puts the link's target in front of what is still to be walked.
  Result<void> follow(std::string link, std::string target, bool folderWanted) {
    if (++links_ > kMaxLinks) return std::unexpected(fileError(ELOOP, path_.shown, path_.verb));
    link_ = std::move(link);
    target_ = target;
    if (target.starts_with('/')) {
      auto inside = below(path_.rootPath, target);
      if (!inside) inside = below(realPath(std::string(path_.rootPath)), target);
      if (!inside) inside = below(realPath(std::string(path_.rootPath)), realPath(target));
      if (!inside) return leadsOut(path_.shown, link_, target_);
      folders_.clear();
      target = std::move(*inside);
    }
    if (folderWanted || !rest_.empty()) target += '/';
    rest_ = target + rest_;
    return {};
  }

  const BeneathPath& path_;
  int flags_;
  std::string rest_;
  std::vector<Descriptor> folders_;  // from the root down
  std::string link_, target_;        // the last link that was followed
  int links_ = 0;
};

}  // namespace

Result<Descriptor> openBeneath(const BeneathPath& path, int flags, BeneathWay way) {
  if (way == BeneathWay::walk) return Walk(path, flags).open();
  const std::string relative(path.relative.empty() ? "." : path.relative);
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? path.createMode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const auto opened = ::syscall(SYS_openat2, path.root, relative.c_str(), &how, sizeof how);
  if (opened >= 0) return Descriptor(static_cast<int>(opened));
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case EISDIR:
    case EMFILE:
    case ENFILE:
    case ENXIO:
      return std::unexpected(fileError(errno, path.shown, path.verb));
    default:
      // A link that leads out or is absolute, a folder that moved meanwhile, or a kernel without the call.
      return Walk(path, flags).open();
  }
}

}  // namespace weir::native
