// Modes and owners, from one file to the next.
#include "hosts/native/file-rights.h"

#include <unistd.h>

namespace weir::native {

void takeOverRights(int file, const struct stat& old, mode_t more) {
  struct stat own{};
  if (::fstat(file, &own) != 0) return;
  auto mode = (old.st_mode & 0777) | more;
  if (own.st_uid != old.st_uid) static_cast<void>(::fchown(file, old.st_uid, static_cast<gid_t>(-1)));
  if (own.st_gid != old.st_gid && ::fchown(file, static_cast<uid_t>(-1), old.st_gid) != 0) {
    // Its group is another one: no more for them than for everybody.
    mode = (mode & ~static_cast<mode_t>(070)) | ((mode & 07) << 3);
  }
  static_cast<void>(::fchmod(file, mode));
}

}  // namespace weir::native
