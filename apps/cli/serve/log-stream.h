// Where the lines of a server's log go.
#pragma once

#include <cstdio>

#include "service/logs/log-line.h"

namespace weir::cli {

/// Standard error, for whole lines, which nobody waits for: while a pipe is full because its reader does not read,
/// lines are left out, and the next one says how many. It lasts as long as the process.
[[nodiscard]] std::FILE* logStream(logs::LogFormat format);

}  // namespace weir::cli
