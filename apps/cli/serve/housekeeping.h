// Housekeeping: what a server does by itself from time to time: removes what is kept no longer, and keeps room in
// reserve, so that deleting works on a full disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/host/clock.h"
#include "service/store/objects.h"
#include "service/store/runs.h"
#include "service/store/sql/audit-table.h"
#include "service/store/sql/database.h"
#include "service/store/sql/retention.h"
#include "service/store/store.h"

namespace weir::cli {

/// A file in the data folder, of 256 MiB or a tenth of the disk, whose room is given back when the disk is full.
/// Thread-safe.
class Reserve {
 public:
  explicit Reserve(const std::string& folder) : path_(folder + "/reserve") {}
  /// Takes the room, or a quarter of what is left if that is less; what was given is taken again when there is four
  /// times as much.
  void take();
  void give();
  /// False while what was given is nearly all that is left: it is for deleting alone.
  [[nodiscard]] bool mayGrow();
  /// Whether something can be written beside the reserve.
  [[nodiscard]] bool hasRoom();

 private:
  std::mutex mutex_;
  std::string path_;
  std::atomic<bool> given_ = false;
};

/// Files of one kind, runsFolder/RUN/PART/…, of runs that are over: those that are older go, and the oldest above a
/// number of files or of bytes; 0: no bound.
struct KeptFiles {
  std::string part;
  std::int64_t keepMs = 0, keepFiles = 0, keepBytes = 0;
};

/// What is kept for how long.
struct HouseRules {
  std::vector<store::sql::Retention> records;
  store::Objects* objects = nullptr;  // swept at once and then each time
  std::string runsFolder;             // runsFolder/RUN/dead-letters and the like
  std::vector<KeptFiles> files;
  std::int64_t everyMs = 60'000;
};

/// Every minute, on a thread of its own; the destructor ends it.
class Housekeeping {
 public:
  /// Flows go through `flows`, which keeps some of them in memory.
  Housekeeping(store::sql::Database& database, store::Store& flows, store::Runs& runs, Clock& clock,
               std::shared_ptr<Reserve> reserve, HouseRules rules);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void loop();
  [[nodiscard]] bool isEnding();
  void emptyBin(std::int64_t keepMs);
  void removeOld();
  void trimAudit(store::sql::AuditKeep keep);
  void trim(const std::function<Result<std::int64_t>(std::int64_t now)>& some);
  void removeRuns(const store::sql::Retention& kind);
  /// Of all flows together; the newest run stays.
  void removeRunsAbove(std::int64_t bytes);
  [[nodiscard]] bool removeRun(const std::string& id);
  void removeFiles();
  void removeAboveBytes();
  void sweepObjects();

  store::sql::Database& database_;
  store::Store& flows_;
  store::Runs& runs_;
  Clock& clock_;
  std::shared_ptr<Reserve> reserve_;
  HouseRules rules_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;  // the last member: it begins when the others are there
};

/// Removes what processes that ended left half written: temporary files, and copies that did not take the place of a
/// file. The caller has the data
/// folder to itself.
void clearTemporary(const std::string& dataFolder);

}  // namespace weir::cli
