// The same streams as Server-Sent Events, and the newest rows as an answer.
#include "service/live/event-stream.h"

#include "service/api/event-ring.h"
#include "service/live/live-place.test.h"

using namespace weir;
using namespace weir::api;

namespace {

/// What there is to read at once.
std::string readAll(Exchange& exchange) {
  std::string all, piece;
  while (exchange.next(piece) == BodyStream::Next::piece) all += piece;
  return all;
}

}  // namespace

TEST_CASE("a stream of a run is read as events, whose ids go on where it was cut") {
  LivePlace place;
  auto first = place.send("/api/v1/runs/r1/live/events", "ada");
  first->step();
  REQUIRE(first->answer()->status == 200);
  auto& events = place.source.only();
  for (int i = 1; i <= 3; ++i) events.add("event", "{\"number\":" + std::to_string(i) + "}");
  const auto text = readAll(*first);
  CHECK(text.starts_with("id: 1\nevent: event\ndata: {\"v\":1,\"type\":\"event\",\"subscription\":1,\"sequence\":1,"));
  CHECK(text.contains("id: 3\n"));
  first.reset();
  events.add("event", "{\"number\":4}");
  auto second = place.send("/api/v1/runs/r1/live/events", "ada", {{"last-event-id", "2"}});
  second->step();
  const auto rest = readAll(*second);
  CHECK(rest.starts_with("id: 3\n"));
  CHECK(rest.contains("id: 4\n"));
  events.end("done");
  CHECK(readAll(*second).contains("\"outcome\":\"done\""));
  std::string piece;
  CHECK(second->next(piece) == BodyStream::Next::end);
}

TEST_CASE("streams end with the server, with a last event") {
  LivePlace place;
  auto reader = place.send("/api/v1/runs/r1/live/events", "ada");
  reader->step();
  REQUIRE(reader->answer()->status == 200);
  place.source.only().add("event", "{\"number\":1}");
  CHECK(readAll(*reader).contains("id: 1\n"));
  place.all.serverEnds();
  CHECK(readAll(*reader).starts_with("id: 1\nevent: going-away\ndata: {"));
  std::string piece;
  CHECK(reader->next(piece) == BodyStream::Next::end);
  // Who comes while it ends is told the same.
  auto late = place.send("/api/v1/runs/r1/live/events", "ada");
  late->step();
  CHECK(readAll(*late).contains("event: going-away\n"));
  CHECK(late->next(piece) == BodyStream::Next::end);
}

TEST_CASE("a body of events that the server's end ends is read to what was told before") {
  LivePlace place;
  auto ring = std::make_shared<EventRing>();
  ring->add("update", "{}");
  auto body = untilServerEnds(place.all, EventRing::read(ring, 0));
  place.all.serverEnds();
  std::string piece;
  CHECK(body->next(piece, {}) == BodyStream::Next::piece);
  CHECK(piece.contains("event: update\n"));
  CHECK(body->next(piece, {}) == BodyStream::Next::piece);
  CHECK(piece.starts_with("event: going-away\ndata: {"));
  CHECK(body->next(piece, {}) == BodyStream::Next::end);
}

TEST_CASE("several streams are read as one, each as far as its place in the id says") {
  LivePlace place;
  const std::string path = "/api/v1/live/events?subscribe=metrics:r1&subscribe=tap:r1:a-b";
  auto reader = place.send(path, "ada");
  reader->step();
  REQUIRE(reader->answer()->status == 200);
  REQUIRE(place.source.streams.size() == 2);
  place.source.streams.begin()->second->add("metrics", "{}");
  place.source.streams.rbegin()->second->addRows(partsOf(numbersFrom(1, 1)), 1, 0);
  const auto text = readAll(*reader);
  CHECK(text.contains("id: 1,1\n"));
  CHECK(text.contains("event: rows\n"));
  CHECK(text.contains(R"("data":{"rows":[{"id":1}]}})"));
  const auto statusOf = [&place](const std::string& target, const std::string& id) {
    auto exchange = place.send(target, "ada", {{"last-event-id", id}});
    exchange->step();
    return exchange->answer()->status;
  };
  CHECK(statusOf(path, "1,1") == 200);
  CHECK(statusOf(path, "1") == 400);
  CHECK(statusOf(path, "a,b") == 400);
  CHECK(statusOf("/api/v1/live/events", "") == 400);
  CHECK(statusOf("/api/v1/live/events?subscribe=weather:r1", "") == 400);
  CHECK(statusOf("/api/v1/live/events?subscribe=tap:r1", "") == 400);
}

TEST_CASE("S3: events end with the rights to them") {
  LivePlace place;
  auto reader = place.send("/api/v1/runs/r1/live/metrics", "bob");
  reader->step();
  REQUIRE(reader->answer()->status == 200);
  CHECK(readAll(*reader).empty());
  place.gate.people.erase("bob");
  ++place.gate.changes;
  place.passMs(500);
  CHECK(readAll(*reader).contains("auth.revoked"));
  std::string piece;
  CHECK(reader->next(piece) == BodyStream::Next::end);
}

TEST_CASE("a quiet stream says from time to time that it is there") {
  LivePlace place;
  auto reader = place.send("/api/v1/runs/r1/live/metrics", "bob");
  reader->step();
  CHECK(readAll(*reader).empty());
  place.passMs(16'000);
  CHECK(readAll(*reader) == ":\n\n");
  CHECK(readAll(*reader).empty());
}

TEST_CASE("the newest rows of an edge are answered when the first have come, or when the time is over") {
  LivePlace place;
  auto asked = place.send("/api/v1/runs/r1/taps/a-b?rows=2", "ada");
  asked->step();
  CHECK(asked->answer() == nullptr);
  place.source.only().addRows(partsOf(numbersFrom(1, 3)), 3, 0);
  asked->step();
  REQUIRE(asked->answer() != nullptr);
  CHECK(asked->answer()->body == R"({"edge":"a-b","rows":[{"id":2},{"id":3}],"rowsShed":1})");
  asked = place.send("/api/v1/runs/r1/taps/other?waitMs=300", "ada");
  asked->step();
  CHECK(asked->answer() == nullptr);
  place.passMs(400);
  asked->step();
  REQUIRE(asked->answer() != nullptr);
  CHECK(asked->answer()->body == R"({"edge":"other","rows":[],"rowsShed":0})");
}
