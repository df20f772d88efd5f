// Connections of the live protocol: requests, streams at each one's own pace, rights, and what is kept of a connection
// that broke.
#include "service/live/live-session.h"

#include "service/live/live-place.test.h"

using namespace weir;
using namespace weir::api;

namespace {

constexpr const char* kMetrics = R"({"kind":"metrics","run":"r1"})";
constexpr const char* kEventsOf = R"({"kind":"events","run":"r1"})";
constexpr const char* kTap = R"({"kind":"tap","run":"r1","edge":"a-b"})";

std::size_t countOf(const std::vector<Got>& got, std::string_view type) {
  return static_cast<std::size_t>(
      std::ranges::count_if(got, [type](const Got& one) { return one.control.type == type; }));
}

}  // namespace

TEST_CASE("a connection is greeted with its name and its limits") {
  LivePlace place;
  Client client(place, "ada");
  const auto hello = client.ask("hello");
  CHECK(hello.type == "ok");
  CHECK(*hello.data.findPointer("/limits/subscriptions")->asInt64() == 100);
  CHECK(hello.data.find("session")->asString() != nullptr);
  CHECK(client.ask("ping").type == "ok");
}

TEST_CASE("a stream is encoded once for all who read it") {
  LivePlace place;
  Client one(place, "ada");
  Client two(place, "bob");
  CHECK(*one.ask("subscribe", kMetrics).data.find("subscription")->asInt64() == 1);
  CHECK(two.ask("subscribe", kMetrics).type == "ok");
  place.source.only().add("metrics", R"({"rows":1})");
  REQUIRE(one.sender.waiting.size() == 1);
  REQUIRE(two.sender.waiting.size() == 1);
  CHECK(one.sender.waiting[0].get() == two.sender.waiting[0].get());
  const auto got = one.take();
  CHECK(got[0].text == R"({"v":1,"type":"metrics","subscription":1,"sequence":1,"data":{"rows":1}})");
}

TEST_CASE("what cannot be asked is answered with the reason") {
  LivePlace place;
  Client client(place, "ada");
  CHECK(codeOf(client.ask("subscibe")) == "live.unknown");
  CHECK(codeOf(client.ask("subscribe", R"({"kind":"weather"})")) == "live.unknown");
  CHECK(codeOf(client.ask("subscribe", R"({"kind":"metrics"})")) == "live.control");
  CHECK(codeOf(client.ask("subscribe", R"({"kind":"tap","run":"r1"})")) == "live.control");
  CHECK(codeOf(client.ask("subscribe", R"({"kind":"tap","run":"r1","edge":"e","rowsPerSecond":-1})")) == "api.query");
  CHECK(codeOf(client.ask("subscribe", R"({"kind":"metrics","run":"r1","as":"xml"})")) == "live.control");
  CHECK(codeOf(client.ask("unsubscribe")) == "live.no_subscription");
  CHECK(codeOf(client.ask("credit", R"({"bytes":5})", 9)) == "live.no_subscription");
  CHECK(codeOf(client.ask("resume", R"({"session":"none"})")) == "live.no_session");
  CHECK(codeOf(client.ask("break", R"({"node":"a"})")) == "live.control");
  CHECK(codeOf(client.ask("break", R"({"run":"r9","node":"a"})")) == "run.not_found");
  CHECK(codeOf(client.ask("request", R"({"path":"/nowhere"})")) == "api.not_found");
  for (const auto* text : {"", "no JSON", "[]", R"({"v":2,"type":"hello"})", R"({"v":1})"}) {
    client.send(text);
    const auto got = client.take();
    REQUIRE(got.size() == 1);
    CHECK(codeOf(got[0].control) == "live.control");
  }
  client.send(R"({"v":1,"type":"hello","data":")" + std::string(70'000, 'x') + "\"}");
  CHECK(codeOf(client.take()[0].control) == "live.too_large");
  CHECK(client.sender.closed == 0);
}

TEST_CASE("L4: floods and binary requests end the connection") {
  LivePlace place;
  Client client(place, "ada");
  for (int i = 0; i < 200; ++i) client.send(R"({"v":1,"type":"ping"})");
  CHECK(client.sender.closed == 0);
  client.send(R"({"v":1,"type":"ping"})");
  CHECK(client.sender.closed == 4002);
  Client other(place, "ada");
  other.session->binary("rows");
  CHECK(other.sender.closed == 1003);
}

TEST_CASE("a connection and a user have limits") {
  LivePlace place({.connectionsOfUser = 2, .subscriptions = 3});
  Client one(place, "ada");
  auto two = std::make_unique<Client>(place, "ada");
  auto refused = place.send("/api/v1/live", "ada");
  refused->step();
  CHECK(refused->answer()->status == 429);
  Client other(place, "bob");
  two.reset();
  Client again(place, "ada");
  for (int i = 0; i < 3; ++i) CHECK(one.ask("subscribe", kMetrics).type == "ok");
  CHECK(codeOf(one.ask("subscribe", kMetrics)) == "live.too_many");
  CHECK(one.ask("unsubscribe", "{}", 2).type == "ok");
  CHECK(*one.ask("subscribe", kMetrics).data.find("subscription")->asInt64() == 4);
}

TEST_CASE("L4: a slow client misses figures, rows and no more of its own; others miss nothing") {
  LivePlace place({.queuedBytes = 4000});
  Client slow(place, "ada");
  Client quick(place, "ada");
  CHECK(slow.ask("subscribe", kTap).type == "ok");
  CHECK(quick.ask("subscribe", kTap).type == "ok");
  auto& tap = place.source.only();
  std::int64_t seen = 0;
  for (int i = 0; i < 100; ++i) {
    tap.addRows(partsOf(numbersFrom(i * 10, 10)), 10, 0);
    for (const auto& got : quick.take()) {
      if (got.header.kind != live::FrameKind::batch) continue;
      seen += 10;
      CHECK(got.header.rowsShed == 0);
    }
  }
  CHECK(seen == 1000);
  std::int64_t rows = 0;
  std::uint64_t shed = 0;
  for (auto frames = slow.take(); !frames.empty(); frames = slow.take()) {
    for (const auto& got : frames) {
      if (got.header.kind == live::FrameKind::batch) rows += 10;
      shed = got.header.rowsShed;
    }
  }
  CHECK(rows < 500);
  CHECK(rows + static_cast<std::int64_t>(shed) == 1000);
}

TEST_CASE("a subscription without credit waits, and another of the same connection does not") {
  LivePlace place({.creditBytes = 100});
  Client client(place, "ada");
  CHECK(client.ask("subscribe", kEventsOf).type == "ok");
  CHECK(client.ask("subscribe", kMetrics).type == "ok");
  auto* events = place.source.streams.rbegin()->second;
  auto* metrics = place.source.streams.begin()->second;
  REQUIRE(metrics->topic().kind == stream::Kind::metrics);
  for (int i = 0; i < 5; ++i) events->add("event", "{\"text\":\"" + std::string(200, 'x') + "\"}");
  CHECK(countOf(client.take(), "event") == 1);
  metrics->add("metrics", "{}");
  CHECK(countOf(client.take(), "metrics") == 1);
  client.send(R"({"v":1,"type":"credit","subscription":1,"data":{"bytes":100000}})");
  CHECK(countOf(client.take(), "event") == 4);
}

TEST_CASE("batches come as frames with their schema before the first, or as JSON to who asks for that") {
  LivePlace place;
  Client frames(place, "ada");
  Client json(place, "ada");
  CHECK(frames.ask("subscribe", kTap).type == "ok");
  CHECK(json.ask("subscribe", R"({"kind":"tap","run":"r1","edge":"a-b","as":"json"})").type == "ok");
  place.source.only().addRows(partsOf(numbersFrom(1, 2)), 2, 5);
  place.source.only().addRows(partsOf(numbersFrom(3, 1)), 1, 7);
  const auto got = frames.take();
  REQUIRE(got.size() == 3);
  CHECK(got[0].header.kind == live::FrameKind::schema);
  CHECK(got[1].header.kind == live::FrameKind::batch);
  CHECK(got[2].header.sequence == 2);
  CHECK(got[2].header.rowsShed == 2);
  live::BatchAssembler assembler(MemoryAccount::unlimited());
  CHECK(assembler.take({got[0].header, got[0].payload}).has_value());
  const auto batch = assembler.take({got[1].header, got[1].payload});
  REQUIRE(batch);
  CHECK((*batch)->rows() == 2);
  const auto texts = json.take();
  REQUIRE(texts.size() == 2);
  CHECK(texts[0].text ==
        R"({"v":1,"type":"rows","subscription":1,"sequence":1,"rowsShed":0,"data":{"rows":[{"id":1},{"id":2}]}})");
}

TEST_CASE("L4: who comes back goes on behind the last message that came, and only as the same user") {
  LivePlace place;
  auto first = std::make_unique<Client>(place, "ada");
  const auto session = *first->ask("hello").data.find("session")->asString();
  CHECK(first->ask("subscribe", kEventsOf).type == "ok");
  auto& events = place.source.only();
  for (int i = 1; i <= 5; ++i) events.add("event", "{\"number\":" + std::to_string(i) + "}");
  CHECK(countOf(first->take(), "event") == 5);
  first.reset();
  for (int i = 6; i <= 8; ++i) events.add("event", "{\"number\":" + std::to_string(i) + "}");
  place.passMs(5000);
  const auto data = R"({"session":")" + session + R"(","last":{"1":3}})";
  Client thief(place, "bob");
  CHECK(codeOf(thief.ask("resume", data)) == "live.no_session");
  Client second(place, "ada");
  second.send(R"({"v":1,"type":"resume","id":"q","data":)" + data + "}");
  const auto got = second.take();
  REQUIRE(got.size() == 6);
  CHECK(got[0].control.type == "ok");
  CHECK(got[1].text == R"({"v":1,"type":"event","subscription":1,"sequence":4,"data":{"number":4}})");
  CHECK(got[5].text.contains("\"sequence\":8"));
  CHECK(codeOf(second.ask("resume", data)) == "live.no_session");
}

TEST_CASE("what a reader was too late for is counted") {
  LivePlace place;
  Client client(place, "ada");
  CHECK(client.ask("subscribe", kEventsOf).type == "ok");
  place.source.only().add("event", "{}");
  client.take();
  place.source.only().add("event", "{}", 10);
  const auto got = client.take();
  REQUIRE(got.size() == 2);
  CHECK(got[0].text == R"({"v":1,"type":"missed","subscription":1,"data":{"messages":8}})");
}

TEST_CASE("S3: a lost right ends the streams that needed it within a second, a lost session the connection") {
  LivePlace place;
  Client ada(place, "ada");
  Client bob(place, "bob");
  CHECK(ada.ask("subscribe", kMetrics).type == "ok");
  CHECK(bob.ask("subscribe", kMetrics).type == "ok");
  place.gate.people["bob"] = {auth::Permission::runStart};
  ++place.gate.changes;
  place.passMs(1000);
  const auto got = bob.take();
  REQUIRE(got.size() >= 1);
  CHECK(got[0].control.type == "closed");
  CHECK(*got[0].control.data.find("code")->asString() == "auth.revoked");
  place.source.only().add("metrics", "{}");
  CHECK(countOf(bob.take(), "metrics") == 0);
  CHECK(countOf(ada.take(), "metrics") == 1);
  place.gate.people.erase("ada");
  ++place.gate.changes;
  place.passMs(1000);
  CHECK(ada.sender.closed == 4001);
}

TEST_CASE("S1: streams are for who may read the run, and sensitive fields for who may read data") {
  LivePlace place;
  place.gate.people["eve"] = {};
  place.gate.people["zoe"] = {auth::Permission::flowRead};
  auto refused = place.send("/api/v1/live", "eve");
  refused->step();
  CHECK(refused->answer()->status == 403);
  Client zoe(place, "zoe");
  CHECK(zoe.ask("subscribe", kTap).type == "ok");
  CHECK(place.source.only().topic().masked);
  Client ada(place, "ada");
  CHECK(ada.ask("subscribe", kTap).type == "ok");
  REQUIRE(place.source.streams.size() == 2);
  CHECK(codeOf(zoe.ask("break", R"({"run":"r1","node":"a"})")) == "auth.denied");
  // One who may now read data gets the other stream.
  place.gate.people["zoe"] = {auth::Permission::flowRead, auth::Permission::dataRead};
  ++place.gate.changes;
  place.passMs(1000);
  place.passMs(5000);
  CHECK(place.source.streams.size() == 1);
}

TEST_CASE("S4: a page of another site opens no connection") {
  LivePlace place;
  const auto statusOf = [&place](const std::string& origin) {
    auto exchange = place.send("/api/v1/live", "ada", {{"host", "weir.example:8080"}, {"origin", origin}});
    exchange->step();
    return exchange->answer()->status;
  };
  CHECK(statusOf("https://weir.example:8080") == 101);
  CHECK(statusOf("https://evil.example") == 403);
  CHECK(statusOf("null") == 403);
}

TEST_CASE("requests are those of the routes, with the rights of who opened the connection") {
  LivePlace place;
  Client ada(place, "ada");
  Client bob(place, "bob");
  const auto deploy = R"({"document":)" + flowText("orders") + R"(,"ifMatch":"none","folder":"team"})";
  CHECK(codeOf(bob.ask("deploy-graph", deploy)) == "auth.denied");
  const auto made = ada.ask("deploy-graph", deploy);
  CHECK(made.type == "ok");
  CHECK(*made.data.find("status")->asInt64() == 201);
  CHECK(made.data.find("etag") != nullptr);
  CHECK(codeOf(ada.ask("deploy-graph", deploy)) == "storage.exists");
  const auto blind = ada.ask("deploy-graph", R"({"document":)" + flowText("orders", "new") + "}");
  CHECK(codeOf(blind) == "api.no_condition");
  CHECK(blind.data.find("message")->asString()->contains("none"));
  CHECK(codeOf(ada.ask("deploy-graph", R"({"ifMatch":"*","folder":"a","document":)" + flowText("orders") + "}")) ==
        "live.control");
  CHECK(ada.ask("deploy-graph", R"({"ifMatch":"*","document":)" + flowText("orders", "new") + "}").type == "ok");
  CHECK(codeOf(ada.ask("deploy-graph", "{}")) == "live.control");
  const std::string changes = R"([{"op":"replace","path":"/metadata/description","value":"newer"}])";
  CHECK(ada.ask("deploy-graph", R"({"ifMatch":"*","flow":"orders","changes":)" + changes + "}").type == "ok");
  CHECK(codeOf(ada.ask("deploy-graph", R"({"flow":"orders","ifMatch":"\"1\"","changes":)" + changes + "}")) ==
        "storage.changed");
  CHECK(codeOf(
            ada.ask("deploy-graph", R"({"ifMatch":"*","flow":"orders","changes":[{"op":"remove","path":"/none"}]})")) ==
        "json.patch");
  const auto read = bob.ask("request", R"({"path":"/api/v1/flows/orders"})");
  CHECK(read.type == "ok");
  CHECK(*read.data.findPointer("/body/document/metadata/description")->asString() == "newer");
  CHECK(*read.data.findPointer("/body/folder")->asString() == "team");
  const auto listed = ada.ask("request", R"({"path":"/api/v1/flows?limit=1&order=name"})");
  CHECK(listed.type == "ok");
  CHECK(codeOf(ada.ask("request", R"({"path":"/api/v1/flows?limit=1","query":"order=name"})")) == "live.control");
  CHECK(codeOf(ada.ask("request", R"({"path":"/api/v1/flows/orders","headers":{"cookie":"a"}})")) == "live.control");
  CHECK(ada.ask("request", R"({"path":"/api/v1/flows/orders","headers":{"If-None-Match":"\"0\""}})").type == "ok");
}

TEST_CASE("a request that has a name of its own is the operation that it says") {
  LivePlace place;
  Client ada(place, "ada");
  const auto operationOf = [&](const std::string& type, const std::string& data) {
    place.gate.operations.clear();
    static_cast<void>(ada.ask(type, data));
    return place.gate.operations.empty() ? std::string("none") : place.gate.operations.front();
  };
  CHECK(operationOf("run", R"({"flow":"orders"})") == "startRun");
  CHECK(operationOf("stop", R"({"run":"r1"})") == "stopRun");
  CHECK(operationOf("stop", R"({"run":"r1","at":"checkpoint"})") == "stopRun");
  CHECK(operationOf("break", R"({"run":"r1","node":"a"})") == "setBreakpoint");
  CHECK(operationOf("breakpoints", R"({"run":"r1"})") == "listBreakpoints");
  CHECK(operationOf("unbreak", R"({"run":"r1","breakpoint":2})") == "removeBreakpoint");
  CHECK(operationOf("held", R"({"run":"r1"})") == "listHeldRows");
  for (const auto* type : {"step", "continue", "next", "drop"}) {
    CHECK(operationOf(type, R"({"run":"r1","held":3})") == "actOnHeldRow");
  }
  CHECK(operationOf("set", R"({"run":"r1","held":3,"fields":{}})") == "changeHeldRow");
  CHECK(operationOf("stop", R"({"flow":"orders"})") == "none");
  CHECK(codeOf(ada.ask("stop", "{}")) == "live.control");
}

TEST_CASE("a server says which features it has beside those of every place") {
  LivePlace place;
  const auto exchange = place.send("/api/v1/capabilities", "ada");
  const auto features = answerOf(*exchange).at("/features");
  for (const auto* feature : {"execute", "flows", "runs", "schedules", "secrets", "live-streams"}) {
    CAPTURE(feature);
    CHECK(features.contains("\"" + std::string(feature) + "\""));
  }
  FakePlace other;
  CHECK_FALSE(ask(other, "GET", "/capabilities").at("/features").contains("schedules"));
}

TEST_CASE("frames have the members that there are, and an error repeats the id of what it is about") {
  LivePlace place;
  Client client(place, "ada");
  CHECK(codeOf(client.ask("hello", R"({"extra":1})")) == "live.control");
  CHECK(codeOf(client.ask("hello", "5")) == "live.control");
  CHECK(codeOf(client.ask("subscribe", R"({"kind":"metrics","run":"r1","bogus":1})")) == "live.control");
  CHECK(codeOf(client.ask("deploy-graph", R"({"docment":{}})")) == "live.control");
  CHECK(codeOf(client.ask("break", R"({"run":"r1","node":"a","bogus":1})")) == "api.body");
  for (const auto* text : {R"({"v":1,"type":"ping","id":"q","more":2})", R"({"v":2,"type":"ping","id":"q"})",
                           R"({"v":"1","type":"ping","id":"q"})"}) {
    client.send(text);
    const auto got = client.take();
    REQUIRE(got.size() == 1);
    CHECK(codeOf(got[0].control) == "live.control");
    CHECK(got[0].control.id == "q");
  }
  CHECK(place.source.streams.empty());
}

TEST_CASE("what changes something is done in the order in which it came, and read behind it") {
  LivePlace place;
  place.gate.holds = true;
  Client client(place, "ada");
  const auto deploy = [](const std::string& id, const std::string& description, const std::string& tag) {
    return R"({"v":1,"type":"deploy-graph","id":")" + id + R"(","data":{"ifMatch":")" + tag + R"(","document":)" +
           flowText("orders", description) + "}}";
  };
  client.send(deploy("1", "one", "none"));
  client.send(deploy("2", "two", "*"));
  client.send(R"({"v":1,"type":"request","id":"3","data":{"path":"/api/v1/flows/orders"}})");
  client.send(deploy("4", "four", "*"));
  CHECK(client.take().empty());
  // Whoever may go on first: the last that asked.
  std::string order;
  while (!place.gate.held.empty()) {
    auto last = std::move(place.gate.held.back());
    place.gate.held.pop_back();
    last.complete(Unit{});
    client.session->work();
    for (const auto& got : client.take()) {
      order += got.control.id;
      if (got.control.id != "3") continue;
      CHECK(*got.control.data.findPointer("/body/document/metadata/description")->asString() != "one");
    }
  }
  CHECK(order.size() == 4);
  CHECK(order.find('1') < order.find('2'));
  CHECK(order.find('2') < order.find('3'));
  CHECK(order.find('2') < order.find('4'));
}

TEST_CASE("the newest rows of an edge: how many were missed, what the condition could not say, and no such edge") {
  LivePlace place;
  const auto begin = [&place](const std::string& edge) {
    auto exchange = place.send("/api/v1/runs/r1/taps/" + edge + "?waitMs=1000", "ada");
    exchange->step();
    CHECK(exchange->answer() == nullptr);
    return exchange;
  };
  {
    const auto exchange = begin("a-b");
    auto& tap = place.source.only();
    tap.addRows(partsOf(numbersFrom(1, 2)), 2, 3);
    tap.add("tapped", R"({"passed":5,"seen":2,"matched":2,"shown":2,"failed":1,"problem":"no such key"})");
    const auto answer = answerOf(*exchange);
    CHECK(answer.at("/rowsShed") == "0");
    CHECK(answer.at("/rows/1/id") == "2");
    CHECK(answer.at("/failed") == "1");
    CHECK(answer.at("/problem") == "no such key");
  }
  place.passMs(20'000);
  {
    const auto exchange = begin("c-d");
    place.source.only().add("tapped",
                            R"({"passed":5,"seen":5,"matched":0,"shown":0,"failed":5,"problem":"it is text"})");
    exchange->step();
    CHECK(exchange->answer() == nullptr);
    place.passMs(1100);
    const auto answer = answerOf(*exchange);
    CHECK(answer.at("/rows") == "[]");
    CHECK(answer.at("/failed") == "5");
    CHECK(answer.at("/problem") == "it is text");
  }
  place.passMs(20'000);
  for (const auto& [code, status] : {std::pair("debug.unknown", 404), std::pair("cel.syntax", 422)}) {
    const auto exchange = begin("e-f");
    place.source.only().add("error", R"({"code":")" + std::string(code) + R"(","message":"not that"})");
    place.source.only().end(code);
    const auto answer = answerOf(*exchange);
    CHECK(answer.status == status);
    CHECK(answer.at("/code") == code);
    CHECK(answer.at("/detail") == "not that");
    place.passMs(20'000);
  }
}

TEST_CASE("streams that nobody reads are closed, those that are for coming back to only after a while") {
  LivePlace place;
  {
    Client client(place, "ada");
    CHECK(client.ask("subscribe", kMetrics).type == "ok");
    CHECK(client.ask("subscribe", kEventsOf).type == "ok");
    place.passMs(10'000);
    CHECK(place.source.streams.size() == 2);
  }
  place.passMs(10'000);
  CHECK(place.source.streams.size() == 1);
  place.passMs(60'000);
  CHECK(place.source.streams.empty());
}

TEST_CASE("the end of a run is told behind its last messages") {
  LivePlace place;
  Client client(place, "ada");
  CHECK(client.ask("subscribe", kEventsOf).type == "ok");
  place.source.only().add("event", "{}");
  place.source.only().end("done");
  const auto got = client.take();
  REQUIRE(got.size() == 2);
  CHECK(got[0].control.type == "event");
  CHECK(*got[1].control.data.find("outcome")->asString() == "done");
  CHECK(codeOf(client.ask("unsubscribe", "{}", 1)) == "live.no_subscription");
}
