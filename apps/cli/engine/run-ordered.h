// RunOrdered: what the front asks of an engine process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hosts/native/descriptor.h"
#include "hosts/native/sealing/file-keys.h"
#include "service/api/runner.h"

namespace weir::cli {

/// What the files of a run are sealed with; empty: they are not.
struct RunFileKeys {
  native::FileKeys journal{}, state{}, letters{}, rows{};
};

/// What the front asked for.
struct RunOrdered {
  std::string id;             // of the run, between front and engine
  std::uint32_t first = 0;    // subscription of its first outlet
  std::string flow, options;  // the document; api::RunRequest as JSON
  std::string runId;          // by which people know it, unless it is among the options
  std::vector<api::PortName> outlets;
  std::vector<api::GivenFile> files;
  struct Mount {
    std::string name;
    bool writes = false;
    native::Descriptor folder;
  };
  std::vector<Mount> mounts;
  std::vector<std::string> allow, listen;
  std::string folder;
  std::uint64_t epoch = 0;
  std::string replay, letters;  // dead letters that it gives again, and where they are
  RunFileKeys keys{};
};

}  // namespace weir::cli
