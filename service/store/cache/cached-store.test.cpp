// A store with a cache before it keeps to the contract of stores, and shows no flow as it was before a change.
#include "service/store/cache/cached-store.h"

#include <doctest/doctest.h>

#include <functional>
#include <utility>

#include "service/store/memory/memory-store.h"
#include "service/store/suite/suite.h"

using namespace weir;
using namespace weir::store;

namespace {

struct TickingClock final : Clock {
  std::int64_t nowMicros() override { return micros += 1'000; }
  std::int64_t steadyNanos() override { return nowMicros() * 1'000; }
  std::int64_t micros = 1'700'000'000'000'000;
};

/// Counts reads, and tells them and changes only when it is asked to.
class LateStore final : public Store {
 public:
  explicit LateStore(Store& inner) : inner_(inner) {}

  Operation<Flow> read(std::string id, Waker waker) override {
    ++reads;
    return late(inner_.read(std::move(id), {}), std::move(waker));
  }
  Operation<FlowHead> create(std::string id, FlowChange flow, Waker waker) override {
    return inner_.create(std::move(id), std::move(flow), std::move(waker));
  }
  Operation<FlowHead> replace(std::string id, std::int64_t ifRevision, FlowChange change, Waker waker) override {
    return late(inner_.replace(std::move(id), ifRevision, std::move(change), {}), std::move(waker));
  }
  Operation<FlowHead> bin(std::string, IfRevision, Waker) override { return {}; }
  Operation<FlowHead> restore(std::string, IfRevision, Waker) override { return {}; }
  Operation<Unit> purge(std::string, IfRevision, Waker) override { return {}; }
  Operation<FlowPage> list(FlowQuery, Waker) override { return {}; }
  Operation<VersionHead> appendVersion(std::string, IfRevision, NewVersion, Waker) override { return {}; }
  Operation<std::vector<VersionHead>> listVersions(std::string, std::int64_t, std::int64_t, Waker) override {
    return {};
  }
  Operation<Version> readVersion(std::string, std::int64_t, Waker) override { return {}; }

  /// The first that waits.
  void tellFirst() {
    auto first = std::move(waiting.front());
    waiting.erase(waiting.begin());
    first();
  }
  int reads = 0;
  std::vector<std::function<void()>> waiting;

 private:
  template <class T>
  Operation<T> late(Operation<T> done, Waker waker) {
    auto completion = std::make_shared<Completion<T>>(std::move(waker));
    auto result = std::make_shared<Result<T>>(done.take());
    waiting.emplace_back([completion, result] { completion->complete(std::move(*result)); });
    return completion->operation();
  }
  Store& inner_;
};

FlowChange documentOf(std::string text) {
  FlowChange change;
  change.document = std::move(text);
  return change;
}

}  // namespace

TEST_CASE("A cache before a store keeps to the contract of stores") {
  TickingClock clock;
  MemoryStore memory(clock);
  CachedStore cached(memory, 4'000);
  api::Strand strand;
  auto job = checkStore(cached, strand);
  job.start();
  REQUIRE(job.done());
  for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
  auto seen = checkVisible(cached, strand);
  seen.start();
  REQUIRE(seen.done());
  for (const auto& complaint : seen.take()) FAIL_CHECK(complaint);
}

TEST_CASE("A flow is read once, and what a change has made of it needs no reading") {
  TickingClock clock;
  MemoryStore memory(clock);
  LateStore late(memory);
  CachedStore cached(late);
  const auto made = memory.create("a", documentOf("one"), {}).take();
  REQUIRE(made.has_value());

  auto first = cached.read("a", {});
  CHECK(!first.ready());
  late.tellFirst();
  CHECK(first.take()->document == "one");
  CHECK(cached.read("a", {}).take()->document == "one");
  CHECK(late.reads == 1);

  auto change = cached.replace("a", made->revision, documentOf("two"), {});
  auto during = cached.read("a", {});
  CHECK(late.reads == 2);
  late.tellFirst();
  const auto changed = change.take();
  REQUIRE(changed.has_value());
  late.tellFirst();
  CHECK(during.take()->document == "two");
  const auto after = cached.read("a", {}).take();
  CHECK(after->document == "two");
  CHECK(after->head.revision == changed->revision);
  CHECK(after->head.bytes == 3);
  CHECK(cached.create("b", documentOf("new"), {}).take().has_value());
  CHECK(cached.read("b", {}).take()->document == "new");
  CHECK(late.reads == 2);
}

TEST_CASE("A change that fails or leaves the document lets go of what was kept") {
  TickingClock clock;
  MemoryStore memory(clock);
  LateStore late(memory);
  CachedStore cached(late);
  const auto made = cached.create("a", documentOf("one"), {}).take();
  // Somebody else's change, which the cache knows nothing of, makes this one fail.
  REQUIRE(memory.replace("a", made->revision, documentOf("theirs"), {}).take().has_value());
  auto failing = cached.replace("a", made->revision, documentOf("two"), {});
  late.tellFirst();
  CHECK(failing.take().error().code == "storage.changed");
  auto read = cached.read("a", {});
  REQUIRE(!read.ready());
  late.tellFirst();
  const auto theirs = read.take();
  CHECK(theirs->document == "theirs");

  FlowChange name;
  name.name = "another";
  auto named = cached.replace("a", theirs->head.revision, name, {});
  late.tellFirst();
  REQUIRE(named.take().has_value());
  auto whole = cached.read("a", {});
  REQUIRE(!whole.ready());
  late.tellFirst();
  CHECK(whole.take()->head.name == "another");
}

TEST_CASE("Of two changes at once neither is kept, in whatever order they are told") {
  for (const bool swapped : {false, true}) {
    TickingClock clock;
    MemoryStore memory(clock);
    LateStore late(memory);
    CachedStore cached(late);
    const auto made = cached.create("a", documentOf("one"), {}).take();
    auto first = cached.replace("a", made->revision, documentOf("two"), {});
    const auto between = memory.read("a", {}).take()->head.revision;
    auto second = cached.replace("a", between, documentOf("three"), {});
    if (swapped) std::swap(late.waiting[0], late.waiting[1]);
    late.tellFirst();
    late.tellFirst();
    REQUIRE(first.take().has_value());
    REQUIRE(second.take().has_value());
    auto read = cached.read("a", {});
    REQUIRE(!read.ready());
    late.tellFirst();
    CHECK(read.take()->document == "three");
    CHECK(cached.read("a", {}).take()->document == "three");
  }
}

TEST_CASE("What was read before a change and told after it is not kept") {
  TickingClock clock;
  MemoryStore memory(clock);
  LateStore late(memory);
  CachedStore cached(late);
  const auto made = memory.create("a", documentOf("one"), {}).take();
  auto old = cached.read("a", {});
  static_cast<void>(cached.replace("a", made->revision, documentOf("two"), {}));  // nobody waits for it
  std::swap(late.waiting[0], late.waiting[1]);
  late.tellFirst();
  late.tellFirst();
  CHECK(old.take()->document == "one");
  CHECK(cached.read("a", {}).take()->document == "two");
}

TEST_CASE("What has not been read for longest goes first when there is no room") {
  TickingClock clock;
  MemoryStore memory(clock);
  CachedStore cached(memory, 40'000);
  for (int i = 0; i < 100; ++i) {
    const auto id = "f" + std::to_string(i);
    REQUIRE(cached.create(id, documentOf(std::string(5'000, 'x')), {}).take().has_value());
    CHECK(cached.read(id, {}).take().has_value());
  }
  CHECK(cached.read("f0", {}).take()->document.size() == 5'000);
}
