// RingRoom: the keys of the data folder, for the parts of a server that ask for them.
#pragma once

#include <mutex>
#include <string>

#include "apps/cli/dead-letter-store.h"
#include "engine/host/clock.h"
#include "hosts/native/sealing/key-ring.h"
#include "service/engines/engines.h"
#include "service/resources/keys/keys.h"

namespace weir::cli {

/// Thread-safe, as long as nobody else asks the ring.
class RingRoom final : public api::KeyRoom {
 public:
  /// Both outlive it. `databaseElsewhere`: the database is not in the data folder.
  RingRoom(native::KeyRing& ring, Clock& clock, bool databaseElsewhere)
      : ring_(ring), clock_(clock), databaseElsewhere_(databaseElsewhere) {}

  api::KeyReport report() override;
  Result<api::KeyReport> rotate() override;
  /// What files of runs of a folder's flows are sealed with, made with the first run.
  [[nodiscard]] Result<engines::RunKeys> ofRun(const std::string& folder);
  /// Those of large documents.
  [[nodiscard]] Result<native::FileKeys> ofObjects();
  /// Those of dead letters; it outlives what asks.
  [[nodiscard]] LetterKeys letters();

 private:
  [[nodiscard]] api::KeyReport now() const;
  [[nodiscard]] std::int64_t nowMs() { return clock_.nowMicros() / 1000; }

  native::KeyRing& ring_;
  Clock& clock_;
  bool databaseElsewhere_;
  std::mutex mutex_;
};

}  // namespace weir::cli
