// The engine's end of what a service watches, without a socket.
#include "engine/live/relay.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/json/document.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-workers.h"

namespace weir::live {
namespace {

constexpr std::int64_t kTenth = 100'000'000;

/// A process with two runs of no nodes, whose flows call `iban` sensitive.
struct Process {
  simulation::SimulatedClock clock;
  simulation::SimulatedWorkers pool{1, 0, clock};
  Hosts hosts;
  std::vector<std::unique_ptr<Run>> runs;
  Relay relay;
  FrameSplitter splitter;
  std::int64_t now = 1'000'000'000;

  Process() {
    hosts.add<Clock>(clock);
    for (const auto* id : {"r1", "r2"}) {
      Plan plan;
      plan.sensitive.names = {"iban"};
      auto made = Run::make(std::move(plan), {}, hosts, pool);
      REQUIRE(made);
      runs.push_back(std::move(*made));
      relay.add(*runs.back(), {.run = id, .flow = "f", .version = "1.0.0", .file = "", .process = 7});
    }
  }
  std::vector<Control> received() {
    splitter.feed(std::exchange(relay.outgoing(), {}));
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
  Control ask(const std::string& run, const std::string& request, int subscription = 0,
              const std::string& data = "{}") {
    Control control{"live", "q"};
    control.data.set("run", run);
    control.data.set("ask", request);
    control.data.set("subscription", subscription);
    auto inner = json::parse(data);
    REQUIRE(inner);
    control.data.set("data", inner->root());
    relay.receive(control, now);
    const auto answers = received();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].id == "q");
    return answers[0];
  }
  std::vector<Control> ticked() {
    now += kTenth;
    relay.tick(now);
    return received();
  }
};

ErrorPacket failure(const std::string& code) {
  ErrorPacket packet;
  packet.code = code;
  packet.nodeId = "parse";
  packet.row = Value::map({{Value::string("iban"), Value::string("DE89")}, {Value::string("id"), Value::int64(7)}});
  return packet;
}

}  // namespace

TEST_CASE("each request goes to its run, and subscriptions have the numbers that the service gave them") {
  Process process;
  CHECK(*process.ask("r2", "hello").data.find("run")->asString() == "r2");
  CHECK(process.ask("r3", "hello").type == "error");
  CHECK(*process.ask("r1", "subscribe", 40, R"({"kind":"metrics"})").data.find("subscription")->asInt64() == 40);
  CHECK(*process.ask("r2", "subscribe", 41, R"({"kind":"metrics"})").data.find("subscription")->asInt64() == 41);
  CHECK(process.ask("r2", "subscribe", 41, R"({"kind":"metrics"})").type == "error");
  CHECK(process.relay.watched());
  const auto told = process.ticked();
  REQUIRE(told.size() == 2);
  CHECK(told[0].subscription == 40);
  CHECK(told[1].subscription == 41);
  CHECK(process.ask("r1", "unsubscribe", 40).type == "ok");
  CHECK(process.ticked().size() == 1);
}

TEST_CASE("failed rows are told with sensitive fields masked, or whole to who may see them, from any point on") {
  Process process;
  CHECK(process.ask("r1", "subscribe", 5, R"({"kind":"errors"})").type == "ok");
  CHECK(process.ask("r1", "subscribe", 6, R"({"kind":"errors","reveal":true})").type == "ok");
  const std::vector packets{failure("csv.columns"), failure("csv.unterminated_quote")};
  process.relay.failed("r1", packets);
  process.relay.failed("nobody", packets);
  const auto told = process.ticked();
  REQUIRE(told.size() == 4);
  CHECK(told[0].type == "node-execution-error");
  CHECK(*told[0].data.findPointer("/code")->asString() == "csv.columns");
  CHECK(*told[0].data.findPointer("/row/iban")->asString() == "(sensitive)");
  CHECK(*told[0].data.findPointer("/row/id")->asInt64() == 7);
  CHECK(*told[2].data.findPointer("/row/iban")->asString() == "DE89");
  CHECK(process.ticked().empty());
  CHECK(process.ask("r1", "subscribe", 7, R"({"kind":"errors","after":1})").type == "ok");
  CHECK(process.ticked().size() == 1);
}

TEST_CASE("of failures without end only the newest are kept") {
  Process process;
  const std::vector packets(5000, failure("csv.columns"));
  process.relay.failed("r1", packets);
  CHECK(process.ask("r1", "subscribe", 5, R"({"kind":"errors"})").type == "ok");
  CHECK(process.ticked().size() == 1000);
}

TEST_CASE("lines of the log are told, and the end of a run with what came before it") {
  Process process;
  CHECK(process.ask("r1", "subscribe", 5, R"({"kind":"logs"})").type == "ok");
  process.relay.logged("r1", 1'700'000'000'000'000, LogLevel::warning, "parse", "it is late");
  process.relay.end("r1", "done", process.now);
  const auto told = process.received();
  REQUIRE(told.size() == 3);
  CHECK(*told[0].data.findPointer("/message")->asString() == "it is late");
  CHECK(told[1].type == "ended");
  CHECK(told[2].type == "live-ended");
  CHECK(*told[2].data.findPointer("/run")->asString() == "r1");
  CHECK(process.ask("r1", "hello").type == "error");
}

}  // namespace weir::live
