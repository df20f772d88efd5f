// Puts a run's hosts together.
#include "apps/cli/place.h"

#include <cstdlib>

namespace weir::cli {

Place::Place(const PlaceOptions& options) {
  if (options.frozenClockMicros) {
    clock_ = std::make_unique<native::FrozenClock>(*options.frozenClockMicros);
  } else {
    clock_ = std::make_unique<native::NativeClock>();
  }
  native::Mounts mounts;
  mounts.add("project", options.projectFolder);
  for (const auto& [name, folder] : options.mounts) mounts.add(name, folder);
  mounts.allowAbsolute(true);
  native::FileLimits limits;
  limits.diskBytes = options.diskBytes;
  if (const char* folder = std::getenv("TMPDIR"); folder != nullptr && *folder != '\0') limits.temporaryFolder = folder;
  files_ = std::make_unique<native::NativeFiles>(std::move(mounts), std::move(limits));
  workers_ = std::make_unique<native::ThreadWorkers>(options.threads, *clock_);
  hosts_.add<Clock>(*clock_);
  hosts_.add<Random>(random_);
  hosts_.add<Log>(log_);
  hosts_.add<Files>(*files_);
  hosts_.add<Codecs>(codecs_);
}

}  // namespace weir::cli
