// Services: what stands behind the API in one place.
#pragma once

#include <cstdint>
#include <string>

#include "engine/host/clock.h"
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
  std::int64_t mostNodes = 10'000;  // in a flow
};

class Auditor;
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
  double latencyMs = 0;              // from a request to the head of its answer, lately
  std::uint64_t requests = 0;        // that have been named
};

/// Whether a node can run in a place of that kind.
[[nodiscard]] inline bool runsOn(const NodeType& type, std::string_view host) {
  return std::ranges::find(type.hosts, host) != type.hosts.end();
}

}  // namespace weir::api
