// Api: the HTTP API of the platform, as functions from a request to an answer that may come later and in pieces.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/host/clock.h"
#include "service/api/route.h"

namespace weir::api {

/// One request and its answer. Destroyed: nobody wants it any more, and what it waits for is given up.
class Exchange {
 public:
  /// `waker` is woken when step() has something to do, or a piece of the answer has come.
  Exchange(Services& services, Request request, Waker waker);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Whether its body still counts; pieces that come all the same are dropped.
  [[nodiscard]] bool takesBody() const { return takesBody_; }
  void body(std::string_view piece);
  void endBody();
  void step();
  /// Null: not yet. Its body is to be taken from here if it is no stream.
  [[nodiscard]] Response* answer() { return response_ ? &*response_ : nullptr; }
  /// The next piece of an answer that is a stream.
  [[nodiscard]] BodyStream::Next next(std::string& into);

 private:
  [[nodiscard]] Expected<void> open();
  [[nodiscard]] Expected<void> checkHead(const Match& match) const;
  void start();
  void answerWith(Response response);
  void refuseWith(Refusal refusal) { answerWith(toResponse(std::move(refusal))); }
  [[nodiscard]] bool mayBeWide(std::int64_t bytes);
  [[nodiscard]] std::int64_t mostBytes(const Route& route) const;
  [[nodiscard]] Refusal tooLarge(const Route& route) const;

  Services& services_;
  Request request_;
  Strand strand_;
  std::optional<Call> call_;
  Job<Response> job_;
  std::optional<Response> response_;
  std::int64_t beganNanos_ = 0;
  bool takesBody_ = false, wide_ = false;
};

/// What a place has beside what every place has; all of it outlives the Api.
struct ApiExtras {
  const RouteTable* routes = nullptr;  // null: the common ones
  Gate* gate = nullptr;
  Server* server = nullptr;
  Observer* observer = nullptr;
  Once* once = nullptr;
  Auditor* auditor = nullptr;
  Publishing* publishing = nullptr;
  Elsewhere* elsewhere = nullptr;
  TimeZones* zones = nullptr;
};

/// One for a place; one thread at a time.
class Api {
 public:
  /// `moved` is woken when work() has something to do.
  Api(Place place, ExecutionLimits limits, Clock& clock, const Catalogue& catalogue, store::Store& store,
      Runner& runner, Waker moved = {}, ApiExtras extras = {})
      : executions_(runner, limits, clock, std::move(moved)),
        services_{std::move(place),  clock,
                  catalogue,         store,
                  executions_,       extras.routes == nullptr ? common_ : *extras.routes,
                  extras.gate,       extras.server,
                  extras.observer,   extras.once,
                  extras.publishing, extras.auditor,
                  extras.elsewhere,  extras.zones} {}

  [[nodiscard]] std::unique_ptr<Exchange> begin(Request request, Waker waker = {}) {
    return std::make_unique<Exchange>(services_, std::move(request), std::move(waker));
  }
  /// Works the executions; as FlowRun::work.
  [[nodiscard]] double work(double budgetMs) { return executions_.work(budgetMs); }

  [[nodiscard]] Services& services() { return services_; }

 private:
  RouteTable common_{commonRoutes()};
  Executions executions_;
  Services services_;
};

}  // namespace weir::api
