// JournalDisk: the folder that one run's journal lies in, as plain calls, and the thread on which they may block.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir {

using JournalFileId = std::int32_t;

struct JournalFile {
  std::string name;
  std::int64_t bytes = 0;
};

/// The journal is asynchronous as a whole: its jobs run where blocking harms nobody, and inside a job the calls are
/// plain. An instance belongs to one journal, and its folder to one instance at a time (`journal.busy`). Error codes:
/// files.not_found, files.exists, files.denied, files.disk_full, files.too_many_open (recoverable), files.io, and
/// files.sync_failed, after which nothing is known of what was written since the last sync.
struct JournalDisk {
  static constexpr std::string_view kName = "journal";
  virtual ~JournalDisk() = default;

  /// Runs the jobs one after the other, in their order, on the disk's own thread or later on this one; never before it
  /// returns. Thread-safe; all else is called from within a job, or before the first one.
  virtual void post(std::function<void()> job) = 0;

  /// The files of the folder, in byte order of their names.
  virtual Result<std::vector<JournalFile>> list() = 0;
  /// A new file of zeros, for which `bytes` bytes are set aside, so that writing them will not find the disk full. If
  /// there is no room, nothing is left of it.
  virtual Result<JournalFileId> create(std::string_view name, std::int64_t bytes) = 0;
  virtual Result<JournalFileId> open(std::string_view name) = 0;
  virtual void close(JournalFileId file) = 0;
  /// Fills `into` from `offset` on; gives the number read, less only at the end of the file.
  virtual Result<std::int64_t> read(JournalFileId file, std::int64_t offset, std::span<char> into) = 0;
  virtual Result<void> write(JournalFileId file, std::int64_t offset, std::string_view bytes) = 0;
  /// What was written is on the disk when it returns.
  virtual Result<void> sync(JournalFileId file) = 0;
  virtual Result<void> truncate(JournalFileId file, std::int64_t bytes) = 0;
  /// Replaces what is there. Safe after syncFolder.
  virtual Result<void> rename(std::string_view from, std::string_view to) = 0;
  virtual Result<void> remove(std::string_view name) = 0;
  virtual Result<void> syncFolder() = 0;
};

}  // namespace weir
