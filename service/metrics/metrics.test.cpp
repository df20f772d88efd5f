// The metrics of a server: what they say, and that they never fall.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/api/fake-place.test.h"
#include "service/metrics/flow-metrics.h"
#include "service/metrics/http-metrics.h"
#include "service/metrics/process-metrics.h"
#include "service/resources/server-routes.h"
#include "service/resources/server.h"

using namespace weir;
using namespace weir::metrics;

namespace {

/// The value of the sample with exactly these labels; empty if there is none.
std::string valueOf(std::string_view text, const std::string& series) {
  const auto at = text.find("\n" + series + " ");
  if (at == std::string_view::npos) return {};
  const auto begin = at + series.size() + 2;
  return std::string(text.substr(begin, text.find('\n', begin) - begin));
}

std::string written(FlowMetrics& flows) {
  Exposition out;
  flows.write(out);
  return out.take();
}

RunFigures figures(std::int64_t rows, std::int64_t held = 0) {
  const auto run = runFiguresOf(
      R"({"deadLetters": 1, "errors": 2, "usedBytes": 100, "nodes": [{"id": "a", "rowsOut": )" + std::to_string(rows) +
      R"(, "busyNanos": 1500000000, "breaker": "open"}], "edges": [{"id": "e", "offered": )" + std::to_string(rows) +
      R"(, "held": )" + std::to_string(held) + R"(, "heldBytes": 64, "capacityRows": 1000}]})");
  REQUIRE(run.has_value());
  return *run;
}

const FlowName kOrders{"team", "orders"};

constexpr const char* kPage = "docs/reference/metrics.md";

std::string page() {
  std::string text =
      "# Metrics\n\nWhat `GET /metrics` of a server tells, in the text format of Prometheus. Labels are ids: `folder` "
      "and `flow` name\n"
      "a flow, `node` and `edge` its parts, `operation` a route of the [API](api.md). Counters never fall while the "
      "server runs,\n"
      "also when a run, or the engine that it runs in, begins anew. Nodes and edges have series in flows of together "
      "1,000 nodes at\n"
      "most; of the others there are the sums, and `weir_flows_without_detail` counts them.\n\n"
      "| name | type | labels | what it says |\n|---|---|---|---|\n";
  for (const auto& family : families()) {
    text.append("| `").append(family.name).append("` | ").append(nameOf(family.type)).append(" | ");
    text.append(family.labels.empty() ? "-" : family.labels).append(" | ").append(family.help).append(" |\n");
  }
  return text;
}

}  // namespace

TEST_CASE("The page about metrics says what the list of families says") {
  const auto all = families();
  CHECK(std::ranges::is_sorted(all, {}, &Family::name));
  for (const auto& family : all) {
    CAPTURE(family.name);
    CHECK(family.help.ends_with("."));
    CHECK(family.name.ends_with("_total") == (family.type == metrics::Type::counter));
  }
  if (std::getenv("WEIR_WRITE_DOCS") != nullptr) {
    std::ofstream(kPage) << page();
    return;
  }
  std::ifstream file(kPage);
  INFO("run build/release/test_service with WEIR_WRITE_DOCS=1 from the root of the repository");
  CHECK(std::string{std::istreambuf_iterator<char>(file), {}} == page());
}

TEST_CASE("Samples are written as Prometheus reads them, whatever the labels hold") {
  Registry registry;
  registry.counter("weir_http_requests_total", {"get\"Flow\\\n", "200"}).add(3);
  registry.gauge("process_threads").set(-2);
  registry.durations("weir_http_request_seconds", {"x"}).add(2'000'000);
  registry.durations("weir_http_request_seconds", {"x"}).add(60'000'000'000);
  const auto text = registry.text();
  CHECK(text.contains("# TYPE weir_http_requests_total counter\n"));
  CHECK(text.contains("# HELP weir_http_requests_total "));
  CHECK(valueOf(text, R"(weir_http_requests_total{operation="get\"Flow\\\n",status="200"})") == "3");
  CHECK(valueOf(text, "process_threads") == "-2");
  CHECK(valueOf(text, R"(weir_http_request_seconds_bucket{operation="x",le="0.001"})") == "0");
  CHECK(valueOf(text, R"(weir_http_request_seconds_bucket{operation="x",le="0.0025"})") == "1");
  CHECK(valueOf(text, R"(weir_http_request_seconds_bucket{operation="x",le="10"})") == "1");
  CHECK(valueOf(text, R"(weir_http_request_seconds_bucket{operation="x",le="+Inf"})") == "2");
  CHECK(valueOf(text, R"(weir_http_request_seconds_count{operation="x"})") == "2");
  CHECK(valueOf(text, R"(weir_http_request_seconds_sum{operation="x"})") == "60.002");
}

TEST_CASE("Series are added to by many threads and lose nothing") {
  Registry registry;
  auto& counter = registry.counter("weir_log_lines_total", {"info"});
  auto& took = registry.durations("weir_http_request_seconds", {"x"});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) {
        counter.add();
        took.add(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(counter.value() == 40'000);
  CHECK(took.count() == 40'000);
  CHECK(&counter == &registry.counter("weir_log_lines_total", {"info"}));
}

TEST_CASE("A counter of a flow never falls when its engine begins anew") {
  api::SetClock clock;
  FlowMetrics flows(clock);
  const std::string rows = R"(weir_node_rows_out_total{folder="team",flow="orders",node="a"})";
  const std::string sum = R"(weir_flow_rows_out_total{folder="team",flow="orders"})";
  flows.report("r1", kOrders, figures(100));
  flows.report("r1", kOrders, figures(150));
  CHECK(valueOf(written(flows), rows) == "150");
  flows.restarted("r1", kOrders);
  CHECK(valueOf(written(flows), rows) == "150");
  // More than before the restart, in its first report: all of it is new.
  flows.report("r1", kOrders, figures(200));
  CHECK(valueOf(written(flows), rows) == "350");
  // Nobody has told of a restart.
  flows.report("r1", kOrders, figures(50));
  flows.report("r2", kOrders, figures(7));
  flows.ended("r1", kOrders, "failed");
  flows.report("r2", kOrders, figures(8));
  const auto text = written(flows);
  CHECK(valueOf(text, rows) == "408");
  CHECK(valueOf(text, sum) == "408");
  CHECK(valueOf(text, R"(weir_flow_runs{folder="team",flow="orders"})") == "1");
  CHECK(valueOf(text, R"(weir_flow_run_restarts_total{folder="team",flow="orders"})") == "1");
  CHECK(valueOf(text, R"(weir_flow_runs_ended_total{folder="team",flow="orders",outcome="failed"})") == "1");
  CHECK(valueOf(text, R"(weir_node_breaker_open{folder="team",flow="orders",node="a"})") == "1");
  CHECK(valueOf(text, R"(weir_node_busy_seconds_total{folder="team",flow="orders",node="a"})") == "4.5");
}

TEST_CASE("A run with waiting rows that nobody takes is stuck; one that waits for input is not") {
  api::SetClock clock;
  FlowMetrics flows(clock);
  const std::string stuck = R"(weir_flow_stuck_seconds{folder="team",flow="orders"})";
  flows.report("r", kOrders, figures(10, 5));
  clock.passMs(30'000);
  flows.report("r", kOrders, figures(10, 5));
  CHECK(valueOf(written(flows), stuck) == "30");
  CHECK(valueOf(written(flows), R"(weir_flow_queue_rows{folder="team",flow="orders"})") == "5");
  CHECK(valueOf(written(flows), R"(weir_edge_queue_rows{folder="team",flow="orders",edge="e"})") == "5");
  flows.report("r", kOrders, figures(11, 5));
  CHECK(valueOf(written(flows), stuck) == "0");
  clock.passMs(30'000);
  flows.report("r", kOrders, figures(11, 0));
  CHECK(valueOf(written(flows), stuck) == "0");
  clock.passMs(9'000);
  CHECK(valueOf(written(flows), R"(weir_flow_report_age_seconds{folder="team",flow="orders"})") == "9");
  flows.ended("r", kOrders, "done");
  CHECK(valueOf(written(flows), stuck).empty());
  CHECK(valueOf(written(flows), R"(weir_edge_queue_rows{folder="team",flow="orders",edge="e"})") == "0");
}

TEST_CASE("The oldest row that waits, the last checkpoint, the journal and the lease are told") {
  api::SetClock clock;
  FlowMetrics flows(clock);
  const std::string labels = R"({folder="team",flow="orders"})";
  const auto look = [&](std::int64_t rows, std::int64_t held) {
    auto now = figures(rows, held);
    now.edges.front().counters[0] = rows;
    now.journalBytes = 4096;
    now.syncs = rows / 100;
    now.syncNanos = rows * 1'000'000;
    flows.report("r1", kOrders, now);
    clock.passMs(1000);
  };
  flows.leased("r1", kOrders, 3);
  look(100, 50);
  look(200, 50);  // the first fifty are dealt with, and more
  look(200, 50);
  // Of the last hundred half is left, given two looks ago.
  CHECK(valueOf(written(flows), "weir_flow_oldest_row_seconds" + labels) == "2");
  CHECK(valueOf(written(flows), "weir_flow_checkpoint_age_seconds" + labels) == "3");
  flows.checkpointed("r1", kOrders);
  CHECK(valueOf(written(flows), "weir_flow_checkpoint_age_seconds" + labels) == "0");
  CHECK(valueOf(written(flows), "weir_flow_lease_epoch" + labels) == "3");
  CHECK(valueOf(written(flows), "weir_flow_journal_bytes" + labels) == "4096");
  CHECK(valueOf(written(flows), "weir_flow_journal_syncs_total" + labels) == "2");
  CHECK(valueOf(written(flows), "weir_flow_journal_sync_seconds_total" + labels) == "0.2");
  look(200, 0);
  CHECK(valueOf(written(flows), "weir_flow_oldest_row_seconds" + labels) == "0");
  // Many looks keep little.
  for (int i = 0; i < 1000; ++i) look(300 + i, 90);
  CHECK(valueOf(written(flows), "weir_flow_oldest_row_seconds" + labels).size() <= 5);
}

TEST_CASE("Nodes have series up to 1,000 of them; other flows have sums, and get room when a flow rests") {
  api::SetClock clock;
  FlowMetrics flows(clock);
  RunFigures many;
  for (int i = 0; i < 600; ++i) many.nodes.push_back({"n" + std::to_string(i), {1, 1}});
  const FlowName other{"team", "other"};
  flows.report("r1", kOrders, many);
  flows.report("r2", other, many);
  auto text = written(flows);
  CHECK(valueOf(text, R"(weir_node_rows_in_total{folder="team",flow="orders",node="n599"})") == "1");
  CHECK(valueOf(text, R"(weir_node_rows_in_total{folder="team",flow="other",node="n0"})").empty());
  CHECK(valueOf(text, R"(weir_flow_rows_in_total{folder="team",flow="other"})") == "600");
  CHECK(valueOf(text, "weir_flows_without_detail") == "1");
  flows.ended("r1", kOrders, "done");
  flows.report("r2", other, many);
  text = written(flows);
  CHECK(valueOf(text, R"(weir_node_rows_in_total{folder="team",flow="orders",node="n0"})").empty());
  CHECK(valueOf(text, "weir_flows_without_detail") == "0");
  CHECK(valueOf(text, R"(weir_flow_rows_in_total{folder="team",flow="orders"})") == "600");
}

TEST_CASE("What rules look at is there before anything has gone wrong") {
  api::SetClock clock;
  FlowMetrics flows(clock);
  flows.leased("r1", kOrders, 1);
  flows.engineBegan("team");
  constexpr auto kFailed = R"(weir_flow_runs_ended_total{folder="team",flow="orders",outcome="failed"})";
  constexpr auto kRestarts = R"(weir_engine_restarts_total{folder="team"})";
  CHECK(valueOf(written(flows), kFailed) == "0");
  CHECK(valueOf(written(flows), kRestarts) == "0");
  flows.engineRestarted("team");
  flows.engineBegan("team");
  CHECK(valueOf(written(flows), kRestarts) == "1");
}

TEST_CASE("An engine that tells nonsense cannot break the metrics") {
  CHECK_FALSE(runFiguresOf("").has_value());
  CHECK_FALSE(runFiguresOf("[1]").has_value());
  const auto odd = runFiguresOf(
      R"({"deadLetters": -5, "errors": "many", "nodes": [1, {"id": 7, "rowsIn": -1}, {"id": ")" +
      std::string(300, 'x') +
      R"("}, {"id": "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789é"}], "edges": {}})");
  REQUIRE(odd.has_value());
  CHECK(odd->deadLetters == 0);
  CHECK(odd->errors == 0);
  REQUIRE(odd->nodes.size() == 3);
  CHECK(odd->nodes[0].counters[kRowsIn] == 0);
  CHECK(odd->nodes[1].id.size() == 200);
  api::SetClock clock;
  FlowMetrics flows(clock);
  flows.report("r", kOrders, *odd);
  CHECK(written(flows).contains("weir_flow_runs{"));
}

TEST_CASE("GET /metrics tells each family once, and answers this machine, or who has signed in") {
  struct Closed final : api::Gate {
    api::Job<api::Expected<Unit>> admit(api::Call& call) override {
      if (const auto* token = call.header("authorization")) call.principal.user = *token;
      co_return Unit{};
    }
    auth::PermissionSet permissionsAt(const auth::Principal& who, const auth::Place&) override {
      if (who.user == "ada") return auth::PermissionSet{auth::Permission::flowRead};
      if (who.user == "root") return auth::PermissionSet{auth::Permission::serverAdmin};
      return {};
    }
    api::Expected<void> mustHave(const auth::Principal&, auth::Permission, const auth::Place&,
                                 std::string_view) override {
      return {};
    }
    auth::Reach reachOf(const auth::Principal&, auth::Permission) override { return {}; }
    bool holdsSomewhere(const api::Call&) override { return false; }
    std::uint64_t epoch() const override { return 0; }
  };
  api::FakePlace place;
  Registry registry;
  HttpMetrics http(registry);
  FlowMetrics flows(place.clock);
  ProcessMetrics process(place.clock);
  registry.add(flows);
  registry.add(process);
  flows.report("r", kOrders, figures(10, 5));
  flows.engineRestarted("team");
  Closed gate;
  api::Server server{.metrics = &registry};
  api::Api api({}, {}, place.clock, place.catalogue, place.store, place.runner, {},
               {.routes = &api::serverRoutes(), .gate = &gate, .server = &server, .observer = &http});
  const auto ask = [&api](const std::string& remote, std::vector<api::Header> headers) {
    api::Request request{"GET", "/metrics", "", std::move(headers)};
    request.remote = remote;
    return api::answerOf(*api.begin(std::move(request)));
  };
  CHECK(ask("192.0.2.7", {}).status == 401);
  CHECK(ask("127.0.0.1", {{"x-forwarded-for", "192.0.2.7"}}).status == 401);
  CHECK(ask("192.0.2.7", {{"authorization", "ada"}}).status == 200);
  CHECK(ask("192.0.2.7", {{"authorization", "root"}}).status == 200);
  // The names of all folders are in it: not for somebody of one folder, wherever they ask from.
  CHECK(ask("192.0.2.7", {{"authorization", "eve"}}).status == 403);
  CHECK(ask("127.0.0.1", {{"authorization", "eve"}}).status == 403);
  const auto answer = ask("127.0.0.1", {{"accept", "application/openmetrics-text;version=1.0.0,*/*;q=0.1"}});
  CHECK(answer.status == 200);
  CHECK(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
  CHECK(valueOf(answer.text, R"(weir_http_requests_total{operation="getMetrics",status="401"})") == "2");
  CHECK(valueOf(answer.text, R"(weir_http_requests_total{operation="getMetrics",status="200"})") == "2");
  CHECK(valueOf(answer.text, R"(weir_http_requests_total{operation="getMetrics",status="403"})") == "2");
  std::set<std::string> told;
  for (std::size_t at = answer.text.find("# TYPE "); at != std::string::npos;
       at = answer.text.find("# TYPE ", at + 1)) {
    CHECK(told.insert(answer.text.substr(at + 7, answer.text.find(' ', at + 7) - at - 7)).second);
  }
  CHECK(told.contains("process_resident_memory_bytes"));
  CHECK(std::stod(valueOf(answer.text, "process_resident_memory_bytes")) > 1e6);
  CHECK(std::stod(valueOf(answer.text, "process_open_fds")) >= 3);
  CHECK(told.contains("weir_engine_restarts_total"));
}
