// POST /apply: all or none, once is as good as twice, and what was changed meanwhile is refused.
#include "service/resources/apply/apply.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "service/api/fake-place.test.h"
#include "service/resources/audit/server-auditor.h"
#include "service/resources/server.h"
#include "service/store/sql/audit-table.h"
#include "service/store/sql/sql-applier.h"
#include "service/store/sql/sql-store.h"

using namespace weir;
using namespace weir::api;

namespace {

/// A place that keeps its flows in a database of its own, which is gone with it.
struct KeptPlace {
  std::string folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "weir-apply-XXXXXX").string();
    WEIR_CHECK(mkdtemp(name.data()) != nullptr);
    return name;
  }();
  SetClock clock;
  Catalogue catalogue = twoNodes();
  std::unique_ptr<store::sql::Database> database = std::move(*store::sql::openSqlite(folder + "/weir.db", {}));
  store::sql::SqlStore store{*database, clock};
  store::sql::SqlApplier applier{*database, clock};
  Server server{};
  ScriptedRunner runner;
  RouteTable routes{commonRoutes(), applyRoutes()};
  Api api{FakePlace::placeOf(1 << 20), {}, clock, catalogue, store, runner, {}, {.routes = &routes, .server = &server}};

  KeptPlace() { server.applier = &applier; }
  ~KeptPlace() {
    database.reset();
    std::filesystem::remove_all(folder);
  }
  KeptPlace(const KeptPlace&) = delete;
  KeptPlace& operator=(const KeptPlace&) = delete;

  Answer ask(std::string method, std::string path, std::string_view body = {}, std::vector<Header> headers = {}) {
    const auto mark = std::min(path.find('?'), path.size());
    const auto query = path.substr(std::min(mark + 1, path.size()));
    const auto exchange = api.begin({std::move(method), path.substr(0, mark), query, std::move(headers)});
    if (exchange->takesBody()) {
      exchange->body(body);
      exchange->endBody();
    }
    while (exchange->answer() == nullptr) {
      std::this_thread::yield();
      exchange->step();
    }
    return answerOf(*exchange);
  }
  Answer apply(const std::string& flows, const std::string& rest = "") {
    return ask("POST", "/api/v1/apply", R"({"flows": [)" + flows + "]" + rest + "}");
  }
  std::string tag(const std::string& id) { return ask("GET", "/api/v1/flows/" + id).header("etag"); }
};

std::string wanted(const std::string& id, const std::string& description = "", const std::string& rest = "") {
  return R"({"document": )" + flowText(id, description) + rest + "}";
}

std::string believed(const std::string& tag) {
  return R"(, "ifMatch": ")" + std::string("\\") + tag.substr(0, tag.size() - 1) + "\\\"\"";
}

}  // namespace

TEST_CASE("Flows are kept and published as one, and applying them again changes nothing") {
  KeptPlace place;
  const auto both = wanted("a", "first", R"(, "folder": "team/x")") + "," + wanted("b");
  const auto made = place.apply(both, R"(, "message": "commit 1", "folder": "team")");
  CHECK(made.status == 200);
  CHECK(made.at("/flows/0/change") == "created");
  CHECK(made.at("/flows/0/folder") == "team/x");
  CHECK(made.at("/flows/0/version") == "1");
  CHECK(made.at("/flows/1/folder") == "team");
  CHECK(place.ask("GET", "/api/v1/flows/a/versions").at("/versions/0/message") == "commit 1");
  CHECK(place.ask("GET", "/api/v1/flows/a").at("/publishedVersion") == "1");
  const auto tag = place.tag("a");
  const auto again = place.apply(both, R"(, "message": "commit 1", "folder": "team")");
  CHECK(again.at("/flows/0/change") == "unchanged");
  CHECK(again.at("/flows/1/change") == "unchanged");
  CHECK(place.tag("a") == tag);
  CHECK(place.ask("GET", "/api/v1/flows/a/versions").json.root().find("versions")->count() == 1);
}

TEST_CASE("What changed is published, what moved is moved, what is gone goes into the bin and comes back") {
  KeptPlace place;
  CHECK(place.apply(wanted("a", "first") + "," + wanted("b") + "," + wanted("c")).status == 200);
  const auto next = place.apply(wanted("a", "second") + "," + wanted("b", "", R"(, "folder": "team")"),
                                R"(, "remove": [{"id": "c"}, {"id": "none"}])");
  CHECK(next.at("/flows/0/change") == "changed");
  CHECK(next.at("/flows/0/version") == "2");
  CHECK(next.at("/flows/1/change") == "moved");
  CHECK(place.ask("GET", "/api/v1/flows/b").at("/folder") == "team");
  CHECK(next.at("/flows/2/change") == "removed");
  CHECK(next.at("/flows/3/change") == "unchanged");
  CHECK(place.ask("GET", "/api/v1/flows?bin=true").at("/flows/0/id") == "c");
  const auto back = place.apply(wanted("c", "back"));
  CHECK(back.at("/flows/0/change") == "restored");
  CHECK(place.ask("GET", "/api/v1/flows/c").at("/description") == "back");
}

TEST_CASE("A draft that was only saved is published when it is applied; without publishing it is only saved") {
  KeptPlace place;
  CHECK(place.apply(wanted("a"), R"(, "publish": false)").at("/flows/0/version") == "0");
  CHECK(place.apply(wanted("a"), R"(, "publish": false)").at("/flows/0/change") == "unchanged");
  const auto published = place.apply(wanted("a"));
  CHECK(published.at("/flows/0/change") == "published");
  CHECK(published.at("/flows/0/version") == "1");
}

TEST_CASE("All or none: one flow that was changed meanwhile, or cannot run, leaves the others as they were") {
  KeptPlace place;
  CHECK(place.apply(wanted("a", "first") + "," + wanted("b", "first")).status == 200);
  const auto old = place.tag("b");
  CHECK(place.ask("PUT", "/api/v1/flows/b", flowText("b", "elsewhere"), {{"if-match", "*"}}).status == 200);
  const auto changed = place.apply(wanted("a", "second") + "," + wanted("b", "second", believed(old)));
  CHECK(changed.status == 412);
  CHECK(changed.at("/code") == "storage.changed");
  CHECK(place.ask("GET", "/api/v1/flows/a").at("/description") == "first");
  CHECK(place.apply(wanted("a", "second") + "," + wanted("b", "x", R"(, "ifMatch": null)")).status == 412);
  const std::string broken =
      R"({"document": {"id": "c", "version": "1.0.0", "nodes": [{"id": "x", "typeId": "test/none", "version": "1.0.0", "settings": {}}], "edges": []}})";
  CHECK(place.apply(wanted("a", "second") + "," + broken).status == 422);
  CHECK(place.ask("GET", "/api/v1/flows/a").at("/description") == "first");
  CHECK(place.ask("GET", "/api/v1/flows/c").status == 404);
  const auto good = place.apply(wanted("a", "second") + "," + wanted("b", "second", believed(place.tag("b"))));
  CHECK(good.status == 200);
}

TEST_CASE("What is wrong with one flow of several says whose it is, and where it stands in the request") {
  KeptPlace place;
  const auto node = [](const std::string& type, const std::string& settings) {
    return R"({"document": {"id": "bad", "version": "1.0.0", "nodes": [{"id": "x", "typeId": ")" + type +
           R"(", "version": "1.0.0", "settings": )" + settings + "}], \"edges\": []}}";
  };
  const auto unknown = place.apply(wanted("good") + "," + node("test/none", "{}"));
  CHECK(unknown.status == 422);
  CHECK(unknown.at("/problems/0/pointer") == "/flows/1/document/nodes/0/typeId");
  CHECK(unknown.at("/detail").contains("'flows/1', the flow 'bad': "));
  const auto setting = place.apply(wanted("good") + "," + node("test/source", R"({"colour": 1})"));
  CHECK(setting.at("/problems/0/pointer") == "/flows/1/document/nodes/0");
  const auto form = place.apply(wanted("good") + R"(,{"document": {"id": "bad", "version": "1.0.0"}})");
  CHECK(form.status == 422);
  CHECK(form.at("/problems/0/pointer").starts_with("/flows/1/document"));
  for (const auto* other : {R"({"document": {}, "ifMatch": 7})", R"({"document": {}, "more": 1})", R"({"folder": "a"})",
                            R"({"document": {}, "folder": "a//b"})", "5"}) {
    CAPTURE(other);
    const auto refused = place.apply(wanted("good") + "," + other);
    CHECK(refused.status >= 400);
    CHECK(refused.at("/detail").contains("'flows/1'"));
  }
  CHECK(place.apply(wanted("good"), R"(, "remove": [{"id": "a"}, {}])").at("/detail").contains("'remove/1'"));
  CHECK(place.ask("GET", "/api/v1/flows").at("/flows") == "[]");
}

TEST_CASE("The audit log tells of each flow that was applied, in its folder, as if it was changed by itself") {
  KeptPlace place;
  store::sql::SqlAuditLog log(*place.database);
  ServerAuditor auditor(log, place.clock);
  place.api.services().auditor = &auditor;
  const auto told = [&log] {
    std::string text;
    for (const auto& record : *store::sql::waitFor(log.list({}, {}))) {
      const auto& entry = record.entry;
      const auto detail = json::parse(entry.detail);
      REQUIRE(detail);
      for (const auto* part : {"/before", "/after", "/version", "/request/folder", "/request/message"}) {
        const auto* found = detail->root().findPointer(part);
        text = (found == nullptr ? "" : " " + std::string(part) + "=" + json::write(*found)) + text;
      }
      text = entry.action + " " + entry.object + " in '" + entry.folder + "'" + text;
      text = "\n" + text;
    }
    return text;
  };
  REQUIRE(
      place.apply(wanted("a", "first", R"(, "folder": "team")") + "," + wanted("b"), R"(, "message": "one")").status ==
      200);
  const auto first = told();
  for (const auto* line : {"flow.created flow:a in 'team'", "flow.version_kept flow:a in 'team'",
                           "flow.created flow:b in ''", "flow.version_kept flow:b in ''"}) {
    CAPTURE(first);
    CHECK(first.contains(line));
  }
  CHECK(first.contains("/version=1"));
  CHECK(first.contains("/request/message=\"one\""));
  const auto again = place.apply(wanted("a", "first", R"(, "folder": "team")") + "," + wanted("b"));
  CHECK(again.at("/flows/0/change") == "unchanged");
  CHECK(told() == first);
  REQUIRE(place.apply(wanted("a", "second", R"(, "folder": "other")"), R"(, "remove": [{"id": "b"}])").status == 200);
  const auto next = told();
  CAPTURE(next);
  CHECK(next.contains("flow.moved flow:a in 'team'"));
  CHECK(next.contains("flow.moved flow:a in 'other'"));
  CHECK(next.contains("/request/folder=\"other\""));
  CHECK(next.contains("flow.changed flow:a in 'other'"));
  CHECK(next.contains("flow.binned flow:b in ''"));
  CHECK(place.apply(wanted("a", "x", R"(, "ifMatch": null)")).status == 412);
  CHECK(told() == next);
  place.api.services().auditor = nullptr;
}

TEST_CASE("A step that fails in the middle of the transaction takes back those before it") {
  KeptPlace place;
  CHECK(place.apply(wanted("a", "first")).status == 200);
  std::vector<store::FlowStep> steps(2);
  steps[0].id = "new";
  steps[0].change = store::FlowChange{};
  steps[1].id = "a";
  steps[1].ifRevision = 999'999;
  steps[1].change = store::FlowChange{};
  const auto done = store::sql::waitFor(place.applier.apply(std::move(steps), {}));
  REQUIRE_FALSE(done);
  CHECK(done.error().code == "storage.changed");
  CHECK(place.ask("GET", "/api/v1/flows/new").status == 404);
}

TEST_CASE("A body that is not what it should be is refused, and says where") {
  KeptPlace place;
  const auto refused = [&place](const std::string& body) { return place.ask("POST", "/api/v1/apply", body); };
  CHECK(refused(R"({"flow": []})").at("/detail").contains("'flow'"));
  CHECK(refused(R"({"flows": {}})").status == 400);
  CHECK(refused(R"({"flows": [1]})").at("/detail").contains("flows/0"));
  CHECK(refused(R"({"flows": [{}]})").status == 400);
  CHECK(refused(R"({"publish": 1})").status == 400);
  CHECK(refused(R"({"remove": [{"id": ""}]})").status == 400);
  CHECK(place.apply(wanted("a", "", R"(, "folder": "../x")")).status == 400);
  CHECK(place.apply(wanted("a", "", R"(, "ifMatch": "7")")).status == 400);
  const auto twice = place.apply(wanted("a") + "," + wanted("a"));
  CHECK(twice.status == 422);
  const auto formless =
      place.apply(wanted("a") + R"(,{"document": {"id": "x", "version": "1.0.0", "nodes": 7, "edges": []}})");
  CHECK(formless.status == 422);
  CHECK(formless.at("/problems/0/pointer").starts_with("/flows/1/document"));
  CHECK(place.ask("GET", "/api/v1/flows/a").status == 404);
}

TEST_CASE("One request to apply may be larger than others, and only some such are taken at a time") {
  KeptPlace place;
  const std::string large((1 << 20) + 1, ' ');
  CHECK(place.ask("POST", "/api/v1/flows", large).status == 413);
  CHECK(place.ask("POST", "/api/v1/apply", large).status == 400);
  CHECK(place.ask("GET", "/api/v1/capabilities").at("/limits/maxApplyBytes") == std::to_string(64 << 20));
  const auto begin = [&] {
    auto exchange = place.api.begin({"POST", "/api/v1/apply", "", {}});
    exchange->body(large);
    return exchange;
  };
  std::vector<std::unique_ptr<Exchange>> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(begin());
    CHECK(held.back()->takesBody());
  }
  const auto refused = begin();
  CHECK_FALSE(refused->takesBody());
  CHECK(answerOf(*refused).status == 503);
  CHECK(answerOf(*refused).at("/code") == "api.busy");
  CHECK(answerOf(*refused).header("retry-after") == "1");
  CHECK(place.apply(wanted("small")).status == 200);
  held.pop_back();
  CHECK(begin()->takesBody());
  const auto huge = place.api.begin({"POST", "/api/v1/apply", "", {{"content-length", "67108865"}}});
  CHECK(answerOf(*huge).status == 413);
}

namespace {

/// Another applies just before this one does.
struct Racing final : store::Applier {
  explicit Racing(store::Applier& applier) : inner(applier) {}
  Operation<std::vector<store::AppliedFlow>> apply(std::vector<store::FlowStep> steps, Waker waker) override {
    if (before) std::exchange(before, nullptr)();
    return inner.apply(std::move(steps), std::move(waker));
  }
  store::Applier& inner;
  std::function<void()> before;
};

}  // namespace

TEST_CASE("Two that apply the same at once both have it so; who said which state they change is refused") {
  KeptPlace place;
  Racing racing(place.applier);
  place.server.applier = &racing;
  racing.before = [&] { CHECK(place.apply(wanted("a", "same")).status == 200); };
  const auto second = place.apply(wanted("a", "same"));
  CHECK(second.status == 200);
  CHECK(second.at("/flows/0/change") == "unchanged");
  CHECK(second.at("/flows/0/version") == "1");
  racing.before = [&] { CHECK(place.apply(wanted("a", "theirs")).status == 200); };
  CHECK(place.apply(wanted("a", "ours")).at("/flows/0/change") == "changed");
  CHECK(place.ask("GET", "/api/v1/flows/a").at("/description") == "ours");
  const auto tag = place.tag("a");
  racing.before = [&] { CHECK(place.apply(wanted("a", "theirs")).status == 200); };
  const auto believing = place.apply(wanted("a", "mine", believed(tag)));
  CHECK(believing.status == 412);
  CHECK(believing.at("/code") == "storage.changed");
  racing.before = [&] { CHECK(place.apply(wanted("b", "theirs")).status == 200); };
  CHECK(place.apply(wanted("b", "mine", R"(, "ifMatch": null)")).at("/detail").contains("plan again"));
}
