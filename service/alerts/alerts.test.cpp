// Alerts of a server: rules, history, notices, and their resources.
#include <doctest/doctest.h>

#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hosts/simulation/simulated-mail.h"
#include "service/alerts/alert-book.h"
#include "service/api/fake-place.test.h"
#include "service/metrics/flow-metrics.h"
#include "service/resources/server-routes.h"
#include "service/resources/server.h"

using namespace weir;
using namespace weir::alerts;

namespace {

constexpr const char* kJsonRule =
    R"({"name": "Rows fail", "metric": "weir_flow_rows_failed_total", "of": "weir_flow_rows_in_total", "over": 0.1,
        "windowMs": 60000, "forMs": 10000, "severity": "critical"})";

json::Document parsed(std::string_view text) {
  auto document = json::parse(text);
  REQUIRE(document.has_value());
  return std::move(*document);
}

/// Keeps what a store keeps, in memory.
struct KeptAlerts final : store::AlertStore {
  Operation<All> load(std::int64_t, Waker) override { return Operation<All>::finished(all); }
  Operation<Unit> put(Entry entry, Waker waker) override {
    static_cast<void>(remove(entry.kind, entry.id, std::move(waker)));
    all.entries.push_back(std::move(entry));
    return Operation<Unit>::finished(Unit{});
  }
  Operation<Unit> remove(std::string kind, std::string id, Waker) override {
    std::erase_if(all.entries, [&](const Entry& one) { return one.kind == kind && one.id == id; });
    return Operation<Unit>::finished(Unit{});
  }
  Operation<Unit> keep(Kept alert, std::int64_t oldest, Waker) override {
    std::erase_if(all.alerts, [&](const Kept& one) { return one.number == alert.number || one.number < oldest; });
    all.alerts.insert(all.alerts.begin(), std::move(alert));
    return Operation<Unit>::finished(Unit{});
  }
  Operation<std::int64_t> reserve(std::int64_t count, Waker waker) override {
    if (!away) return Operation<std::int64_t>::finished(std::exchange(next, next + count));
    asked.emplace_back(std::move(waker));
    return asked.back().operation();
  }
  All all;
  std::int64_t next = 1;
  bool away = false;
  std::vector<Completion<std::int64_t>> asked{};
};

/// Takes every request, unless the test says otherwise.
struct Receiver final : Http {
  Operation<HttpResponse> send(HttpRequest request, Waker) override {
    requests.push_back(std::move(request));
    Result<HttpResponse> answer = HttpResponse{.status = 200};
    if (!answers.empty()) {
      answer = std::move(answers.front());
      answers.pop_front();
    }
    return Operation<HttpResponse>::finished(std::move(answer));
  }
  std::vector<HttpRequest> requests;
  std::deque<Result<HttpResponse>> answers;
};

/// A server that watches one flow.
struct Watched {
  api::FakePlace place;
  metrics::Registry registry;
  metrics::FlowMetrics flows{place.clock};
  Receiver receiver;
  simulation::SimulatedMail mail;
  KeptAlerts store;
  Notifier notifier{receiver, &mail, place.clock, registry};
  AlertBook book{registry, notifier, store, place.clock, "https://weir.example"};
  api::Server server{.metrics = &registry, .alerts = &book};
  api::Api api{{},          {},           place.clock, place.catalogue,
               place.store, place.runner, {},          {.routes = &api::serverRoutes(), .server = &server}};
  std::int64_t in = 0, failed = 0;

  Watched() { registry.add(flows); }
  void pass(std::int64_t rows, std::int64_t failures) {
    place.clock.passMs(5000);
    in += rows;
    failed += failures;
    metrics::RunFigures run;
    run.nodes.push_back({"a", {in, 0, 0, failed}});
    flows.report("r", {"team", "orders"}, run);
    book.tick();
    book.tick();
  }
  api::Answer ask(std::string method, std::string path, std::string body = {}) {
    const auto mark = std::min(path.find('?'), path.size());
    auto exchange = api.begin(
        {std::move(method), path.substr(0, mark), mark < path.size() ? path.substr(mark + 1) : std::string(), {}});
    if (exchange->takesBody()) {
      exchange->body(body);
      exchange->endBody();
    }
    return api::answerOf(*exchange);
  }
};

}  // namespace

TEST_CASE("A rule is read, and one that is wrong says which member and why") {
  const auto rule = ruleOf("rows", parsed(kJsonRule).root());
  REQUIRE(rule.has_value());
  CHECK(jsonOf(*ruleOf("rows", parsed(jsonOf(*rule)).root())) == jsonOf(*rule));
  for (const auto& [text, says] : std::vector<std::pair<std::string, std::string>>{
           {R"({"over": 1})", "'metric'"},
           {R"({"metric": "weir_nothing", "over": 1})", "no metric"},
           {R"({"metric": "weir_http_request_seconds", "over": 1})", "histogram"},
           {R"({"metric": "weir_flow_runs"})", "bound"},
           {R"({"metric": "weir_flow_runs", "of": "weir_flow_rows_in_total", "over": 1})", "'of'"},
           {R"({"metric": "weir_flow_runs", "over": "much"})", "'over'"},
           {R"({"metric": "weir_flow_runs", "over": 1, "forMs": -1})", "'forMs'"},
           {R"({"metric": "weir_flow_runs", "over": 1, "severity": "bad"})", "'severity'"},
           {R"({"metric": "weir_flow_runs", "over": 1, "colour": "red"})", "'colour'"}}) {
    const auto refused = ruleOf("r", parsed(text).root());
    CAPTURE(text);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.contains(says));
  }
  CHECK_FALSE(ruleOf("a/b", parsed(kJsonRule).root()).has_value());
  for (const auto& first : firstRules()) CHECK(ruleOf(first.id, parsed(jsonOf(first)).root()).has_value());
}

TEST_CASE("A rate over its bound for long enough is raised once, told, kept and cleared") {
  Watched w;
  REQUIRE(w.book.open({}).has_value());
  CHECK(w.book.rules().size() == firstRules().size());  // a new server begins with some
  for (const auto& rule : firstRules()) CHECK(w.ask("DELETE", "/api/v1/alert-rules/" + rule.id).status == 204);
  CHECK(w.ask("PUT", "/api/v1/alert-rules/rows", kJsonRule).status == 200);
  CHECK(w.ask("PUT", "/api/v1/channels/hook", R"({"kind": "webhook", "url": "https://example.com/hook"})").status ==
        200);
  for (int i = 0; i < 3; ++i) w.pass(100, 0);
  CHECK(w.book.all().empty());
  w.pass(100, 90);
  CHECK(w.book.all().empty());  // not for long enough
  w.pass(100, 90);
  w.pass(100, 90);
  REQUIRE(w.book.all().size() == 1);
  w.pass(100, 90);
  REQUIRE(w.book.all().size() == 1);
  const auto& alert = w.book.all().front();
  CHECK(alert.folder == "team");
  CHECK(alert.flow == "orders");
  CHECK(alert.value > 0.1);
  REQUIRE(w.receiver.requests.size() == 1);
  CHECK(w.receiver.requests[0].body.contains("alert.raised"));
  CHECK(w.receiver.requests[0].body.contains("https://weir.example/api/v1/alerts/1"));
  CHECK(w.registry.text().contains(R"(weir_alerts_raised{severity="critical"} 1)"));
  for (int i = 0; i < 40; ++i) w.pass(1000, 0);
  CHECK(w.book.all().front().clearedAt.has_value());
  REQUIRE(w.receiver.requests.size() == 2);
  CHECK(w.receiver.requests[1].body.contains("alert.cleared"));
  const auto page = w.ask("GET", "/api/v1/alerts?state=cleared");
  CHECK(page.at("/alerts/0/name") == "Rows fail");
  CHECK(w.ask("GET", "/api/v1/alerts?state=raised").at("/alerts") == "[]");
  REQUIRE(w.store.all.alerts.size() == 1);
  CHECK(alertOf(w.store.all.alerts[0].document)->clearedAt.has_value());
}

TEST_CASE("After a restart a raised alert is still raised, and is not told twice") {
  Watched before;
  REQUIRE(before.book.open({}).has_value());
  CHECK(before.ask("PUT", "/api/v1/alert-rules/rows", kJsonRule).status == 200);
  for (int i = 0; i < 5; ++i) before.pass(100, 90);
  REQUIRE(before.book.find(1) != nullptr);
  Watched after;
  REQUIRE(after.book.open(before.store.all).has_value());
  CHECK(after.ask("PUT", "/api/v1/channels/hook", R"({"kind": "slack", "url": "https://example.com/hook"})").status ==
        200);
  CHECK(after.book.rules().contains("rows"));
  for (int i = 0; i < 5; ++i) after.pass(100, 90);
  CHECK(std::ranges::count(after.book.all(), std::string("rows"), &Alert::rule) == 1);
  CHECK(std::ranges::none_of(after.receiver.requests, [](const auto& one) { return one.body.contains("Rows fail"); }));
  CHECK(after.registry.text().contains(R"(weir_alerts_raised{severity="critical"})"));
}

TEST_CASE("Rules and channels are listed by id, page after page, by folder and by words") {
  Watched w;
  store::AlertStore::All kept;
  kept.entries.push_back({"state", "first-rules", "true"});
  REQUIRE(w.book.open(std::move(kept)).has_value());
  for (const auto& [id, folder] :
       {std::pair("c", "team"), std::pair("a", "team/east"), std::pair("d", ""), std::pair("b", "teams")}) {
    const auto rule = R"({"metric": "weir_flow_rows_failed_total", "over": 1, "name": "Rule )" + std::string(id) +
                      R"(", "folder": ")" + folder + "\"}";
    CHECK(w.ask("PUT", "/api/v1/alert-rules/" + std::string(id), rule).status == 200);
    const auto channel =
        R"({"kind": "webhook", "url": "https://example.com/hook", "folder": ")" + std::string(folder) + "\"}";
    CHECK(w.ask("PUT", "/api/v1/channels/" + std::string(id), channel).status == 200);
  }
  const auto paged = [&w](const std::string& list, const std::string& member, const std::string& query,
                          const std::string& id) {
    std::string ids, cursor;
    do {
      const auto page = w.ask("GET", "/api/v1/" + list + "?" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
      if (page.status != 200) return std::to_string(page.status);
      for (std::size_t i = 0; i < static_cast<std::size_t>(page.json.root().find(member)->count()); ++i) {
        ids += page.at("/" + member + "/" + std::to_string(i) + id);
      }
      cursor = page.at("/next") == "(nothing)" ? "" : page.at("/next");
      if (!cursor.empty()) ids += '|';
    } while (!cursor.empty());
    return ids;
  };
  CHECK(paged("alert-rules", "rules", "limit=3", "/id") == "abc|d");
  CHECK(paged("alert-rules", "rules", "limit=2", "/id") == "ab|cd");
  CHECK(paged("alert-rules", "rules", "folder=team", "/id") == "ac");
  CHECK(paged("alert-rules", "rules", "search=rule%20B", "/id") == "b");
  CHECK(paged("channels", "channels", "limit=1", "/channel/id") == "a|b|c|d");
  CHECK(paged("channels", "channels", "folder=team&limit=1", "/channel/id") == "a|c");
  const auto next = w.ask("GET", "/api/v1/channels?limit=1").at("/next");
  for (const auto& bad :
       {std::string("limit=0"), std::string("limit=1000"), "cursor=" + next, std::string("cursor=x")}) {
    CHECK(paged("alert-rules", "rules", bad, "/id") == "400");
  }
}

TEST_CASE("Two servers of one store never give one number to two alerts") {
  Watched w;
  AlertBook other(w.registry, w.notifier, w.store, w.place.clock);
  store::AlertStore::All none;
  none.shared = true;
  none.entries.push_back({"state", "first-rules", "true"});
  REQUIRE(w.book.open(none).has_value());
  REQUIRE(other.open(none).has_value());
  for (auto* book : {&w.book, &other}) {
    for (int i = 0; i < 120; ++i) {
      book->flowAlert("team", "flow-" + std::to_string(i), "late", Severity::info, "It is late", true);
      book->tick();
    }
    CHECK(book->all().size() == 120);
  }
  std::set<std::int64_t> numbers;
  for (const auto& alert : w.book.all()) numbers.insert(alert.number);
  for (const auto& alert : other.all()) numbers.insert(alert.number);
  CHECK(numbers.size() == 240);
  CHECK(*numbers.begin() == 1);
}

TEST_CASE("While the store gives no numbers an alert waits, and is told when it has one") {
  Watched w;
  w.store.away = true;
  store::AlertStore::All none;
  none.shared = true;
  none.entries.push_back({"state", "first-rules", "true"});
  REQUIRE(w.book.open(none).has_value());
  const auto raise = [&w](const std::string& flow, bool raised) {
    w.book.flowAlert("team", flow, "late", Severity::warning, "It is late", raised);
    w.book.tick();
  };
  raise("one", true);
  raise("one", true);
  raise("two", true);
  raise("two", false);
  CHECK(w.book.all().empty());
  REQUIRE(w.store.asked.size() == 1);
  w.store.asked.front().complete(fail("storage.unavailable", "it has gone away"));
  w.store.away = false;
  w.book.tick();
  w.book.tick();
  REQUIRE(w.book.all().size() == 1);
  CHECK(w.book.all().front().flow == "one");
  CHECK(w.book.all().front().number == 1);
}

TEST_CASE("An alert is acknowledged and silenced; a silent one is told to nobody") {
  Watched w;
  REQUIRE(w.book.open({}).has_value());
  CHECK(w.ask("PUT", "/api/v1/channels/hook", R"({"kind": "webhook", "url": "https://example.com/hook"})").status ==
        200);
  const auto raise = [&w](bool raised) {
    w.book.flowAlert("team", "orders", "late", Severity::warning, "It is late", raised);
    w.book.tick();
    w.book.tick();
  };
  std::string told;
  w.book.whenChanged([&told](const Alert& alert) { told += alert.clearedAt ? "cleared " : "raised "; });
  raise(true);
  raise(true);
  CHECK(w.receiver.requests.size() == 1);
  CHECK(w.ask("POST", "/api/v1/alerts/1/acknowledge").at("/acknowledgedAt") != "(nothing)");
  const auto silent = w.ask("POST", "/api/v1/alerts/1/silence", R"({"forMs": 60000})");
  CHECK(silent.status == 200);
  CHECK(silent.at("/silencedUntil") != "(nothing)");
  raise(false);
  raise(true);
  CHECK(w.receiver.requests.size() == 1);
  CHECK(w.book.all().size() == 2);
  w.place.clock.passMs(61'000);
  raise(false);
  CHECK(w.receiver.requests.size() == 2);
  // Who watches is told of silent ones as well.
  CHECK(told == "raised cleared raised cleared ");
  CHECK(w.ask("POST", "/api/v1/alerts/1/silence", R"({"forMs": "long"})").status == 400);
  CHECK(w.ask("POST", "/api/v1/alerts/1/silence", "[]").status == 400);
  CHECK(w.ask("GET", "/api/v1/alerts/7").status == 404);
  CHECK(w.ask("GET", "/api/v1/alerts/x").status == 404);
  const auto first = w.ask("GET", "/api/v1/alerts?limit=1");
  CHECK(first.json.root().find("alerts")->count() == 1);
  CHECK(w.ask("GET", "/api/v1/alerts?limit=1&before=" + first.at("/next")).at("/alerts/0/number") == "1");
}

TEST_CASE("A channel gets what concerns its folder and is bad enough; it keeps no credential itself") {
  Watched w;
  REQUIRE(w.book.open({}).has_value());
  CHECK(w.ask("PUT", "/api/v1/channels/mail",
              R"({"kind": "mail", "server": "smtp.example.com", "from": "weir@example.com", "to": ["ops@example.com"],
                  "user": "weir", "password": "${secret:SMTP}", "folder": "team", "severity": "critical"})")
            .status == 200);
  w.book.flowAlert("team/a", "orders", "worse", Severity::critical, "<b>", true);
  w.book.flowAlert("team/a", "orders", "bad", Severity::warning, "", true, 11.5);
  CHECK(w.ask("GET", "/api/v1/alerts").at("/alerts/0/value") == "11.5");
  w.book.flowAlert("team/a", "orders", "bad", Severity::info, "", false);
  CHECK(w.ask("GET", "/api/v1/alerts").at("/alerts/0/value") == "11.5");  // nobody measured it again
  w.book.flowAlert("teams", "orders", "worse", Severity::critical, "", true);
  for (int i = 0; i < 5; ++i) w.book.tick();
  REQUIRE(w.mail.sent().size() == 1);
  CHECK(w.mail.sent()[0].subject == "[critical] team/a/orders: worse");
  CHECK(w.mail.sent()[0].to == std::vector<std::string>{"ops@example.com"});
  const auto refused = w.ask("PUT", "/api/v1/channels/slack",
                             R"({"kind": "slack", "url": "https://hooks.example.com/", "path": "T0/B0/canary"})");
  CHECK(refused.status == 422);
  CHECK(refused.at("/detail").contains("${secret:NAME}"));
  CHECK_FALSE(refused.text.contains("canary"));
  for (const auto* bad : {R"({"kind": "pigeon"})", R"({"kind": "webhook", "url": "file:///etc/passwd"})",
                          R"({"kind": "webhook"})", R"({"kind": "mail", "server": "x", "from": "a@b.c", "to": []})",
                          R"({"kind": "mail", "server": "x", "from": "a@b.c\r\nBcc: x@y", "to": ["a@b.c"]})",
                          R"({"kind": "mail", "server": "x", "from": "A\r\nBcc: x@y <a@b.c>", "to": ["a@b.c"]})",
                          R"({"kind": "mail", "server": "x", "from": "a@b.c", "to": ["d@e.f>\r\nRCPT TO:<evil@x.y"]})",
                          R"({"kind": "mail", "server": "x", "from": "a@b.c", "to": ["\u00fc@ex\u00e4mple.org"]})",
                          R"({"kind": "mail", "server": "smtp://x", "from": "a@b.c", "to": ["a@b.c"]})",
                          R"({"kind": "mail", "server": "x:0", "from": "a@b.c", "to": ["a@b.c"]})",
                          R"({"kind": "webhook", "url": "https://a.b/", "headers": {"a b": "c"}})",
                          R"({"kind": "webhook", "url": "https://a.b/", "headers": {"a": "b\r\nc: d"}})",
                          R"({"kind": "webhook", "colour": 1})"}) {
    CAPTURE(bad);
    const auto answer = w.ask("PUT", "/api/v1/channels/x", bad);
    CHECK(answer.status == 422);
    CHECK(answer.at("/code") == "alert.channel");
  }
  for (const auto* folder : {"/a", "a/", "a//b", "a/../b"}) {
    CAPTURE(folder);
    const auto in = R"(, "folder": ")" + std::string(folder) + "\"}";
    CHECK(w.ask("PUT", "/api/v1/channels/x", R"({"kind": "slack", "url": "https://a.b/")" + in).at("/code") ==
          "api.folder");
    CHECK(w.ask("PUT", "/api/v1/alert-rules/x", R"({"metric": "weir_flow_runs", "over": 1)" + in).at("/code") ==
          "api.folder");
  }
  CHECK(w.ask("PUT", "/api/v1/channels/named",
              R"({"kind": "mail", "server": "[::1]:25", "from": "Weir Team <a@b.c>", "to": ["Ops <o@p.q>"]})")
            .status == 200);
  CHECK(w.ask("DELETE", "/api/v1/channels/mail").status == 204);
  CHECK(w.ask("DELETE", "/api/v1/channels/mail").status == 404);
}

TEST_CASE("S11: a channel goes in the clear to this machine alone, and its address is not shown again") {
  Watched w;
  REQUIRE(w.book.open({}).has_value());
  const auto put = [&](const std::string& body) { return w.ask("PUT", "/api/v1/channels/hook", body); };
  for (const auto* url :
       {"http://hooks.example.com/in", "http://10.0.0.7/in", "http://127.0.0.1@x.org/", "http://127.example.com/"}) {
    CAPTURE(url);
    const auto refused = put(R"({"kind": "webhook", "url": ")" + std::string(url) + R"("})");
    CHECK(refused.status == 422);
    CHECK(refused.at("/code") == "server.insecure");
    CHECK(refused.at("/detail").contains("--insecure-transport"));
  }
  for (const auto* url : {"http://127.0.0.1:9/in", "http://localhost/in", "http://[::1]/in", "https://example.com/"}) {
    CAPTURE(url);
    CHECK(put(R"({"kind": "webhook", "url": ")" + std::string(url) + R"("})").status == 200);
  }
  const auto* whole = R"({"kind": "slack", "url": "https://hooks.example.com/services/T0/canary?k=canary",
                          "headers": {"X-Token": "canary", "X-Key": "${secret:KEY}"}})";
  CHECK_FALSE(put(whole).text.contains("canary"));
  const auto shown = w.ask("GET", "/api/v1/channels");
  CHECK_FALSE(shown.text.contains("canary"));
  CHECK(shown.at("/channels/0/channel/url") == "https://hooks.example.com/***");
  CHECK(shown.at("/channels/0/channel/headers/X-Key") == "${secret:KEY}");
  // Who changes something else gives back what was shown.
  CHECK(put(R"({"kind": "slack", "url": "https://hooks.example.com/***", "severity": "critical",
                "headers": {"X-Token": "***"}})")
            .status == 200);
  w.book.flowAlert("", "orders", "late", Severity::critical, "", true);
  for (int i = 0; i < 3; ++i) w.book.tick();
  REQUIRE(w.receiver.requests.size() == 1);
  CHECK(w.receiver.requests[0].url == "https://hooks.example.com/services/T0/canary?k=canary");
  CHECK(w.receiver.requests[0].headers.front().value == "canary");
  // One that was kept before there was this rule is not told, and says why.
  Channel old;
  old.id = "old";
  old.url = "http://example.com/";
  REQUIRE(w.book.putChannel(old, {}).take());
  w.book.flowAlert("", "orders", "later", Severity::critical, "", true);
  for (int i = 0; i < 3; ++i) w.book.tick();
  CHECK(w.ask("GET", "/api/v1/channels").at("/channels/1/problem").contains("--insecure-transport"));
  w.notifier.allowInsecureTransport();
  CHECK(put(R"({"kind": "webhook", "url": "http://hooks.example.com/in"})").status == 200);
}

TEST_CASE("A notice is tried again while its receiver is away, and a test says what is wrong") {
  Watched w;
  REQUIRE(w.book.open({}).has_value());
  CHECK(w.ask("PUT", "/api/v1/channels/hook", R"({"kind": "slack", "url": "https://example.com/hook"})").status == 200);
  w.receiver.answers.push_back(HttpResponse{.status = 503});
  w.receiver.answers.push_back(fail("network.unreachable", "away", true));
  w.book.flowAlert("", "orders", "late", Severity::warning, "<!channel> & more", true);
  w.book.tick();
  w.book.tick();
  CHECK(w.ask("GET", "/api/v1/channels").at("/channels/0/problem").contains("503"));
  CHECK(w.receiver.requests.size() == 1);  // not at once
  for (int i = 0; i < 10; ++i) {
    w.place.clock.passMs(1000);
    w.book.tick();
  }
  CHECK(w.receiver.requests.size() == 3);
  CHECK(w.receiver.requests[2].body.contains("&lt;!channel&gt; &amp; more"));
  CHECK(w.notifier.idle());
  const auto text = w.registry.text();
  CHECK(text.contains(R"(weir_alert_notices_total{channel="hook",outcome="retried"} 2)"));
  CHECK(text.contains(R"(weir_alert_notices_total{channel="hook",outcome="sent"} 1)"));
  CHECK(w.ask("POST", "/api/v1/channels/hook/test").at("/sent") == "true");
  CHECK(w.receiver.requests.back().body.contains("A test of this channel"));
  // A program can tell it from an alert.
  CHECK(w.ask("PUT", "/api/v1/channels/other",
              R"({"kind": "webhook", "url": "https://example.com/hook", "folder": "team"})")
            .status == 200);
  CHECK(w.ask("POST", "/api/v1/channels/other/test").at("/sent") == "true");
  CHECK(w.receiver.requests.back().body.starts_with(R"({"type":"alert.test")"));
  CHECK(w.receiver.requests.back().body.contains(R"("folder":"team")"));
  w.receiver.answers.push_back(HttpResponse{.status = 403});
  const auto refused = w.ask("POST", "/api/v1/channels/hook/test");
  CHECK(refused.at("/sent") == "false");
  CHECK(refused.at("/message").contains("403"));
}
