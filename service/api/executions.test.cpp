// Executions: what their events say, who waits for whom, and how they end.
#include <doctest/doctest.h>

#include "service/api/event-ring.h"
#include "service/api/fake-place.test.h"
#include "service/api/oldest-event.h"

using namespace weir::api;

namespace {

std::string rowsOf(int count, int from = 0) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += R"({"n":)" + std::to_string(from + i) + "}\n";
  return lines;
}

/// All pieces that are there.
std::vector<std::string> take(Exchange& exchange, std::size_t most = 1'000'000) {
  std::vector<std::string> pieces;
  std::string piece;
  while (pieces.size() < most && exchange.next(piece) == BodyStream::Next::piece) pieces.push_back(piece);
  return pieces;
}

weir::json::Document dataOf(const std::string& event) {
  const auto at = event.find("data: ") + 6;
  auto parsed = weir::json::parse(event.substr(at, event.find('\n', at) - at));
  REQUIRE(parsed.has_value());
  return std::move(*parsed);
}

std::string textAt(const std::string& event, std::string_view pointer) {
  const auto document = dataOf(event);
  const auto* found = document.root().findPointer(pointer);
  if (found == nullptr) return "(nothing)";
  return found->isString() ? *found->asString() : weir::json::write(*found);
}

void workUntilIdle(FakePlace& place) {
  for (int i = 0; i < 10; ++i) static_cast<void>(place.api.work(8));
}

bool ended(Exchange& exchange) {
  std::string piece;
  return exchange.next(piece) == BodyStream::Next::end;
}

}  // namespace

TEST_CASE("What is asked of an execution is of its kind, or refused by its name") {
  FakePlace place;
  for (const auto* option :
       {R"("seed":"x")", R"("seed":1.5)", R"("memoryBytes":-1)", R"("memoryBytes":"x")", R"("memoryBytes":0)",
        R"("maxErrors":-5)", R"("maxErrors":"x")", R"("traceRows":"x")", R"("traceRows":-1)", R"("allFields":"x")",
        R"("flows":5)", R"("flows":{"a":5})", R"("mounts":5)", R"("mounts":["a",5])", R"("parameters":5)",
        R"("mode":5)", R"("mode":"fast")"}) {
    const std::string text = option;
    CAPTURE(text);
    const auto refused = ask(place, "POST", "/execute", "{\"flow\":" + flowText("a") + "," + text + "}");
    CHECK(refused.status == 400);
    CHECK(refused.at("/code") == "api.body");
    CHECK(refused.at("/detail").contains(text.substr(1, text.find('"', 1) - 1)));
  }
  CHECK(place.runner.orders.empty());
  const auto outlets = [&place](const std::string& list) {
    return ask(place, "POST", "/execute", "{\"flow\":" + flowText("a") + ",\"outlets\":[" + list + "]}");
  };
  const auto node = outlets(R"({"node":"a","port":"rows"},{"node":"q","port":"rows"})");
  CHECK(node.status == 422);
  CHECK(node.at("/detail") == "outlets/1: the flow has no node 'q'; name one of its nodes");
  CHECK(outlets(R"({"node":"a","port":"q"})").at("/detail") == "outlets/0: the node 'a' has no output 'q'");
  CHECK(place.runner.orders.empty());
  CHECK(ask(place, "POST", "/execute",
            "{\"flow\":" + flowText("a") +
                R"(,"seed":-7,"memoryBytes":1,"maxErrors":0,"traceRows":0,"allFields":true,"flows":{"b":{}},)"
                R"("mounts":["m"],"parameters":{},"mode":"sync"})")
            .status == 200);
}

TEST_CASE("An execution is told as numbered events, the rows of its ends a hundred at most in each") {
  FakePlace place;
  auto& script = place.runner.next();
  script.batches = {rowsOf(150), rowsOf(0), rowsOf(30, 150)};
  const auto exchange = place.send("POST", "/execute", flowText("sums"));
  const auto answer = answerOf(*exchange);
  CHECK(answer.status == 200);
  CHECK(answer.header("content-type") == "text/event-stream");
  CHECK(answer.header("x-execution-id") == "run-1");
  CHECK(answer.header("location") == "/api/v1/executions/run-1");
  REQUIRE(place.runner.orders.size() == 1);
  REQUIRE(place.runner.orders[0].outlets.size() == 1);
  CHECK(place.runner.orders[0].outlets[0].node == "a");
  CHECK(place.runner.orders[0].outlets[0].port == "rows");
  workUntilIdle(place);
  const auto events = take(*exchange);
  REQUIRE(events.size() == 4);
  CHECK(events[0].starts_with("id: 1\nevent: execution-update\ndata: {"));
  CHECK(textAt(events[0], "/data/status") == "running");
  CHECK(dataOf(events[1]).root().find("data")->count() == 100);
  CHECK(textAt(events[1], "/id") == "run-1-2");
  CHECK(textAt(events[1], "/type") == "node-output");
  CHECK(textAt(events[1], "/metadata") == R"({"node":"a","port":"rows"})");
  CHECK(dataOf(events[2]).root().find("data")->count() == 80);
  CHECK(textAt(events[2], "/data/79/n") == "179");
  CHECK(textAt(events[3], "/data/status") == "done");
  CHECK(textAt(events[3], "/data/result/outcome") == "done");
  CHECK(ended(*exchange));
  CHECK(script.credited == std::ssize(rowsOf(150)) + std::ssize(rowsOf(30, 150)));
}

TEST_CASE("Rows that come close together go together, and single ones do not wait for long") {
  FakePlace place;
  auto& script = place.runner.next();
  script.endless = true;
  const auto exchange = place.send("POST", "/execute", flowText("slow"));
  CHECK(take(*exchange).size() == 1);
  script.batches.push_back(rowsOf(1));
  const auto due = place.api.work(8);
  CHECK(take(*exchange).empty());
  CHECK(due > static_cast<double>(place.clock.nowMicros()));
  place.clock.passMs(20);
  script.batches.push_back(rowsOf(1, 1));
  static_cast<void>(place.api.work(8));
  place.clock.passMs(31);
  static_cast<void>(place.api.work(8));
  const auto events = take(*exchange);
  REQUIRE(events.size() == 1);
  CHECK(dataOf(events[0]).root().find("data")->count() == 2);
}

TEST_CASE("A run waits for a reader that is slow, and loses nothing") {
  FakePlace place;
  auto& script = place.runner.next();
  for (int i = 0; i < 500; ++i) script.batches.push_back(rowsOf(100, i * 100));
  const auto exchange = place.send("POST", "/execute", flowText("much"));
  workUntilIdle(place);
  CHECK(script.batches.size() > 400);
  std::vector<std::string> events;
  std::string piece;
  for (int i = 0; i < 10'000; ++i) {
    const auto next = exchange->next(piece);
    if (next == BodyStream::Next::end) break;
    if (next == BodyStream::Next::piece)
      events.push_back(piece);
    else
      static_cast<void>(place.api.work(8));
  }
  CHECK(events.size() == 502);
  CHECK(textAt(events[500], "/data/99/n") == "49999");
}

TEST_CASE("Who comes back reads on behind the last event that it has seen") {
  FakePlace place;
  place.runner.next().batches = {rowsOf(250)};
  const auto first = place.send("POST", "/execute", flowText("again"));
  workUntilIdle(place);
  const auto all = take(*first);
  const auto path = std::string("/api/v1/executions/run-1/events");
  const auto header = place.send("GET", path, {}, {{"last-event-id", "2"}});
  CHECK(take(*header) == std::vector<std::string>(all.begin() + 2, all.end()));
  const auto query = place.send("GET", path + "?after=3");
  CHECK(take(*query) == std::vector<std::string>(all.begin() + 3, all.end()));
  CHECK(ask(place, "GET", path + "?after=99").status == 410);
  CHECK(ask(place, "GET", path + "?after=99").at("/code") == "live.gone");
  CHECK(ask(place, "GET", path, {}, {{"last-event-id", "x"}}).status == 400);
  CHECK(ask(place, "GET", "/api/v1/executions/none/events").status == 404);
  CHECK(ask(place, "GET", "/api/v1/executions/run-1").at("/status") == "done");
  CHECK(ask(place, "GET", "/api/v1/executions").at("/executions/0/id") == "run-1");
}

TEST_CASE("An execution is cancelled when it is asked, and a second time does no harm") {
  FakePlace place;
  auto& script = place.runner.next();
  script.endless = true;
  const auto exchange = place.send("POST", "/execute", flowText("long"));
  CHECK(ask(place, "GET", "/api/v1/runs").at("/runs/0/flow") == "long");
  CHECK(ask(place, "DELETE", "/api/v1/executions/run-1").status == 204);
  workUntilIdle(place);
  CHECK(script.cancelled);
  CHECK(textAt(take(*exchange).back(), "/data/status") == "cancelled");
  CHECK(ask(place, "DELETE", "/api/v1/executions/run-1").status == 204);
  CHECK(ask(place, "DELETE", "/api/v1/executions/none").at("/code") == "run.not_found");
  CHECK(ask(place, "GET", "/api/v1/runs").at("/runs") == "[]");
}

TEST_CASE("Who does not say where he goes on begins with the oldest event that is kept") {
  EventRing ring;
  CHECK(beforeOldest(ring) == 0);
  for (std::size_t i = 0; i < EventRing::kMostEvents + 100; ++i) ring.add("execution-log", "{}");
  CHECK(beforeOldest(ring) == 100);
  CHECK(ring.has(100));
  CHECK(!ring.has(99));
}

TEST_CASE("A reader that leaves may come back for a while; then the run is cancelled") {
  FakePlace place({.lingerMs = 1'000});
  auto& script = place.runner.next();
  script.endless = true;
  auto exchange = place.send("POST", "/execute", flowText("left"));
  static_cast<void>(take(*exchange));
  exchange.reset();
  for (int i = 0; i < 300; ++i) script.batches.push_back(rowsOf(100));
  workUntilIdle(place);
  // It waits for who may come back instead of overwriting what was not read.
  CHECK(script.batches.size() > 200);
  place.clock.passMs(900);
  workUntilIdle(place);
  CHECK_FALSE(script.cancelled);
  auto back = place.send("GET", "/api/v1/executions/run-1/events?after=1");
  CHECK(answerOf(*back).status == 200);
  place.clock.passMs(5'000);
  workUntilIdle(place);
  CHECK_FALSE(script.cancelled);
  back.reset();
  workUntilIdle(place);
  place.clock.passMs(1'001);
  workUntilIdle(place);
  CHECK(script.cancelled);
  CHECK(ask(place, "GET", "/api/v1/executions/run-1").at("/status") == "cancelled");
}

TEST_CASE("A run that takes longer than the place allows is cut, also while its reader sleeps") {
  FakePlace place({.longestMs = 20'000});
  auto& script = place.runner.next();
  script.endless = true;
  for (int i = 0; i < 300; ++i) script.batches.push_back(rowsOf(100));
  const auto exchange = place.send("POST", "/execute", flowText("long"));
  workUntilIdle(place);
  place.clock.passMs(20'000);
  workUntilIdle(place);
  const auto events = take(*exchange);
  REQUIRE(events.size() > 2);
  CHECK(textAt(events[events.size() - 2], "/data/code") == "run.too_long_here");
  CHECK(textAt(events.back(), "/data/status") == "cut");
  CHECK(ended(*exchange));
}

TEST_CASE("When a place ends, readers of what goes on hear that it is cut short") {
  FakePlace place;
  place.runner.next().endless = true;
  const auto exchange = place.send("POST", "/execute", flowText("f"));
  static_cast<void>(take(*exchange));
  place.api.services().executions.endAll(weir::Error{"server.ending", "the server ends", true});
  const auto events = take(*exchange);
  REQUIRE(events.size() == 2);
  CHECK(textAt(events[0], "/data/code") == "server.ending");
  CHECK(textAt(events[1], "/data/status") == "cancelled");
  CHECK(textAt(events[1], "/data/result/outcome") == "cancelled");
  CHECK(ended(*exchange));
  const auto kept = ask(place, "GET", "/api/v1/executions/run-1");
  CHECK(kept.at("/status") == "cancelled");
  CHECK(kept.at("/result/outcome") == "cancelled");
  workUntilIdle(place);
  CHECK(ask(place, "POST", "/execute", flowText("f")).status == 200);
}

TEST_CASE("A run that fails says why") {
  FakePlace place;
  auto& script = place.runner.next();
  script.outcome = "failed";
  script.error = weir::Error{"files.not_found", "there is no file 'in.csv'", false};
  const auto exchange = place.send("POST", "/execute", flowText("bad"));
  workUntilIdle(place);
  const auto events = take(*exchange);
  REQUIRE(events.size() == 3);
  CHECK(events[1].contains("\nevent: error\n"));
  CHECK(textAt(events[1], "/data/code") == "files.not_found");
  CHECK(textAt(events[2], "/data/status") == "failed");
}

TEST_CASE("Of what a place runs at the same time, one caller has a share") {
  FakePlace place({.running = 4, .ofOne = 2, .memoryBytes = 1 << 20});
  auto& executions = place.api.services().executions;
  const auto start = [&](const std::string& user) {
    place.runner.next().endless = true;
    return executions.start(RunOrder{}, "f", user, "t:" + user);
  };
  REQUIRE(start("ada"));
  REQUIRE(start("ada"));
  const auto refused = start("ada");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 429);
  CHECK(refused.error().detail.contains("2 executions of yours"));
  CHECK_FALSE(executions.haveRoom("ada"));
  CHECK(executions.haveRoom("ben"));
  CHECK(start("ben"));
  // Callers without a name are as one, and have no share.
  CHECK(start(""));
  CHECK_FALSE(start("eve"));
  const auto told = ask(place, "GET", "/capabilities");
  CHECK(told.at("/limits/executionsOfOne") == "2");
  CHECK(told.at("/limits/memoryBytes") == "1048576");
}

TEST_CASE("A place runs so many at the same time, and keeps so many") {
  FakePlace place({.running = 2, .kept = 3});
  for (int i = 0; i < 2; ++i) place.runner.next().endless = true;
  std::vector<std::unique_ptr<Exchange>> held;
  for (int i = 0; i < 2; ++i) held.push_back(place.send("POST", "/execute", flowText("f")));
  const auto refused = ask(place, "POST", "/execute", flowText("f"));
  CHECK(refused.status == 429);
  CHECK(refused.at("/code") == "run.busy");
  CHECK(refused.header("retry-after") == "1");
  CHECK(ask(place, "DELETE", "/api/v1/executions/run-1").status == 204);
  workUntilIdle(place);
  for (int i = 0; i < 3; ++i) {
    CHECK(ask(place, "POST", "/execute", flowText("f")).status == 200);
    workUntilIdle(place);
  }
  CHECK(ask(place, "GET", "/api/v1/executions").json.root().find("executions")->count() == 3);
  CHECK(ask(place, "GET", "/api/v1/executions/run-1").status == 404);
  CHECK(ask(place, "GET", "/api/v1/executions/run-2").status == 200);
}

TEST_CASE("An order says what the runner needs to know, and what is none is refused") {
  FakePlace place;
  const auto flow = flowText("ordered");
  const auto with = [&flow](const std::string& rest) { return "{\"flow\": " + flow + ", " + rest + "}"; };
  CHECK(
      ask(place, "POST", "/execute",
          with(
              R"("seed": 7, "parameters": {"a": 1}, "files": {"x.csv": "a\n1\n"}, "runId": "mine", "outlets": [{"node": "a", "port": "rows"}])"))
          .status == 200);
  const auto& order = place.runner.orders.at(0);
  CHECK(order.options == R"({"seed":7,"parameters":{"a":1},"runId":"mine"})");
  CHECK(order.files.at(0).path == "x.csv");
  CHECK(order.files.at(0).content == "a\n1\n");
  CHECK(order.outlets.at(0).port == "rows");
  CHECK(ask(place, "POST", "/execute", with(R"("runId": "mine")")).status == 409);
  for (const auto* rest :
       {R"("outlets": 1)", R"("outlets": [{"node": 1}])", R"("files": [])", R"("files": {"a": 1})", R"("runId": "")",
        R"("runId": "a\r\nX-Injected: yes")", R"("runId": "a\u0000b")", R"("runId": "../../x")", R"("runId": "a/b")",
        R"("runId": "é😀 ")", R"("runId": "a b")", R"("runId": 5)", R"("unknown": 1)"}) {
    CHECK(ask(place, "POST", "/execute", with(rest)).status == 400);
  }
  const std::string node = R"({"id": "ID", "typeId": "test/source", "version": "1.0.0", "settings": {}})";
  std::string nodes;
  for (const char* id : {"a", "b", "c", "d"})
    nodes += (nodes.empty() ? "" : ",") + std::string(node).replace(node.find("ID"), 2, id);
  const auto many =
      ask(place, "POST", "/execute", R"({"id": "m", "version": "1.0.0", "edges": [], "nodes": [)" + nodes + "]}");
  CHECK(many.at("/code") == "flow.too_many_nodes");
}

TEST_CASE("Events beyond the bound are dropped, and a reader that was overtaken ends") {
  auto ring = std::make_shared<EventRing>();
  const auto reader = EventRing::read(ring, 0);
  const auto most = static_cast<std::int64_t>(EventRing::kMostEvents);
  for (std::int64_t i = 0; i < most + 10; ++i) ring->add("x", "1");
  CHECK_FALSE(ring->hasRoom());
  CHECK_FALSE(ring->has(9));
  CHECK(ring->has(10));
  CHECK(ring->last() == most + 10);
  std::string piece;
  CHECK(reader->next(piece, {}) == BodyStream::Next::end);
  auto large = std::make_shared<EventRing>();
  for (int i = 0; i < 20; ++i) large->add("x", std::string(1 << 20, 'a'));
  CHECK_FALSE(large->has(4));
  CHECK(large->has(5));
}

TEST_CASE("The same body again is the same order, and a run of its own") {
  FakePlace place;
  const auto body = R"({"flow":)" + flowText("sums") + R"(,"parameters":{"limit":5}})";
  for (int i = 0; i < 3; ++i) static_cast<void>(place.runner.next());
  const auto first = place.send("POST", "/execute", body), second = place.send("POST", "/execute", body);
  const auto other = place.send("POST", "/execute", R"({"flow":)" + flowText("sums") + R"(,"parameters":{"limit":6}})");
  CHECK(answerOf(*first).header("x-execution-id") == "run-1");
  CHECK(answerOf(*second).header("x-execution-id") == "run-2");
  CHECK(answerOf(*other).header("x-execution-id") == "run-3");
  const auto& orders = place.runner.orders;
  REQUIRE(orders.size() == 3);
  CHECK(orders[0].flow == orders[1].flow);
  CHECK(orders[0].options == orders[1].options);
  CHECK(orders[0].outlets.size() == 1);
  CHECK(orders[1].outlets.size() == 1);
  CHECK(orders[2].options != orders[1].options);
}

TEST_CASE("What is wrong with a body is said each time") {
  FakePlace place;
  for (int i = 0; i < 2; ++i) {
    CHECK(answerOf(*place.send("POST", "/execute", R"({"flow":{"id":)")).status == 400);
    CHECK(answerOf(*place.send("POST", "/execute", R"({"flow":{"id":"x"},"colour":1})")).status == 400);
    CHECK(answerOf(*place.send("POST", "/execute", R"({"flow":{"id":7}})")).status == 422);
  }
  CHECK(place.runner.orders.empty());
  const auto named = R"({"flow":)" + flowText("sums") + R"(,"runId":"mine"})";
  static_cast<void>(place.runner.next());
  const auto first = place.send("POST", "/execute", named);
  CHECK(answerOf(*first).status == 200);
}
