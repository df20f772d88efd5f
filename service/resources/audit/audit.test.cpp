// Tests of the audit log's table: every route that changes something is told of, and refusals are.
#include <doctest/doctest.h>

#include <set>

#include "service/api/auditor.h"
#include "service/api/handlers.h"
#include "service/auth/people.test.h"
#include "service/resources/audit/audited.h"
#include "service/resources/audit/server-auditor.h"

namespace weir::api {
namespace {

class KeptLog final : public store::AuditLog {
 public:
  Operation<Unit> append(std::vector<store::AuditEntry> entries, Waker) override {
    if (broken) return Operation<Unit>::finished(fail("storage.unavailable", "the database has gone away"));
    for (auto& entry : entries) kept.push_back(std::move(entry));
    return Operation<Unit>::finished(Unit{});
  }
  Operation<std::vector<store::AuditRecord>> list(store::AuditQuery, Waker) override {
    return Operation<std::vector<store::AuditRecord>>::finished(std::vector<store::AuditRecord>{});
  }
  Operation<store::AuditCheck> verify(Waker) override {
    return Operation<store::AuditCheck>::finished(store::AuditCheck{});
  }
  std::vector<store::AuditEntry> kept;
  bool broken = false;
};

Job<Response> noted(Call& call) {
  call.place = auth::Place{"team", {}};
  noteChange(call, "/api/v1/channels/made", R"({"kind":"mail"})");
  co_return jsonAnswer("{}", call.body == "{}" ? 200 : 422);
}

Job<Response> changed(Call&) { co_return jsonAnswer("{}").with("etag", "\"8\""); }

/// A server's routes, of which one only says that it has changed something.
const RouteTable& changing() {
  static const Route kRoute{.method = "PUT",
                            .pattern = "/channels/{channel}",
                            .operation = "putChannel",
                            .permission = "server.admin",
                            .summary = "",
                            .takes = "Channel",
                            .gives = "",
                            .handler = changed,
                            .object = Object::server};
  static const RouteTable kTable{std::span(&kRoute, 1)};
  return kTable;
}

/// The same, but its entry goes along with its change.
const RouteTable& noting() {
  static const Route kRoute = [] {
    auto route = *changing().all().front();
    route.handler = noted;
    return route;
  }();
  static const RouteTable kTable{std::span(&kRoute, 1)};
  return kTable;
}

struct AuditedServer : auth::FakeServer {
  explicit AuditedServer(const RouteTable& routes = serverRoutes()) : FakeServer(routes) {
    addUser("root", true);
    addUser("anna");
    addGrant("anna", auth::Role::editor, {"team", {}});
    api.services().auditor = &auditor;
    server.audit = &log;
  }
  KeptLog log;
  ServerAuditor auditor{log, clock};
};

}  // namespace

TEST_CASE("every route that changes something is in the table of what is audited") {
  std::set<std::string_view> operations;
  for (const auto* route : serverRoutes().all()) {
    CAPTURE(route->operation);
    operations.insert(route->operation);
    // A route that is new here needs a row in service/resources/audit/audited.cpp.
    if (route->method != "GET") CHECK(auditedOf(route->operation) != nullptr);
    // So does one that shows data of a flow, at once or as a stream, also where data.read is not asked for and
    // sensitive fields are masked. An execution belongs to its caller alone, and figures and states are no data.
    static const std::set<std::string_view> kFigures{"readExecution", "readStreams",   "watchMetrics",
                                                     "watchAlerts",   "watchProgress", "execute"};
    static const std::set<std::string_view> kRows{"Preview", "HeldRows", "DeadLetters", "AllDeadLetters", "RunLogs"};
    const bool streams = route->type == kEvents && !kFigures.contains(route->operation);
    if (streams || kRows.contains(route->gives) ||
        (route->permission == "data.read" && route->operation != "readExecution")) {
      REQUIRE(auditedOf(route->operation) != nullptr);
      CHECK(auditedOf(route->operation)->how == Audited::How::read);
    }
  }
  for (const auto& audited : auditedRoutes()) {
    CAPTURE(audited.operation);
    const bool tells = audited.how == Audited::How::change || audited.how == Audited::How::read ||
                       audited.how == Audited::How::inStore;
    CHECK(audited.action.empty() != tells);
  }
}

TEST_CASE("a change is told with who, whence, which request and which states") {
  AuditedServer server(changing());
  auto headers = auth::withSession(server.enter("root"));
  headers.push_back({"x-request-id", "r-1"});
  headers.push_back({"if-match", "\"7\""});
  CHECK(server.ask("PUT", "/api/v1/channels/mail", R"({"url": "https://hook/canary"})", headers).status == 200);
  REQUIRE(server.log.kept.size() == 1);
  const auto& entry = server.log.kept.front();
  CHECK(entry.action == "channel.changed");
  CHECK(entry.object == "channel:mail");
  CHECK(entry.actor == "root");
  CHECK(entry.credential.starts_with("s:"));
  CHECK(entry.address == "10.0.0.7");
  CHECK(entry.request == "r-1");
  CHECK(entry.detail == R"({"status":200,"before":"\"7\"","after":"\"8\""})");
}

TEST_CASE("refusals of known callers and wrong tokens are told, at most sixty a minute") {
  AuditedServer server;
  const auto anna = auth::withSession(server.enter("anna"));
  CHECK(server.ask("GET", "/api/v1/users", {}, anna).status == 403);
  CHECK(server.ask("GET", "/api/v1/flows/other-flow", {}, anna).status == 404);
  CHECK(server.ask("GET", "/api/v1/users", {}, auth::withToken("weir_pat_wrong")).status == 401);
  CHECK(server.ask("GET", "/api/v1/users").status == 401);
  REQUIRE(server.log.kept.size() == 3);
  CHECK(server.log.kept[0].action == "request.refused");
  CHECK(server.log.kept[0].detail.contains("auth.denied"));
  CHECK(server.log.kept[2].actor.empty());
  for (int i = 0; i < 200; ++i) static_cast<void>(server.ask("GET", "/api/v1/users", {}, anna));
  CHECK(server.log.kept.size() == 61);
  server.clock.passMs(ServerAuditor::kWindowMs);
  CHECK(server.ask("GET", "/api/v1/users", {}, anna).status == 403);
  CHECK(server.log.kept.back().detail.contains(R"("leftOut":)"));
}

TEST_CASE("who reads the same again has an entry a minute, which says how many reads it stands for") {
  AuditedServer server;
  const auto root = auth::withSession(server.enter("root")), other = auth::withSession(server.enter("root"));
  for (int i = 0; i < 50; ++i) CHECK(server.ask("GET", "/api/v1/audit", {}, root).status == 200);
  REQUIRE(server.log.kept.size() == 1);
  CHECK(server.log.kept[0].action == "audit.read");
  CHECK_FALSE(server.log.kept[0].detail.contains("repeated"));
  CHECK(server.ask("GET", "/api/v1/audit", {}, other).status == 200);
  CHECK(server.log.kept.size() == 2);
  server.clock.passMs(ServerAuditor::kWindowMs);
  CHECK(server.ask("GET", "/api/v1/audit", {}, root).status == 200);
  REQUIRE(server.log.kept.size() == 3);
  CHECK(server.log.kept[2].detail.contains(R"("repeated":49)"));
}

TEST_CASE("an entry that goes along with its change is told once, and without a place for that when it was made") {
  AuditedServer server(noting());
  const auto root = auth::withSession(server.enter("root"));
  CHECK(server.ask("PUT", "/api/v1/channels/mail", "{}", root).status == 200);
  REQUIRE(server.log.kept.size() == 1);
  CHECK(server.log.kept.front().detail.contains("\"status\":200"));
  std::vector<store::AuditEntry> along;
  ServerAuditor auditor(server.log, server.clock, [&](store::AuditEntry entry) { along.push_back(std::move(entry)); });
  server.api.services().auditor = &auditor;
  CHECK(server.ask("PUT", "/api/v1/channels/mail", "{}", root).status == 200);
  CHECK(server.ask("PUT", "/api/v1/channels/mail", "[]", root).status == 422);
  CHECK(server.log.kept.size() == 1);
  REQUIRE(along.size() == 2);
  CHECK(along.front().action == "channel.changed");
  CHECK(along.front().object == "channel:mail");
  CHECK(along.front().folder == "team");
  CHECK(along.front().detail == R"({"location":"/api/v1/channels/made","was":{"kind":"mail"}})");
  server.api.services().auditor = &server.auditor;
}

TEST_CASE("what cannot be written in the log is not answered as if it had been") {
  AuditedServer server(changing());
  server.log.broken = true;
  const auto answer = server.ask("PUT", "/api/v1/channels/mail", "{}", auth::withSession(server.enter("root")));
  CHECK(answer.status == 503);
  CHECK(answer.at("/detail").contains("audit log"));
}

}  // namespace weir::api
