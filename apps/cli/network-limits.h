// NetworkLimits: how many connections a run may have open and how much it may send, of its flow and of its folder.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/json/value.h"
#include "engine/runtime/run-result.h"
#include "hosts/native/network/network-meter.h"

namespace weir::cli {

/// One number and whose word it is; 0: no bound.
struct NetworkLimit {
  std::int64_t most = 0;
  std::string name{};  // for people
};

struct NetworkLimits {
  NetworkLimit connections{}, egressBytes{};
  struct Folder {
    std::string folder;
    std::int64_t connections = 0;
  };
  std::vector<Folder> folders{};  // whose runs share connections in this process
  std::int64_t sentBefore = 0;    // by this run, in processes of before

  [[nodiscard]] bool any() const { return connections.most > 0 || egressBytes.most > 0 || !folders.empty(); }
};

/// `flow`: a document, of which config.limits counts. `quota`: what the front says of the run's folder, or null; the
/// lower one holds. Errors: `live.frame`.
[[nodiscard]] Result<NetworkLimits> networkLimitsOf(const json::Value& flow, const json::Value* quota);

/// How many connections the folders' runs have open in this process. Thread-safe.
class FolderConnections {
 public:
  [[nodiscard]] std::shared_ptr<native::OpenConnections> of(const std::string& folder);

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<native::OpenConnections>> counts_;
};

[[nodiscard]] std::shared_ptr<native::NetworkMeter> meterOf(const NetworkLimits& limits, FolderConnections& folders);

/// The run was cancelled because of `error`: that is how it ended.
void endAtLimit(RunResult& result, const std::optional<Error>& error);

}  // namespace weir::cli
