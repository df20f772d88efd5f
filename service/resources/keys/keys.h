// The keys of the data folder over HTTP: their names and numbers, and changing them while the server works.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/data/error.h"
#include "service/api/route.h"
#include "service/resources/openapi/shapes.h"

namespace weir::api {

/// No key itself.
struct KeyReport {
  std::string instance, master;    // of the data folder; the name of the master key, empty: nothing is encrypted
  std::int64_t keys = 0, old = 0;  // old: only what was written before is read with them
  bool databaseElsewhere = false;  // on a server of its own, whose operator encrypts it, or does not
};

/// Both take no longer than a small file takes to be written.
class KeyRoom {
 public:
  virtual ~KeyRoom() = default;
  [[nodiscard]] virtual KeyReport report() = 0;
  /// Files that are made from now on take new keys. `key.not_encrypted`, `files.*`.
  [[nodiscard]] virtual Result<KeyReport> rotate() = 0;
};

[[nodiscard]] std::span<const Route> keyRoutes();
[[nodiscard]] std::span<const Shape> keyShapes();

}  // namespace weir::api
