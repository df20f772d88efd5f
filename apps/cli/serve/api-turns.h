// ApiTurns: the HTTP API behind a server of this machine.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "apps/cli/serve/live-part.h"
#include "hosts/native/server/http-turn.h"
#include "service/api/api.h"
#include "service/engines/supervisor.h"

namespace weir::cli {

/// One thread: the server's. Before the first request it is told which API.
class ApiTurns final : public native::HttpHandler {
 public:
  /// One that runs no kept flows. It outlives this.
  void serve(api::Api& api) { api_ = &api; }
  /// All of them outlive it.
  void serve(api::Api& api, LivePart& live, engines::Supervisor& supervisor) {
    api_ = &api;
    live_ = &live;
    supervisor_ = &supervisor;
  }
  /// What else is to be done there; gives the milliseconds until it wants to be called again.
  void add(std::function<int()> chore) { chores_.push_back(std::move(chore)); }
  std::unique_ptr<native::HttpTurn> begin(native::HttpRequest request, Waker waker) override;
  int work() override;

 private:
  api::Api* api_ = nullptr;
  LivePart* live_ = nullptr;
  std::vector<std::function<int()>> chores_;
  engines::Supervisor* supervisor_ = nullptr;
};

}  // namespace weir::cli
