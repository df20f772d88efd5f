// Streams of runs, from an engine's relay to readers, without a process between them.
#include "service/live/run-feeds.h"

#include <doctest/doctest.h>

#include "engine/json/document.h"
#include "engine/live/relay.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-workers.h"
#include "service/live/hub.h"

namespace weir::stream {
namespace {

constexpr std::int64_t kTenth = 100'000'000;

/// An engine with one run of no nodes. What it says comes when the test lets it.
struct Engine final : EngineLinks {
  simulation::SimulatedClock clock;
  simulation::SimulatedWorkers pool{1, 0, clock};
  Hosts hosts;
  std::unique_ptr<Run> run;
  std::unique_ptr<live::Relay> relay;
  RunFeeds feeds;
  live::FrameSplitter splitter;
  std::int64_t now = 1'000'000'000;
  bool there = true;

  Engine() {
    hosts.add<Clock>(clock);
    auto made = Run::make(Plan{}, {}, hosts, pool);
    REQUIRE(made);
    run = std::move(*made);
    begin();
    feeds.attach(this);
  }
  void begin() {
    relay = std::make_unique<live::Relay>();
    relay->add(*run, {.run = "r1", .flow = "f", .version = "1.0.0", .file = "", .process = 7});
  }
  bool send(const std::string& asked, const live::Control& control) override {
    if (!there || asked != "r1") return false;
    relay->receive(control, now);
    return true;
  }
  void arrive() {
    splitter.feed(std::exchange(relay->outgoing(), {}));
    while (auto frame = *splitter.next()) CHECK(feeds.receive(*frame));
  }
  void pass(int tenths) {
    for (; tenths > 0; --tenths) {
      now += kTenth;
      relay->tick(now);
      arrive();
    }
  }
  void say(const std::string& type) {
    live::Control control{type, ""};
    control.data.set("run", "r1");
    live::Frame frame;
    frame.payload = live::writeControl(control);
    CHECK(feeds.receive(frame));
  }
};

struct Counting final : Watcher {
  int times = 0;
  void moved() override { ++times; }
};

Topic about(Kind kind) { return {.kind = kind, .subject = "r1"}; }

}  // namespace

TEST_CASE("figures come ten times a second for as long as they are read, however long that is") {
  Engine engine;
  Hub hub(engine.feeds);
  Counting watcher;
  {
    Reader reader(hub.of(about(Kind::metrics)), watcher);
    engine.pass(20);
    CHECK(watcher.times == 20);
    REQUIRE(reader.next() != nullptr);
    CHECK(reader.next() == nullptr);
    // Credit is given back, or it would be used up by now.
    engine.pass(3000);
    CHECK(watcher.times == 3020);
  }
  hub.tick(engine.now);
  hub.tick(engine.now + 100 * kTenth);
  engine.arrive();
  CHECK_FALSE(engine.relay->watched());
}

TEST_CASE("what an engine cannot give ends the stream with the reason before it") {
  Engine engine;
  Hub hub(engine.feeds);
  Counting watcher;
  Reader reader(hub.of({.kind = Kind::tap, .subject = "r1", .detail = R"({"edge":"none"})"}), watcher);
  engine.arrive();
  const auto message = reader.next();
  REQUIRE(message != nullptr);
  CHECK(message->type == "error");
  CHECK(message->data().contains("debug.unknown"));
  CHECK(reader.stream().ended());
  Reader other(hub.of({.kind = Kind::metrics, .subject = "r9"}), watcher);
  CHECK(other.stream().outcome() == kNotRunning);
}

TEST_CASE("questions are answered by the run, or with the reason when its process has gone") {
  Engine engine;
  auto answer = engine.feeds.ask("r1", "hello", {}, {});
  CHECK_FALSE(answer.ready());
  engine.arrive();
  REQUIRE(answer.ready());
  CHECK(answer.take()->contains("\"run\":\"r1\""));
  auto refused = engine.feeds.ask("r1", "act", {}, {});
  engine.arrive();
  REQUIRE(refused.ready());
  CHECK(refused.take().error().code == "live.control");
  CHECK(engine.feeds.ask("r9", "hello", {}, {}).take().error().code == "run.not_found");
  auto waiting = engine.feeds.ask("r1", "hello", {}, {});
  engine.say("live-lost");
  REQUIRE(waiting.ready());
  CHECK(waiting.take().error().code == "live.gone");
}

TEST_CASE("a run that goes on in another process is read on, one that does not ends its streams") {
  Engine engine;
  Hub hub(engine.feeds);
  Counting watcher;
  Reader reader(hub.of(about(Kind::metrics)), watcher);
  engine.pass(2);
  CHECK(watcher.times == 2);
  engine.say("live-lost");
  engine.begin();
  engine.pass(2);
  CHECK(watcher.times == 2);
  engine.say("live-resumed");
  engine.pass(2);
  CHECK(watcher.times == 4);
  engine.say("live-lost");
  engine.feeds.tick(engine.now);
  engine.feeds.tick(engine.now + 290 * kTenth);
  CHECK_FALSE(reader.stream().ended());
  engine.feeds.tick(engine.now + 310 * kTenth);
  CHECK(reader.stream().outcome() == "failed");
}

TEST_CASE("failed rows keep the numbers that the engine gave them, so that a gap is seen") {
  Engine engine;
  Hub hub(engine.feeds);
  Counting watcher;
  const std::vector<ErrorPacket> packets(1500);
  engine.relay->failed("r1", packets);
  Reader reader(hub.of(about(Kind::errors)), watcher);
  engine.arrive();
  engine.pass(1);
  const auto first = reader.next();
  REQUIRE(first != nullptr);
  CHECK(first->type == "node-execution-error");
  CHECK(first->number == 501);
  CHECK(reader.takeMissed() == 500);
}

TEST_CASE("progress is told when it changes") {
  Engine engine;
  Hub hub(engine.feeds);
  Counting watcher;
  Reader reader(hub.of(about(Kind::progress)), watcher);
  engine.pass(10);
  CHECK(watcher.times == 1);
  CHECK(reader.next()->data().contains("\"nodesDone\":0"));
  engine.relay->end("r1", "done", engine.now);
  engine.arrive();
  CHECK(reader.stream().outcome() == "done");
}

}  // namespace weir::stream
