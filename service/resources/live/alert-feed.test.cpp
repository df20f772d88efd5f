// Who watches alerts of a folder is told of those in it and below, whatever has raised them.
#include "service/resources/live/alert-feed.h"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::api;

namespace {

struct NoSource final : stream::Source {
  void open(stream::Stream&) override {}
  void close(stream::Stream&) override {}
};

struct NoWatcher final : stream::Watcher {
  void moved() override {}
};

/// Who reads the alerts of a folder; what came, by names.
class Watching {
 public:
  Watching(stream::Hub& hub, const std::string& folder, stream::Kind kind = stream::Kind::alerts)
      : reader_(hub.of({.kind = kind, .subject = folder}), watcher_) {}
  std::string names() {
    std::string all;
    while (const auto message = reader_.next()) {
      const auto alert = alerts::alertOf(message->data());
      REQUIRE(alert.has_value());
      CHECK(message->type == "alert");
      all += alert->name + (alert->clearedAt ? "-" : "+") + " ";
    }
    return all;
  }

 private:
  NoWatcher watcher_;
  stream::Reader reader_;
};

alerts::Alert alertIn(const std::string& name, const std::string& folder, bool cleared = false) {
  alerts::Alert alert{.key = name, .name = name, .folder = folder};
  if (cleared) alert.clearedAt = 1;
  return alert;
}

}  // namespace

TEST_CASE("live alerts come to the folders that they are in or below, those of rules without a flow too") {
  NoSource source;
  stream::Hub hub(source);
  Watching root(hub, ""), team(hub, "team"), east(hub, "team/east"), teams(hub, "teams");
  tellAlert(hub, alertIn("whole-server", ""), 0);
  tellAlert(hub, alertIn("of-team", "team"), 0);
  tellAlert(hub, alertIn("of-east", "team/east"), 5);
  tellAlert(hub, alertIn("of-team", "team", true), 0);
  CHECK(root.names() == "whole-server+ of-team+ of-east+ of-team- ");
  CHECK(team.names() == "of-team+ of-east+ of-team- ");
  CHECK(east.names() == "of-east+ ");
  CHECK(teams.names().empty());
  tellAlert(hub, alertIn("nobody-asks", "elsewhere"), 0);
  CHECK(team.names().empty());
  CHECK(root.names() == "nobody-asks+ ");
}

TEST_CASE("a run of the name of nothing reads no alerts") {
  NoSource source;
  stream::Hub hub(source);
  Watching events(hub, "", stream::Kind::events);
  tellAlert(hub, alertIn("of-team", "team"), 0);
  CHECK(events.names().empty());
}
