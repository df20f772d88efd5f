// Who may read a file that takes another's place.
#pragma once

#include <sys/stat.h>

namespace weir::native {

/// Gives the open `file` the mode, and where the system allows it the owner and the group, that `old` has. What the
/// system does not allow, or know, is left.
void takeOverRights(int file, const struct stat& old, mode_t more = 0);

}  // namespace weir::native
