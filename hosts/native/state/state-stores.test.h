// What every StateStore keeps to, asked of one.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/host/clock.h"
#include "engine/host/state-store.h"

namespace weir::native::testing {

class SetClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t nowMicros() override { return now; }
  [[nodiscard]] std::int64_t steadyNanos() override { return now * 1000; }
  std::int64_t now = 1'700'000'000'000'000;
};

/// Wakes a test that waits for an operation.
class Bell final : public WakeTarget {
 public:
  void wake() override {
    const std::lock_guard locked(mutex_);
    rung_ = true;
    bell_.notify_all();
  }
  void wait() {
    std::unique_lock locked(mutex_);
    bell_.wait_for(locked, std::chrono::seconds(1), [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;
};

/// The result of a call that is made with a waker; gives up after two minutes.
template <class T, class Call>
Result<T> await(Call call) {
  const auto bell = std::make_shared<Bell>();
  Operation<T> operation = call(Waker(bell));
  for (int i = 0; i < 120 && !operation.ready(); ++i) bell->wait();
  REQUIRE(operation.ready());
  return operation.take();
}

inline Result<Unit> commit(StateStore& store, std::vector<StateChange> changes, std::uint64_t epoch = 1) {
  return await<Unit>([&](Waker waker) { return store.commit(std::move(changes), epoch, std::move(waker)); });
}
inline std::string get(StateStore& store, std::string_view key) {
  const auto found = await<std::optional<std::string>>([&](Waker waker) { return store.get(key, std::move(waker)); });
  if (!found) return std::string(found.error().code);
  return *found ? **found : "(none)";
}
inline std::string listed(StateStore& store, std::string_view prefix, std::string_view after = {},
                          std::int64_t most = 100) {
  const auto found =
      await<std::vector<StateEntry>>([&](Waker waker) { return store.list(prefix, after, most, std::move(waker)); });
  if (!found) return std::string(found.error().code);
  std::string text;
  for (const auto& entry : *found) text += entry.key + "=" + entry.value + ";";
  return text;
}

/// `make(limitBytes)` gives an empty store on its clock.
using MakeStore = std::function<std::unique_ptr<StateStore>(SetClock&, std::int64_t limitBytes)>;

inline void keepsWhatIsCommitted(const MakeStore& make) {
  SetClock clock;
  const auto store = make(clock, 1 << 20);
  CHECK(get(*store, "a") == "(none)");
  CHECK(commit(*store, {{"a", "1"}, {"b", std::string("\0\xff", 2)}, {"c", ""}}));
  CHECK(get(*store, "a") == "1");
  CHECK(get(*store, "b") == std::string("\0\xff", 2));
  CHECK(get(*store, "c").empty());
  CHECK(commit(*store, {{"a", "2"}, {"b", std::nullopt}, {"never there", std::nullopt}}));
  CHECK(get(*store, "a") == "2");
  CHECK(get(*store, "b") == "(none)");
  CHECK(commit(*store, {{"a", "3"}, {"a", std::nullopt}, {"a", "4"}}));
  CHECK(get(*store, "a") == "4");
  CHECK(commit(*store, {}));
}

inline void listsInByteOrder(const MakeStore& make) {
  SetClock clock;
  const auto store = make(clock, 1 << 20);
  CHECK(commit(*store, {{"b/2", "2"}, {"b/10", "10"}, {"a", "a"}, {"c", "c"}, {"b/\xff", "f"}, {"b", "b"}}));
  CHECK(listed(*store, "") == "a=a;b=b;b/10=10;b/2=2;b/\xff=f;c=c;");
  CHECK(listed(*store, "b/") == "b/10=10;b/2=2;b/\xff=f;");
  CHECK(listed(*store, "b/", "b/10") == "b/2=2;b/\xff=f;");
  CHECK(listed(*store, "b/", "b/10", 1) == "b/2=2;");
  CHECK(listed(*store, "", "b/\xff") == "c=c;");
  CHECK(listed(*store, "b/\xff") == "b/\xff=f;");
  CHECK(listed(*store, "x").empty());
  std::vector<StateChange> many;
  for (int i = 0; i < 2500; ++i) many.push_back({"m/" + std::to_string(10'000 + i), std::to_string(i)});
  CHECK(commit(*store, std::move(many)));
  std::string after;
  std::int64_t count = 0;
  for (;;) {
    const auto page =
        await<std::vector<StateEntry>>([&](Waker waker) { return store->list("m/", after, 1000, std::move(waker)); });
    REQUIRE(page);
    if (page->empty()) break;
    count += static_cast<std::int64_t>(page->size());
    CHECK(page->size() <= 1000);
    after = page->back().key;
  }
  CHECK(count == 2500);
}

inline void isBounded(const MakeStore& make) {
  SetClock clock;
  const auto store = make(clock, 10'000);
  CHECK(commit(*store, {{"a", std::string(4000, 'a')}, {"b", std::string(4000, 'b')}}));
  const auto refused = commit(*store, {{"c", std::string(4000, 'c')}, {"d", "small"}});
  REQUIRE(!refused);
  CHECK(refused.error().code == "state.limit");
  CHECK(refused.error().message.contains("may take 10000"));
  // All or nothing: the small one is not there either.
  CHECK(get(*store, "d") == "(none)");
  CHECK(commit(*store, {{"a", std::nullopt}, {"c", std::string(4000, 'c')}}));
  CHECK(commit(*store, {{"c", std::string(4100, 'C')}}));
  CHECK(get(*store, "c") == std::string(4100, 'C'));
}

inline void forgetsInTime(const MakeStore& make) {
  SetClock clock;
  const auto store = make(clock, 10'000);
  const auto soon = clock.now + 3'600'000'000;
  CHECK(commit(*store, {{"a", std::string(4000, 'a'), soon}, {"b", "for ever"}, {"c", "later", soon + 3'600'000'000}}));
  CHECK(get(*store, "a").size() == 4000);
  clock.now = soon;
  CHECK(get(*store, "a") == "(none)");
  CHECK(listed(*store, "") == "b=for ever;c=later;");
  // What has gone leaves its room.
  CHECK(commit(*store, {{"d", std::string(9000, 'd')}}));
  CHECK(get(*store, "b") == "for ever");
  // A time in the past is as good as gone; a new one takes its place.
  CHECK(commit(*store, {{"b", "gone", clock.now - 1}}));
  CHECK(get(*store, "b") == "(none)");
  CHECK(commit(*store, {{"b", "back", 0}}));
  CHECK(get(*store, "b") == "back");
}

inline void refusesAnOlderOwner(const MakeStore& make) {
  SetClock clock;
  const auto store = make(clock, 10'000);
  CHECK(commit(*store, {{"a", "1"}}, 3));
  CHECK(commit(*store, {{"a", "2"}}, 3));
  CHECK(commit(*store, {{"a", "3"}}, 5));
  const auto refused = commit(*store, {{"a", "4"}}, 4);
  REQUIRE(!refused);
  CHECK(refused.error().code == "state.fenced");
  CHECK(refused.error().message.contains("epoch 4"));
  CHECK(get(*store, "a") == "3");
  CHECK(commit(*store, {{"a", "5"}}, 5));
}

inline void keepsTheContract(const MakeStore& make) {
  SUBCASE("what is committed is there") { keepsWhatIsCommitted(make); }
  SUBCASE("keys are listed in byte order, page by page") { listsInByteOrder(make); }
  SUBCASE("it is bounded in bytes, and a commit is all or nothing") { isBounded(make); }
  SUBCASE("entries end in time") { forgetsInTime(make); }
  SUBCASE("an older owner is refused") { refusesAnOlderOwner(make); }
}

}  // namespace weir::native::testing
