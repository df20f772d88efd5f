// Observer: who is told of each answered request, for metrics and the request log.
#pragma once

#include <cstdint>

namespace weir::api {

struct Call;
struct Route;
struct Request;

struct Answered {
  const Request& request;
  const Route* route = nullptr;  // null: there is none for it
  const Call* call = nullptr;    // null: it was refused before anybody asked who calls
  int status = 0;
  std::int64_t nanos = 0;  // from the request's head to its answer's
};

/// A place that watches nothing has none. Called once an exchange, on the Api's thread, before the answer is sent.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void answered(const Answered& answered) = 0;
};

}  // namespace weir::api
