// Lists of people, groups, grants and tokens: pages, words and filters, and what is refused.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "service/auth/people.test.h"

namespace weir::auth {
namespace {

/// The members of that name on all pages of a list, with | between pages.
std::string paged(FakeServer& server, const std::string& secret, const std::string& target, const std::string& list,
                  const std::string& member) {
  std::string all, cursor;
  for (int pages = 0; pages < 50; ++pages) {
    const auto joint = target.contains('?') ? "&" : "?";
    const auto answer =
        server.ask("GET", target + (cursor.empty() ? "" : joint + ("cursor=" + cursor)), {}, withSession(secret));
    if (answer.status != 200) return std::to_string(answer.status) + " " + answer.at("/code");
    const auto& root = answer.json.root();
    for (const auto& one : *root.find(list)->asArray()) all += *one.find(member)->asString() + " ";
    const auto* next = root.find("next");
    if (next == nullptr) return all;
    cursor = *next->asString();
    all += "| ";
  }
  return all;
}

/// root, who administers, and four others, two of them in a group.
struct Crowd {
  Crowd() {
    server.addUser("root", true);
    server.addGrant("root", Role::administrator, {});
    for (const auto* name : {"dora", "Bert", "anna", "carl"}) server.addUser(name);
    User named = *server.directory.user("carl");
    named.fullName = "Carl \xC3\x84rger";
    server.keep({.users = {named}, .groups = {{"g1", "sales", {"anna", "Bert"}, ""}, {"g2", "Ops", {"anna"}, ""}}});
    secret = server.enter("root");
  }
  std::string listed(const std::string& target, const std::string& list, const std::string& member = "name") {
    return paged(server, secret, "/api/v1" + target, list, member);
  }
  FakeServer server;
  std::string secret;
};

}  // namespace

TEST_CASE("users and groups are listed by name, page after page, by words and by each other") {
  Crowd crowd;
  CHECK(crowd.listed("/users", "users") == "anna Bert carl dora root ");
  CHECK(crowd.listed("/users?limit=2", "users") == "anna Bert | carl dora | root ");
  CHECK(crowd.listed("/users?limit=5", "users") == "anna Bert carl dora root ");
  CHECK(crowd.listed("/users?search=%C3%A4RG%20carl", "users") == "carl ");
  CHECK(crowd.listed("/users?search=nobody", "users").empty());
  CHECK(crowd.listed("/users?group=g1", "users") == "anna Bert ");
  CHECK(crowd.listed("/users?group=g1&limit=1", "users") == "anna | Bert ");
  CHECK(crowd.listed("/users?group=none", "users").empty());
  CHECK(crowd.listed("/groups?limit=1", "groups") == "Ops | sales ");
  CHECK(crowd.listed("/groups?user=Bert", "groups") == "sales ");
  CHECK(crowd.listed("/groups?search=op", "groups") == "Ops ");
}

TEST_CASE("grants are listed by whom they are to, where, and as what, and only where the caller may grant") {
  Crowd crowd;
  for (const auto& [id, user, role, folder] :
       {std::tuple{"a1", "anna", Role::viewer, "team"}, std::tuple{"a2", "anna", Role::editor, "team/east"},
        std::tuple{"a3", "carl", Role::administrator, "team"}, std::tuple{"a4", "carl", Role::viewer, "teams"}}) {
    crowd.server.keep({.grants = {{id, {user, false, role, {folder, {}}}, "test", 0}}});
  }
  crowd.server.keep({.grants = {{"a5", {"g1", true, Role::viewer, {"team", {}}}, "test", 0}}});
  CHECK(crowd.listed("/grants?folder=team&limit=2", "grants", "id") == "a1 a2 | a3 a5 ");
  CHECK(crowd.listed("/grants?user=anna", "grants", "id") == "a1 a2 ");
  CHECK(crowd.listed("/grants?group=g1", "grants", "id") == "a5 ");
  CHECK(crowd.listed("/grants?role=viewer&folder=team", "grants", "id") == "a1 a5 ");
  CHECK(crowd.listed("/grants?flow=orders", "grants", "id").empty());
  CHECK(crowd.listed("/grants?role=king", "grants", "id") == "400 api.query");
  const auto carl = crowd.server.enter("carl");
  CHECK(paged(crowd.server, carl, "/api/v1/grants?limit=1", "grants", "id") == "a1 | a2 | a3 | a5 ");
  CHECK(paged(crowd.server, crowd.server.enter("anna"), "/api/v1/grants", "grants", "id").empty());
}

TEST_CASE("tokens and sessions are those of one person, in pages") {
  Crowd crowd;
  for (int i = 0; i < 60; ++i) crowd.server.addToken("root", {"flow.read"});
  crowd.server.addToken("anna", {"flow.read"});
  const auto count = [&crowd](const std::string& target) {
    const auto ids = crowd.listed(target, "tokens", "id");
    return std::pair(std::ranges::count(ids, ' ') - std::ranges::count(ids, '|'), std::ranges::count(ids, '|'));
  };
  CHECK(count("/tokens") == std::pair<std::ptrdiff_t, std::ptrdiff_t>(60, 1));
  CHECK(count("/tokens?limit=25") == std::pair<std::ptrdiff_t, std::ptrdiff_t>(60, 2));
  CHECK(count("/users/anna/tokens") == std::pair<std::ptrdiff_t, std::ptrdiff_t>(1, 0));
  static_cast<void>(crowd.server.enter("root"));
  const auto sessions = crowd.listed("/me/sessions?limit=1", "sessions", "id");
  CHECK(std::ranges::count(sessions, '|') == 1);
}

TEST_CASE("a page of no size, and a cursor that the list has not given, are refused") {
  Crowd crowd;
  for (const auto* list : {"users", "groups", "grants", "tokens"}) {
    const auto target = "/" + std::string(list);
    for (const auto* bad : {"limit=0", "limit=501", "limit=-1", "limit=many", "limit=", "limit=1&limit=2",
                            "cursor=%21%21", "cursor=bm9uZQ", "cursor=12", "page=2"}) {
      CHECK_MESSAGE(crowd.listed(target + "?" + bad, list) == "400 api.query", target << "?" << bad);
    }
  }
  const auto page = crowd.server.ask("GET", "/api/v1/users?limit=1", {}, withSession(crowd.secret));
  const auto next = page.at("/next");
  CHECK(crowd.listed("/groups?cursor=" + next, "groups") == "400 api.query");
  CHECK(crowd.listed("/users?cursor=" + next, "users") == "Bert carl dora root ");
  // What is no text, and what holds a NUL.
  CHECK(crowd.listed("/users?cursor=dXNlcnMK_w", "users") == "400 api.query");
  CHECK(crowd.listed("/users?cursor=dXNlcnMKAA", "users") == "400 api.query");
  // Whoever it ended with may have gone meanwhile.
  crowd.server.keep({.goneUsers = {"anna"}});
  CHECK(crowd.listed("/users?cursor=" + next, "users") == "Bert carl dora root ");
}

}  // namespace weir::auth
