// The run's end of a connection, without a socket.
#include "engine/live/session.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/json/document.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-workers.h"

namespace weir::live {
namespace {

constexpr std::int64_t kTenth = 100'000'000;

/// A run of no nodes, and one who watches it.
struct Watching {
  simulation::SimulatedClock clock;
  simulation::SimulatedWorkers pool{1, 0, clock};
  Hosts hosts;
  std::unique_ptr<Run> run;
  About about{.run = "r1", .flow = "f", .version = "1.0.0", .file = "f.flow.json", .process = 7};
  SavedSessions saved;
  std::optional<Session> session;
  FrameSplitter splitter;
  std::int64_t now = 1'000'000'000;

  Watching() {
    hosts.add<Clock>(clock);
    auto made = Run::make(Plan{}, {}, hosts, pool);
    REQUIRE(made);
    run = std::move(*made);
    connect("s1");
  }
  void connect(const std::string& name) {
    session.reset();
    session.emplace(*run, about, 1, name, saved);
  }
  /// What came since the last time.
  std::vector<Control> received() {
    splitter.feed(session->outgoing());
    session->outgoing().clear();
    std::vector<Control> controls;
    for (;;) {
      auto frame = splitter.next();
      REQUIRE(frame);
      if (!*frame) return controls;
      auto control = readControl((*frame)->payload, 1 << 20);
      REQUIRE(control);
      controls.push_back(std::move(*control));
    }
  }
  Result<void> send(const std::string& json) {
    Frame frame;
    frame.payload = json;
    return session->receive(frame, now);
  }
  /// The answer to a request.
  Control ask(const std::string& type, const std::string& data = "{}") {
    REQUIRE(send(R"({"v":1,"type":")" + type + R"(","id":"q","data":)" + data + "}"));
    const auto answers = received();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].id == "q");
    return answers[0];
  }
  std::size_t ticked(int tenths) {
    std::size_t frames = 0;
    for (int i = 0; i < tenths; ++i) {
      now += kTenth;
      session->tick(now);
      frames += received().size();
    }
    return frames;
  }
};

}  // namespace

TEST_CASE("hello says who the run is") {
  Watching watching;
  const auto answer = watching.ask("hello");
  CHECK(answer.type == "ok");
  CHECK(*answer.data.find("run")->asString() == "r1");
  CHECK(*answer.data.find("session")->asString() == "s1");
  CHECK(*answer.data.find("process")->asInt64() == 7);
}

TEST_CASE("figures come ten times a second, until the credit is used up and again when there is more") {
  Watching watching;
  CHECK(watching.ask("subscribe", R"({"kind":"metrics"})").type == "ok");
  CHECK(watching.ticked(10) == 10);
  watching.session->tick(watching.now + kTenth / 10);
  CHECK(watching.received().empty());
  const auto most = watching.ticked(5000);
  CHECK(most > 500);
  CHECK(most < 4000);
  CHECK(watching.ticked(100) == 0);
  REQUIRE(watching.send(R"({"v":1,"type":"credit","subscription":1,"data":{"bytes":5000}})"));
  CHECK(watching.ticked(10) >= 1);
}

TEST_CASE("requests that cannot be met are answered with the reason") {
  Watching watching;
  const auto codeOf = [&](const std::string& type, const std::string& data) {
    const auto answer = watching.ask(type, data);
    CHECK(answer.type == "error");
    return *answer.data.find("code")->asString();
  };
  CHECK(codeOf("helo", "{}") == "live.unknown");
  CHECK(codeOf("subscribe", R"({"kind":"weather"})") == "live.unknown");
  CHECK(codeOf("subscribe", R"({"kind":7})") == "live.control");
  CHECK(codeOf("subscribe", R"({"kind":"tap","edge":"e"})") == "debug.unknown");
  CHECK(codeOf("unsubscribe", "{}") == "debug.unknown");
  CHECK(codeOf("act", R"({"held":1,"action":"fly"})") == "live.unknown");
  CHECK(codeOf("act", R"({"action":"step"})") == "live.control");
  CHECK(codeOf("set", R"({"held":1})") == "live.control");
  CHECK(codeOf("resume", R"({"session":"none"})") == "debug.unknown");
  for (int i = 0; i < 100; ++i) {
    watching.now += kTenth;
    REQUIRE(watching.ask("subscribe", R"({"kind":"metrics"})").type == "ok");
  }
  CHECK(codeOf("subscribe", R"({"kind":"metrics"})") == "debug.limit");
}

TEST_CASE("a flood of requests and rows from a watcher end the connection") {
  Watching watching;
  for (int i = 0; i < 200; ++i) REQUIRE(watching.send(R"({"v":1,"type":"hello"})"));
  CHECK_FALSE(watching.send(R"({"v":1,"type":"hello"})"));
  watching.now += 1'000'000'000;
  CHECK(watching.send(R"({"v":1,"type":"hello"})"));
  Frame rows;
  rows.header.kind = FrameKind::batch;
  CHECK_FALSE(watching.session->receive(rows, watching.now));
}

TEST_CASE("who comes back goes on with the subscriptions of before, once, and not for ever") {
  Watching watching;
  watching.ask("subscribe", R"({"kind":"metrics"})");
  watching.ask("subscribe", R"({"kind":"events"})");
  watching.connect("s2");
  CHECK(watching.ticked(2) == 0);
  const auto answer = watching.ask("resume", R"({"session":"s1","last":{"2":5}})");
  CHECK(answer.data == json::parse(R"({"subscriptions":[1,2]})")->root());
  CHECK(watching.ticked(3) == 3);
  CHECK(watching.ask("resume", R"({"session":"s1"})").type == "error");
  CHECK(*watching.ask("subscribe", R"({"kind":"metrics"})").data.find("subscription")->asInt64() == 3);
  watching.connect("s3");
  watching.now += 61'000'000'000;
  CHECK(watching.ask("resume", R"({"session":"s2"})").type == "error");
}

TEST_CASE("the end says how the run ended, with the last figures before it") {
  Watching watching;
  watching.ask("subscribe", R"({"kind":"metrics"})");
  watching.session->end("done", watching.now);
  const auto last = watching.received();
  REQUIRE(last.size() == 2);
  CHECK(last[0].type == "metrics");
  CHECK(last[1].type == "ended");
  CHECK(*last[1].data.find("outcome")->asString() == "done");
}

}  // namespace weir::live
