// Housekeeping: what a server does by itself from time to time: removes what is kept no longer, and keeps room in
// reserve, so that deleting works on a full disk.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/host/clock.h"
#include "service/store/sql/database.h"
#include "service/store/store.h"

namespace weir::cli {

/// A file of 256 MiB in the data folder, whose room is given back when the disk is full. Thread-safe.
class Reserve {
 public:
  explicit Reserve(const std::string& folder) : path_(folder + "/reserve") {}
  /// Takes the room again if there is four times as much.
  void take();
  void give();

 private:
  std::mutex mutex_;
  std::string path_;
};

/// Once a minute, on a thread of its own; the destructor ends it.
class Housekeeping {
 public:
  /// Flows go through `flows`, which keeps some of them in memory.
  Housekeeping(store::sql::Database& database, store::Store& flows, Clock& clock, std::shared_ptr<Reserve> reserve);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void loop();
  [[nodiscard]] bool isEnding();
  void emptyBin(std::int64_t keepMs);
  void removeOld();

  store::sql::Database& database_;
  store::Store& flows_;
  Clock& clock_;
  std::shared_ptr<Reserve> reserve_;
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
