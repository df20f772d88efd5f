// How many processors this process may use.
#pragma once

#include <algorithm>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

namespace weir::native {

/// Those of the machine, or fewer where it was given only some (taskset, a cpuset of a container); at least 1.
[[nodiscard]] inline int processors() {
#ifdef __linux__
  cpu_set_t mine;
  CPU_ZERO(&mine);
  // A machine of more processors than the set has room for is asked as a whole.
  if (::sched_getaffinity(0, sizeof mine, &mine) == 0) return std::max(1, CPU_COUNT(&mine));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace weir::native
