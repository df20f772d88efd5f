// From errno to an Error that says what to do.
#include "hosts/native/file-errors.h"

#include <cerrno>
#include <cstring>
#include <string>

namespace weir::native {

Error fileError(int number, std::string_view path, std::string_view verb) {
  const std::string what = "cannot " + std::string(verb) + " '" + std::string(path) + "': ";
  switch (number) {
    case ENOENT:
      return Error{"files.not_found", what + "it does not exist; check the path and the mount"};
    case EACCES:
    case EPERM:
      return Error{"files.denied", what + "permission denied; give this user the right, or leave the file out"};
    case EISDIR:
      return Error{"files.is_folder",
                   what + "it is a folder; name a file, or a glob such as '" + std::string(path) + "/**/*'"};
    case ENOTDIR:
      return Error{"files.not_folder", what + "a part of it is a file, not a folder"};
    case ELOOP:
      return Error{"files.too_many_links",
                   what + "its symbolic links lead in a circle, or are more than 40; mend them"};
    case ENXIO:
      return Error{"files.not_regular", what + "it is a pipe or a device; only regular files can be read and written"};
    case ENOSPC:
    case EFBIG:
    case EDQUOT:
      return Error{"files.disk_full", what + "the disk is full; free space and run again (nothing was published)"};
    case EROFS:
      return Error{"files.read_only", what + "the disk is read-only; mount it for writing, or write elsewhere"};
    case EMFILE:
    case ENFILE:
      return Error{"files.too_many_open", what + "too many files are open on this machine", true};
    default:
      return Error{"files.io", what + std::strerror(number)};
  }
}

}  // namespace weir::native
