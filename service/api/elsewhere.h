// Elsewhere: who does long work in place of the thread that answers.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "engine/host/asker.h"
#include "engine/host/operation.h"
#include "service/api/job.h"
#include "service/api/refusal.h"

namespace weir::api {

class Elsewhere {
 public:
  virtual ~Elsewhere() = default;
  /// Does `work`, which is about so many bytes, once, on whatever thread, or drops it at the end of the place; false:
  /// too much waits already, of all or of this caller (a user's id; empty: nobody in particular).
  [[nodiscard]] virtual bool give(std::function<void()> work, std::size_t bytes, const std::string& caller) = 0;
};

/// To read so much takes longer than to hand it over, and less than a request that comes meanwhile would notice.
inline constexpr std::size_t kLargeBytes = std::size_t{64} << 10;

/// `work()`, or `work(asker)` of work that looks between its pieces whether somebody still waits for it.
template <class Work>
[[nodiscard]] auto done(Work& work, const Asker& asker) {
  if constexpr (std::is_invocable_v<Work&, const Asker&>) {
    return work(asker);
  } else {
    return work();
  }
}
template <class Work>
using GivenBy = decltype(done(std::declval<Work&>(), Asker()));

/// What work gives that was given up; nobody hears of it.
[[nodiscard]] inline std::unexpected<Refusal> givenUp() {
  return std::unexpected(refusalOf(std::move(askerIsGone().error())));
}

/// Work that is done once or dropped, by whoever comes first: what it holds is gone after either. Dropped while it is
/// done, its asker is gone.
template <class Work>
class OneTime {
 public:
  explicit OneTime(Work work) : work_(std::move(work)) {}
  /// What it gives; nothing if it was dropped.
  [[nodiscard]] std::optional<GivenBy<Work>> run() {
    if (taken_.exchange(true)) return std::nullopt;
    std::optional given(done(*work_, Asker(gone_)));
    work_.reset();
    return given;
  }
  void drop() {
    gone_->store(true, std::memory_order_relaxed);
    if (!taken_.exchange(true)) work_.reset();
  }

 private:
  std::atomic<bool> taken_ = false;
  std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);
  std::optional<Work> work_;
};

/// With the last of it the work is dropped.
template <class Work>
[[nodiscard]] std::shared_ptr<void> whileWanted(std::shared_ptr<OneTime<Work>> work) {
  auto* const what = work.get();
  return {what, [work = std::move(work)](void*) { work->drop(); }};
}

/// An Expected that comes later, for co_await.
template <class Given>
class Aside : public Strand::Awaiter<Given> {
 public:
  Aside(Strand& strand, Operation<Given> operation, std::shared_ptr<void> wanted = {})
      : Strand::Awaiter<Given>(strand, std::move(operation)), wanted_(std::move(wanted)) {}
  [[nodiscard]] Given await_resume() {
    auto given = Strand::Awaiter<Given>::await_resume();
    return given ? std::move(*given) : Given(std::unexpected(refusalOf(std::move(given.error()))));
  }

 private:
  std::shared_ptr<void> wanted_;
};

/// What `work()` gives, an Expected: at once or, if it is about many bytes, elsewhere. It owns what it reads, but for
/// what never changes: whoever waits may be gone before it is done. If that is before it has begun, what it owns goes
/// at once; if it is under way, it is given up at the next of its pieces (see done()).
template <class Work>
[[nodiscard]] auto aside(Elsewhere* elsewhere, Strand& strand, std::size_t bytes, const std::string& caller,
                         Work work) {
  using Given = GivenBy<Work>;
  if (elsewhere == nullptr || bytes < kLargeBytes) {
    return Aside<Given>(strand, Operation<Given>::finished(done(work, Asker())));
  }
  Completion<Given> completion(strand.waker());
  auto operation = completion.operation();
  auto shared = std::make_shared<OneTime<Work>>(std::move(work));
  const auto readOnce = [completion, shared]() mutable {
    if (auto given = shared->run()) completion.complete(std::move(*given));
  };
  const bool taken = elsewhere->give(readOnce, bytes, caller);
  if (!taken) return Aside<Given>(strand, Operation<Given>::finished(Given(std::unexpected(tooBusy()))));
  return Aside<Given>(strand, std::move(operation), whileWanted(std::move(shared)));
}

}  // namespace weir::api
