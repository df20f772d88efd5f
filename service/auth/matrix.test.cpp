// S1: the matrix of every route of the table and every role, made of the table itself.
#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <set>

#include "service/auth/people.test.h"

namespace weir::auth {
namespace {

api::Job<api::Response> reached(api::Call&) {
  return api::Response{.status = 299, .headers = {}, .body = "{}", .stream = nullptr};
}

/// All routes of a server with handlers that only say that they were reached: what is tested is the gate.
struct Table {
  Table() {
    for (const auto* route : api::serverRoutes().all()) {
      routes.push_back(*route);
      routes.back().handler = reached;
    }
  }
  std::vector<api::Route> routes;
};

const Table& table() {
  static const Table kTable;
  return kTable;
}

const api::RouteTable& gated() {
  static const api::RouteTable kRoutes{table().routes};
  return kRoutes;
}

/// Somebody of the matrix: what they hold in `team`, and whether they administer the server.
struct Somebody {
  std::string_view name;
  std::optional<Role> role;
  bool administersServer = false;
};
constexpr std::array<Somebody, 7> kPeople{{{"stranger", {}, false},
                                           {"viewer", Role::viewer, false},
                                           {"operator", Role::runner, false},
                                           {"editor", Role::editor, false},
                                           {"developer", Role::developer, false},
                                           {"admin", Role::administrator, false},
                                           {"root", {}, true}}};

PermissionSet heldBy(const Somebody& who) {
  auto held = who.role ? permissionsOf(*who.role) : PermissionSet{};
  if (who.administersServer) held |= PermissionSet{Permission::serverAdmin};
  return held;
}

/// The path of a route about the object of that name.
std::string pathOf(const api::Route& route, std::string_view object) {
  std::string path(api::kPrefix);
  auto pattern = route.pattern;
  bool first = true;
  while (!pattern.empty()) {
    const auto begin = std::min(pattern.find('{'), pattern.size());
    path += pattern.substr(0, begin);
    pattern.remove_prefix(begin);
    if (pattern.empty()) break;
    path += first ? object : "1";
    first = false;
    pattern.remove_prefix(pattern.find('}') + 1);
  }
  return path;
}

std::string_view objectName(api::Object object, bool own) {
  switch (object) {
    case api::Object::flow:
      return own ? "team-flow" : "other-flow";
    case api::Object::run:
      return own ? "run-team-flow" : "run-other-flow";
    case api::Object::folder:
      return own ? "team" : "other";
    case api::Object::none:
    case api::Object::self:
    case api::Object::server:
    case api::Object::inside:
      break;
  }
  return "x";
}

/// What the table says that the gate answers.
int expected(const api::Route& route, const Somebody& who, bool own) {
  const auto permission = permissionNamed(route.permission);
  const auto held = heldBy(who);
  switch (route.object) {
    case api::Object::self:
      return 299;
    case api::Object::none:
      return route.permission.empty() || route.method == "GET" || held.has(*permission) ? 299 : 403;
    case api::Object::inside:
      return route.method == "GET" || held.has(*permission) ? 299 : 403;
    case api::Object::server:
      if (who.administersServer) return 299;
      return permission == Permission::serverAdmin ? 403 : 404;
    case api::Object::flow:
    case api::Object::run:
    case api::Object::folder:
      break;
  }
  // Of a server's administrator no right to anything in it follows.
  if (own && held.has(*permission)) return 299;
  if (permission == Permission::serverAdmin) return held.has(*permission) ? 299 : 403;
  return own && held.has(Permission::flowRead) ? 403 : 404;
}

}  // namespace

TEST_CASE("S1: every route answers every role, and nobody, as the table of routes says") {
  FakeServer server(gated());
  std::map<std::string_view, std::string> sessions;
  for (const auto& who : kPeople) {
    server.addUser(std::string(who.name), who.administersServer);
    if (who.role) server.addGrant(std::string(who.name), *who.role, {"team", {}});
    sessions[who.name] = server.enter(std::string(who.name));
  }
  int checked = 0;
  for (const auto& route : table().routes) {
    CAPTURE(route.operation);
    for (const bool own : {true, false}) {
      const auto path = pathOf(route, objectName(route.object, own));
      const auto open = route.permission.empty() && route.object == api::Object::none;
      CHECK(server.ask(std::string(route.method), path, "{}").status == (open ? 299 : 401));
      for (const auto& who : kPeople) {
        CAPTURE(who.name);
        CAPTURE(own);
        const auto answer = server.ask(std::string(route.method), path, "{}", withSession(sessions[who.name]));
        CHECK(answer.status == expected(route, who, own));
        ++checked;
      }
    }
  }
  CHECK(checked == std::ssize(table().routes) * 14);
}

TEST_CASE("S1: every route says what its caller must hold, or is one of those that are known to be open") {
  // A new route with neither is a mistake until it stands here.
  const std::set<std::string_view> open{
      "getHealth", "getLive",    "getReady",        "getCapabilities",  "getSetup",
      "setUp",     "getSignIn",  "beginAtProvider", "comeFromProvider", "signOutFromProvider",
      "signIn",    "getOpenApi", "getDocs",         "getDocsFile",      "getMetrics"};
  const std::set<std::string_view> own{"getSession",        "confirmSession", "signOut",        "getMe",
                                       "changePassword",    "listSessions",   "endSession",     "listRoles",
                                       "confirmAtProvider", "linkProvider",   "unlinkProvider", "listTokens",
                                       "createToken",       "removeToken"};
  for (const auto& route : table().routes) {
    CAPTURE(route.operation);
    if (route.permission.empty()) {
      CHECK((route.object == api::Object::none ? open : own).contains(route.operation));
    } else {
      CHECK(permissionNamed(route.permission).has_value());
      if (route.object == api::Object::flow || route.object == api::Object::run ||
          route.object == api::Object::folder) {
        CHECK(route.pattern.contains('{'));
      }
    }
  }
}

TEST_CASE(
    "S1: a token opens what its scope and its owner's rights both allow, and a scope of folders closes the others") {
  FakeServer server(gated());
  server.addUser("anna", true);
  server.addGrant("anna", Role::developer, {});
  const auto narrow = server.addToken("anna", {"flow.read", "run.start", "folder.grant"}, {"team"});
  const auto wide = server.addToken("anna", {"flow.read", "flow.edit"});
  const auto status = [&](const char* method, const char* path, const std::string& token) {
    return server.ask(method, path, "{}", withToken(token)).status;
  };
  CHECK(status("GET", "/api/v1/flows/team-flow", narrow) == 299);
  CHECK(status("GET", "/api/v1/flows/other-flow", narrow) == 404);
  CHECK(status("GET", "/api/v1/flows/other-flow", wide) == 299);
  CHECK(status("PUT", "/api/v1/flows/team-flow", narrow) == 403);
  CHECK(status("PUT", "/api/v1/flows/team-flow", wide) == 299);
  CHECK(status("GET", "/api/v1/users", narrow) == 403);    // its owner administers the server, it does not
  CHECK(status("POST", "/api/v1/grants", narrow) == 403);  // in its scope, and not among its owner's rights
}

TEST_CASE("S13: who checks, previews or tries a flow needs the right to run one") {
  FakeServer server(gated());
  server.addUser("viewer");
  server.addGrant("viewer", Role::viewer, {"team", {}});
  server.addUser("runner");
  server.addGrant("runner", Role::runner, {"team", {}});
  const auto viewer = withSession(server.enter("viewer")), runner = withSession(server.enter("runner"));
  for (const auto* path : {"/api/v1/flows/validate", "/api/v1/execute", "/api/v1/flows/team-flow/preview",
                           "/api/v1/flows/team-flow/test", "/api/v1/flows/team-flow/runs"}) {
    CAPTURE(path);
    CHECK(server.ask("POST", path, "{}", viewer).status == 403);
    CHECK(server.ask("POST", path, "{}", runner).status == 299);
  }
}

TEST_CASE("S1: who was granted a flow does not get at runs of it that lie where it was before") {
  FakeServer server(gated());
  server.addUser("bob");
  server.addGrant("bob", Role::administrator, {{}, "team-flow"});
  server.places.runs["moved"] = {"other", "team-flow"};
  server.places.runs["gone"] = {"team", "no-such-flow"};
  server.addGrant("bob", Role::viewer, {{}, "no-such-flow"});
  const auto bob = withSession(server.enter("bob"));
  CHECK(server.ask("GET", "/api/v1/runs/run-team-flow/dead-letters", {}, bob).status == 299);
  for (const auto* path : {"/api/v1/runs/moved/dead-letters", "/api/v1/runs/gone/dead-letters"}) {
    CHECK(server.ask("GET", path, {}, bob).status == 404);
  }
  server.addUser("eva");
  server.addGrant("eva", Role::viewer, {"other", {}});
  CHECK(server.ask("GET", "/api/v1/runs/moved/dead-letters", {}, withSession(server.enter("eva"))).status == 299);
}

}  // namespace weir::auth
