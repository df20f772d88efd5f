// Services: what stands behind the API in one place.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/clock.h"
#include "engine/host/time-zones.h"
#include "engine/node/catalogue.h"
#include "service/api/execution.h"
#include "service/store/store.h"

namespace weir::api {

/// What the place is and allows.
struct Place {
  std::string where = "server";  // for people: "service worker", "server"
  std::string application;       // the version of what is around the engine, if that has one
  std::string host = "server";   // what `compatibility.hosts` of a node must name for it to run here
  std::int64_t mostBodyBytes = std::int64_t{10} << 20;
  std::int64_t mostWideBytes = std::int64_t{64} << 20;  // of the body of a route that is `wide`
  std::int64_t mostNodes = 10'000;                      // in a flow
  bool foldersAreFiles = false;                         // Save writes below them: no part of one is hidden
  /// What `needs` of a node may name for it to run here; none: whatever they name.
  std::optional<std::vector<std::string>> offers{};
};

class Auditor;
class Elsewhere;
class Gate;
class Once;
class Publishing;
class Observer;
class RouteTable;
struct Server;

struct Services {
  Place place;
  Clock& clock;
  const Catalogue& catalogue;
  store::Store& store;
  Executions& executions;
  const RouteTable& routes;
  Gate* gate = nullptr;              // null: everybody may do everything
  Server* server = nullptr;          // what only a server has (service/resources/server.h)
  Observer* observer = nullptr;      // null: nobody watches
  Once* once = nullptr;              // null: no request is known again
  Publishing* publishing = nullptr;  // null: nothing is asked before a flow is published
  Auditor* auditor = nullptr;        // null: nobody keeps who did what
  Elsewhere* elsewhere = nullptr;    // null: all work is done where it is asked for
  TimeZones* zones = nullptr;        // null: UTC and fixed offsets only
  double latencyMs = 0;              // from a request to the head of its answer, lately
  std::int64_t wideBodies = 0;       // of more than Place::mostBodyBytes, in memory now
  std::uint64_t requests = 0;        // that have been named
};

/// Whether a node can run in that place.
[[nodiscard]] inline bool runsOn(const NodeType& type, const Place& place) {
  const auto offered = [&place](const std::string& need) {
    return !place.offers || std::ranges::contains(*place.offers, need);
  };
  return std::ranges::contains(type.hosts, place.host) && std::ranges::all_of(type.needs, offered);
}

}  // namespace weir::api
