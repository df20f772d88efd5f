// Elsewhere: who does long work in place of the thread that answers.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "engine/host/operation.h"
#include "service/api/job.h"
#include "service/api/refusal.h"

namespace weir::api {

class Elsewhere {
 public:
  virtual ~Elsewhere() = default;
  /// Does `work` once, on whatever thread, or drops it at the end of the place; false: too much waits already.
  [[nodiscard]] virtual bool give(std::function<void()> work) = 0;
};

/// To read so much takes longer than to hand it over, and less than a request that comes meanwhile would notice.
inline constexpr std::size_t kLargeBytes = std::size_t{64} << 10;

/// An Expected that comes later, for co_await.
template <class Given>
class Aside : public Strand::Awaiter<Given> {
 public:
  using Strand::Awaiter<Given>::Awaiter;
  [[nodiscard]] Given await_resume() {
    auto given = Strand::Awaiter<Given>::await_resume();
    return given ? std::move(*given) : Given(std::unexpected(refusalOf(std::move(given.error()))));
  }
};

/// What `work()` gives, an Expected: at once or, if it is about many bytes, elsewhere. It owns what it reads, but for
/// what never changes: whoever waits may be gone before it is done.
template <class Work>
[[nodiscard]] auto aside(Elsewhere* elsewhere, Strand& strand, std::size_t bytes, Work work) {
  using Given = std::invoke_result_t<Work&>;
  if (elsewhere == nullptr || bytes < kLargeBytes) return Aside<Given>(strand, Operation<Given>::finished(work()));
  Completion<Given> completion(strand.waker());
  auto operation = completion.operation();
  auto shared = std::make_shared<Work>(std::move(work));
  const bool taken = elsewhere->give([completion, shared = std::move(shared)]() mutable {
    if (!completion.cancelled()) completion.complete((*shared)());
  });
  if (!taken) return Aside<Given>(strand, Operation<Given>::finished(Given(std::unexpected(tooBusy()))));
  return Aside<Given>(strand, std::move(operation));
}

}  // namespace weir::api
