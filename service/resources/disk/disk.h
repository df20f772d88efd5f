// Disk: what a server keeps, and how much room it takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/host/operation.h"

namespace weir::api {

/// One thing that takes room: a kind of records, or files of the data folder.
struct DiskUse {
  std::string name;  // such as bin, versions, objects
  std::string what;  // for people
  std::int64_t bytes = 0, count = 0;
  /// After how long, and above how many or how much, what is oldest goes; 0: it is kept.
  std::int64_t keepMs = 0, keepCount = 0, keepBytes = 0;
};

struct DiskReport {
  std::vector<DiskUse> records;         // in the database
  std::vector<DiskUse> files;           // in the data folder, the database's among them
  std::int64_t free = 0, capacity = 0;  // of the disk on which the data folder is
};

/// Thread-safe.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual Operation<DiskReport> report(Waker waker) = 0;
};

}  // namespace weir::api
