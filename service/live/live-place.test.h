// A server for tests of the live protocol: people with rights, a source that says what the test says, connections whose
// network is as slow as the test likes.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/live/batch-frames.h"
#include "service/api/fake-place.test.h"
#include "service/live/live-session.h"
#include "service/live/live-sessions.h"
#include "service/resources/server-routes.h"
#include "service/resources/server.h"

namespace weir::api {

/// Who sends `authorization: NAME` has the rights of NAME everywhere.
class PeopleGate final : public Gate {
 public:
  std::map<std::string, auth::PermissionSet> people;
  std::uint64_t changes = 0;
  bool holds = false;  // whoever asks for more than a connection waits until the test lets him go on
  std::vector<Completion<Unit>> held;
  std::vector<std::string> operations;  // that were asked for

  Job<Expected<Unit>> admit(Call& call) override {
    operations.emplace_back(call.route.operation);
    if (holds && call.route.operation != "openLive") {
      Completion<Unit> completion(call.waker());
      auto operation = completion.operation();
      held.push_back(std::move(completion));
      static_cast<void>(co_await call.of(std::move(operation)));
    }
    const auto* name = call.header("authorization");
    if (name == nullptr || !people.contains(*name)) co_return refuse(401, "auth.required", "sign in first");
    call.principal.user = *name;
    const auto permission = auth::permissionNamed(call.route.permission);
    if (permission && !people[*name].has(*permission)) {
      co_return refuse(403, "auth.denied", "you need " + std::string(call.route.permission));
    }
    co_return Unit{};
  }
  auth::PermissionSet permissionsAt(const auth::Principal& who, const auth::Place&) override {
    return people.contains(who.user) ? people[who.user] : auth::PermissionSet{};
  }
  Expected<void> mustHave(const auth::Principal& who, auth::Permission permission, const auth::Place& at,
                          std::string_view what) override {
    if (permissionsAt(who, at).has(permission)) return {};
    return refuse(403, "auth.denied", "you may not do that with " + std::string(what));
  }
  auth::Reach reachOf(const auth::Principal&, auth::Permission) override { return {}; }
  bool holdsSomewhere(const Call&) override { return true; }  // admit() has looked
  std::uint64_t epoch() const override { return changes; }
};

class ToldSource final : public stream::Source {
 public:
  void open(stream::Stream& stream) override { streams[stream.topic()] = &stream; }
  void close(stream::Stream& stream) override { streams.erase(stream.topic()); }
  stream::Stream& only() {
    REQUIRE(streams.size() == 1);
    return *streams.begin()->second;
  }
  std::map<stream::Topic, stream::Stream*> streams;
};

/// What a client has got, unpacked.
struct Got {
  std::string text;  // of a text frame
  live::Control control{};
  live::FrameHeader header{};
  std::string payload;
  std::size_t bytes = 0;
};

class TestSender final : public WebSocketSender {
 public:
  void send(WebSocketFrame frame) override {
    if (closed) return;
    waiting.push_back(std::move(frame));
  }
  std::size_t queuedBytes() const override {
    std::size_t bytes = 0;
    for (const auto& frame : waiting) bytes += frame->size();
    return bytes;
  }
  void close(std::uint16_t code, std::string_view) override { closed = code; }
  std::vector<WebSocketFrame> waiting;
  std::uint16_t closed = 0;
};

inline Got unpacked(const std::string& frame) {
  const auto byteAt = [&frame](std::size_t at) { return static_cast<unsigned char>(frame[at]); };
  std::size_t head = 2;
  std::uint64_t size = byteAt(1);
  if (size == 126 || size == 127) {
    const std::size_t bytes = size == 126 ? 2 : 8;
    size = 0;
    for (std::size_t i = 0; i < bytes; ++i) size = size << 8U | byteAt(2 + i);
    head += bytes;
  }
  REQUIRE(frame.size() == head + size);
  Got got;
  got.bytes = frame.size();
  auto payload = frame.substr(head);
  if (byteAt(0) == 0x81) {
    auto control = live::readControl(payload, 1 << 20);
    REQUIRE(control);
    got.control = std::move(*control);
    got.text = std::move(payload);
  } else {
    const auto header = live::readHeader(payload);
    REQUIRE(header);
    got.header = *header;
    got.payload = payload.substr(live::kHeaderBytes);
  }
  return got;
}

inline Batch numbersFrom(std::int64_t first, std::int64_t count) {
  std::vector<Value> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    rows.push_back(Value::map({{Value::string("id"), Value::int64(first + i)}}));
  }
  return *batchOfRows(rows, MemoryAccount::unlimited());
}

/// A batch as an engine sends it.
inline stream::RowParts partsOf(const Batch& batch) {
  std::string bytes;
  live::BatchFrames frames(1, true);
  WEIR_CHECK(frames.append(bytes, batch, 0).has_value());
  live::FrameSplitter splitter;
  splitter.feed(bytes);
  static std::shared_ptr<const std::string> schema;
  stream::RowParts parts;
  while (auto frame = *splitter.next()) {
    if (frame->header.kind == live::FrameKind::schema && (!schema || *schema != frame->payload)) {
      schema = std::make_shared<const std::string>(frame->payload);
    }
    if (frame->header.kind == live::FrameKind::batch) parts.batch = frame->payload;
  }
  parts.schema = schema;
  return parts;
}

struct LivePlace {
  SetClock clock;
  Catalogue catalogue = twoNodes();
  store::MemoryStore store{clock};
  ScriptedRunner runner;
  PeopleGate gate;
  ToldSource source;
  stream::Hub hub{source};
  stream::RunFeeds feeds;
  LiveSessions all;
  Server server;
  Api api;

  explicit LivePlace(LiveLimits limits = {})
      : all(hub, feeds, limits),
        server{.live = &all},
        api(FakePlace::placeOf(10 << 20), {}, clock, catalogue, store, runner, {},
            ApiExtras{.routes = &serverRoutes(), .gate = &gate, .server = &server}) {
    gate.people["ada"] = auth::permissionsOf(auth::Role::editor);
    gate.people["bob"] = auth::permissionsOf(auth::Role::viewer);
  }

  std::unique_ptr<Exchange> send(const std::string& target, const std::string& who, std::vector<Header> headers = {}) {
    const auto mark = std::min(target.find('?'), target.size());
    headers.push_back({"authorization", who});
    return api.begin({"GET", target.substr(0, mark), target.substr(std::min(mark + 1, target.size())), headers});
  }
  void passMs(std::int64_t ms) {
    for (; ms > 0; ms -= 100) {
      clock.passMs(std::min<std::int64_t>(ms, 100));
      all.tick(clock.nanos);
    }
  }
};

/// One connection. Ends before its place.
struct Client {
  TestSender sender;
  std::unique_ptr<Exchange> exchange;
  std::unique_ptr<WebSocketHandler> session;

  Client(LivePlace& place, const std::string& who) : exchange(place.send("/api/v1/live", who)) {
    exchange->step();
    REQUIRE(exchange->answer() != nullptr);
    REQUIRE(exchange->answer()->status == 101);
    session = std::move(exchange->answer()->socket);
    session->opened(sender);
  }
  void send(const std::string& text) { session->text(text); }
  /// What is on its way; it arrives, and the network is free again.
  std::vector<Got> take() {
    std::vector<Got> all;
    for (const auto& frame : std::exchange(sender.waiting, {})) all.push_back(unpacked(*frame));
    session->drained();
    return all;
  }
  /// The answer to a request; nothing else is on its way.
  live::Control ask(const std::string& type, const std::string& data = "{}", int subscription = 0) {
    const auto of = subscription == 0 ? "" : R"(,"subscription":)" + std::to_string(subscription);
    send(R"({"v":1,"type":")" + type + R"(","id":"q")" + of + R"(,"data":)" + data + "}");
    auto got = take();
    REQUIRE(got.size() >= 1);
    CHECK(got[0].control.id == "q");
    return got[0].control;
  }
};

inline std::string codeOf(const live::Control& answer) {
  const auto* code = answer.data.find("code");
  return answer.type == "error" && code != nullptr ? *code->asString() : "(" + answer.type + ")";
}

}  // namespace weir::api
