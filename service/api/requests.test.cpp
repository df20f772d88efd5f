// What the API does with requests before their handlers: paths, methods, media types, queries, bodies.
#include <doctest/doctest.h>

#include "service/api/fake-place.test.h"
#include "service/api/media-type.h"
#include "service/api/observer.h"

using namespace weir::api;

namespace {

const std::vector<Header> kJsonBody = {{"content-type", "application/json; charset=utf-8"}};

struct SeenClient final : Observer {
  void answered(const Answered& answered) override {
    const auto* found = headerOf(answered.request.headers, "user-agent");
    client = found == nullptr ? "" : *found;
  }
  std::string client;
};

}  // namespace

TEST_CASE("Every route has a method, a path, an id of its own, a summary and a handler") {
  std::vector<std::string_view> seen;
  for (const auto& route : commonRoutes()) {
    CAPTURE(std::string(route.operation));
    CHECK(route.pattern.starts_with('/'));
    CHECK(route.summary.ends_with('.'));
    CHECK((route.handler != nullptr));
    CHECK(route.gives.empty() == (route.status == 204));
    CHECK((route.method == "POST" || route.method == "PUT" || route.takes.empty()));
    CHECK(std::ranges::find(seen, route.operation) == seen.end());
    seen.push_back(route.operation);
  }
}

TEST_CASE("Health, capabilities and execute also answer at the root, nothing else does") {
  FakePlace place;
  CHECK(ask(place, "GET", "/health").at("/status") == "ok");
  CHECK(ask(place, "GET", "/api/v1/health").at("/where") == "a test");
  CHECK(ask(place, "GET", "/capabilities").at("/maxNodes") == "3");
  CHECK(ask(place, "GET", "/flows").status == 404);
  CHECK(ask(place, "POST", "/execute", "{").status == 400);
}

TEST_CASE("A path that is not there is 404, and one that does not take the method is 405 with those that it takes") {
  FakePlace place;
  const auto missing = ask(place, "GET", "/api/v1/elsewhere");
  CHECK(missing.status == 404);
  CHECK(missing.header("content-type") == "application/problem+json");
  CHECK(missing.at("/title") == "Not Found");
  CHECK(missing.at("/code") == "api.not_found");
  CHECK(missing.at("/status") == "404");
  for (const auto* path :
       {"/api/v1", "/api/v1/", "/api/v10/health", "/api/v1/health/more", "/api/v1/flows/", "health"}) {
    CHECK(ask(place, "GET", path).status == 404);
  }
  const auto method = ask(place, "PATCH", "/api/v1/flows/x");
  CHECK(method.status == 405);
  CHECK(method.header("allow") == "GET, HEAD, PUT, DELETE, OPTIONS");
  const auto options = ask(place, "OPTIONS", "/api/v1/health");
  CHECK(options.status == 204);
  CHECK(options.header("allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("HEAD is GET without the body") {
  FakePlace place;
  const auto get = ask(place, "GET", "/api/v1/health");
  const auto head = ask(place, "HEAD", "/api/v1/health");
  CHECK(head.status == 200);
  CHECK(head.text.empty());
  CHECK(head.header("content-length") == std::to_string(get.text.size()));
}

TEST_CASE("Accept and Content-Type are read as the standard says") {
  CHECK(accepts("", "application/json"));
  CHECK(accepts("*/*", "application/json"));
  CHECK(accepts("text/html, application/*;q=0.5", "application/json"));
  CHECK_FALSE(accepts("application/json;q=0, */*", "application/json"));
  CHECK_FALSE(accepts("text/html", "application/json"));
  CHECK(accepts("Text/Event-Stream", "text/event-stream"));
  CHECK(isJson("application/json"));
  CHECK(isJson("application/vnd.weir+json; charset=utf-8"));
  CHECK_FALSE(isJson("text/plain"));
  CHECK_FALSE(isJson("+json"));
  FakePlace place;
  const auto refused = ask(place, "GET", "/api/v1/health", {}, {{"accept", "text/html"}});
  CHECK(refused.status == 406);
  CHECK(ask(place, "POST", "/api/v1/flows", flowText("a"), {{"content-type", "text/plain"}}).status == 415);
  CHECK(ask(place, "POST", "/api/v1/flows", flowText("a"), kJsonBody).status == 201);
}

TEST_CASE("A query is refused if the route does not know it, or does not take its value") {
  FakePlace place;
  for (const auto* query : {"?nothing=1", "?limit=many", "?limit=0", "?limit=501", "?limit=5&limit=6", "?order=size",
                            "?bin=yes", "?search=%zz", "?limit="}) {
    const auto refused = ask(place, "GET", std::string("/api/v1/flows") + query);
    CAPTURE(refused.text);
    CHECK(refused.status == 400);
    CHECK(refused.at("/code") == "api.query");
  }
  CHECK(ask(place, "GET", "/api/v1/flows?tag=a&tag=b&search=two+words&limit=500&order=name&bin=false").status == 200);
  CHECK(ask(place, "GET", "/api/v1/health?x").status == 400);
}

TEST_CASE("Paths and queries are text; headers become text") {
  FakePlace place;
  for (const auto* target :
       {"/api/v1/flows/%C3", "/api/v1/flows/a%00b", "/api/v1/flows?search=%FF", "/api/v1/flows?tag=%C3",
        "/api/v1/flows?search=a%00", "/api/v1/flows?%FF=1", "/api/v1/nodes/core/%FF", "/api/v1/flows?folder=%ff"}) {
    CAPTURE(target);
    const auto refused = ask(place, "GET", target);
    CHECK(refused.status == 400);
    CHECK(refused.at("/code") == "api.query");
    CHECK(refused.at("/detail").contains("UTF-8"));
  }
  CHECK(ask(place, "GET", "/api/v1/flows?search=%C3%BC&tag=%F0%9F%98%80").status == 200);
  CHECK(ask(place, "GET", "/api/v1/flows/%C3%BC").status == 404);
  SeenClient seen;
  place.api.services().observer = &seen;
  CHECK(ask(place, "GET", "/api/v1/health", {}, {{"user-agent", "a\xff\xc3 b"}}).status == 200);
  CHECK(seen.client == "a\xef\xbf\xbd\xef\xbf\xbd b");
  const auto key = ask(place, "POST", "/api/v1/flows", flowText("a"), {{"idempotency-key", "\xff"}});
  CHECK(key.status == 400);
  CHECK(key.at("/code") == "api.idempotency");
  CHECK(ask(place, "GET", "/api/v1/flows/a").status == 404);
}

TEST_CASE("A body that is too large is refused as soon as that is known") {
  FakePlace place({}, 100);
  const auto said = place.send("POST", "/api/v1/flows", {}, {{"content-length", "101"}});
  CHECK_FALSE(said->takesBody());
  CHECK(answerOf(*said).status == 413);
  auto exchange = place.api.begin({"POST", "/api/v1/flows", "", {}});
  exchange->body(std::string(60, ' '));
  CHECK(exchange->takesBody());
  CHECK(exchange->answer() == nullptr);
  exchange->body(std::string(60, ' '));
  CHECK_FALSE(exchange->takesBody());
  exchange->body("more");
  exchange->endBody();
  CHECK(answerOf(*exchange).at("/code") == "api.too_large");
}

TEST_CASE("A body in pieces is one body") {
  FakePlace place;
  const auto text = flowText("pieces");
  auto exchange = place.api.begin({"POST", "/api/v1/flows", "", {}});
  for (const char c : text) exchange->body(std::string_view(&c, 1));
  exchange->endBody();
  CHECK(answerOf(*exchange).status == 201);
}

TEST_CASE("A broken body says where, and a document all that is wrong with it") {
  FakePlace place;
  CHECK(ask(place, "POST", "/api/v1/execute", "").at("/code") == "api.body");
  CHECK(ask(place, "POST", "/api/v1/execute", "[1]").at("/code") == "api.body");
  const auto torn = ask(place, "POST", "/api/v1/execute", "{\"nodes\":\n [");
  CHECK(torn.status == 400);
  CHECK(torn.at("/code").starts_with("json."));
  CHECK(torn.at("/detail").contains("line 2"));
  const auto wrong =
      ask(place, "POST", "/api/v1/flows", R"({"id": "a", "version": "1.0.0", "nodes": [{}], "edges": 1})");
  CHECK(wrong.status == 422);
  CHECK(wrong.json.root().find("problems")->count() > 1);
  CHECK(wrong.at("/problems/0/pointer").starts_with("/"));
  const auto unknown = ask(place, "POST", "/api/v1/execute", "{\"flow\": " + flowText("a") + ", \"flw\": 1}");
  CHECK(unknown.at("/detail").contains("'flw'"));
}

TEST_CASE("A place says what it has: features by its routes, nodes by what they need") {
  FakePlace place;
  CHECK(ask(place, "GET", "/capabilities").at("/features").contains(R"("last-event-id","flows","versions")"));
  std::vector<Route> only;
  for (const auto& route : commonRoutes()) {
    if (route.atRoot) only.push_back(route);
  }
  const RouteTable few{only};
  auto less = FakePlace::placeOf(100);
  less.offers = {"files"};
  weir::Catalogue catalogue = twoNodes();
  const auto add = [&catalogue](const std::string& id, const std::string& needs) {
    CHECK(catalogue
              .addPackage(R"({"id": ")" + id +
                              R"(", "version": "1.0.0", "compatibility": {"minRuntime": "1.0.0", "hosts": ["server"]},
                     "category": "Test", "name": "Test", "description": "For tests", "touches": "nothing", "needs": [)" +
                              needs + R"(], "kind": "source", "cardinality": "source",
                     "ports": {"inputs": [], "outputs": [{"name": "rows", "type": "rows"}]}, "settings": []})",
                          "test")
              .has_value());
  };
  add("test/hook", R"("ingress")");
  add("test/read", R"("files")");
  Api api(less, {}, place.clock, catalogue, place.store, place.runner, {}, {.routes = &few});
  const auto exchange = api.begin({"GET", "/capabilities", "", {}});
  const auto answer = answerOf(*exchange);
  CHECK(answer.at("/features") == R"(["execute","server-sent-events"])");
  CHECK(answer.at("/supportedNodeTypes") == R"(["test/read","test/source"])");
  CHECK(answer.at("/limits/maxApplyBytes") == "(nothing)");
}

TEST_CASE("The catalogue says what can run here, and what is known") {
  FakePlace place;
  CHECK(ask(place, "GET", "/capabilities").at("/supportedNodeTypes") == R"(["test/source"])");
  const auto here = ask(place, "GET", "/api/v1/nodes");
  CHECK(here.json.root().find("nodes")->count() == 1);
  CHECK(ask(place, "GET", "/api/v1/nodes?where=everywhere").json.root().find("nodes")->count() == 2);
  CHECK(ask(place, "GET", "/api/v1/nodes", {}, {{"if-none-match", here.header("etag")}}).status == 304);
  CHECK(ask(place, "GET", "/api/v1/nodes/test/sink?version=1.0.0").at("/id") == "test/sink");
  CHECK(ask(place, "GET", "/api/v1/nodes/test%2Fsink").at("/id") == "test/sink");
  CHECK(ask(place, "GET", "/api/v1/nodes/test/sink?version=2.0.0").at("/detail").contains("1.0.0"));
  const auto near = ask(place, "GET", "/api/v1/nodes/test/sinc");
  CHECK(near.status == 404);
  CHECK(near.at("/detail").contains("'test/sink'"));
}

TEST_CASE("Documents are compared and merged without being kept") {
  FakePlace place;
  const auto base = flowText("a");
  auto ours = base, theirs = base;
  const auto change = [](std::string& text, const std::string& member) {
    text.insert(text.find('{') + 1, member + ", ");
  };
  change(ours, R"("parameters": [{"name": "p", "type": "integer", "default": 1}])");
  change(theirs, R"("notes": [{"id": "n", "text": "hello"}])");
  const auto diff = ask(place, "POST", "/api/v1/flows/diff",
                        R"({"before": )" + base + R"(, "after": )" + ours + R"(, "format": "markdown"})");
  CHECK(diff.status == 200);
  CHECK(diff.at("/parts/0/part") == "parameter");
  CHECK(diff.at("/text").contains("`a`: 1 parameter added"));
  const auto versions = [&](const std::string& mine, const std::string& other) {
    return R"({"base": )" + base + R"(, "ours": )" + mine + R"(, "theirs": )" + other + "}";
  };
  const auto merged = ask(place, "POST", "/api/v1/flows/merge", versions(ours, theirs));
  CHECK(merged.status == 200);
  CHECK(merged.at("/conflicts") == "[]");
  CHECK(merged.at("/text").contains("hello"));
  CHECK(ask(place, "POST", "/api/v1/flows/merge", R"({"ours": )" + theirs + R"(, "theirs": )" + ours + "}").status ==
        200);
  const auto wrong = ask(place, "POST", "/api/v1/flows/merge", versions(ours, R"({"id": 1})"));
  CHECK(wrong.status == 422);
  CHECK(wrong.at("/detail").contains("'theirs'"));
  CHECK(ask(place, "POST", "/api/v1/flows/merge", R"({"ours": "{", "theirs": "{"})")
            .at("/detail")
            .starts_with("'ours': "));
  CHECK(ask(place, "POST", "/api/v1/flows/diff", R"({"before": )" + base + "}").at("/detail").contains("'after'"));
  CHECK(ask(place, "POST", "/api/v1/flows/diff", versions(ours, theirs)).at("/detail").contains("'base'"));
}

TEST_CASE("Documents are validated and formatted without being kept") {
  FakePlace place;
  const auto good = ask(place, "POST", "/api/v1/flows/validate", flowText("a"));
  CHECK(good.status == 200);
  CHECK(good.at("/valid") == "true");
  const auto bad = ask(
      place, "POST", "/api/v1/flows/validate",
      R"({"id": "a", "version": "1.0.0", "nodes": [{"id": "s", "typeId": "test/sink", "version": "1.0.0", "settings": {}}], "edges": []})");
  CHECK(bad.status == 200);
  CHECK(bad.at("/valid") == "false");
  CHECK(bad.at("/elsewhere/0/typeId") == "test/sink");
  CHECK(ask(place, "POST", "/api/v1/flows/validate", "{").at("/valid") == "false");
  const auto formatted = ask(place, "POST", "/api/v1/flows/format", flowText("a"));
  CHECK(formatted.at("/id") == "a");
  CHECK(ask(place, "POST", "/api/v1/flows/format", formatted.text).text == formatted.text);
  CHECK(ask(place, "POST", "/api/v1/flows/format", "{").status == 400);
  CHECK(ask(place, "POST", "/api/v1/flows/format", "{}").status == 422);
  CHECK(ask(place, "GET", "/api/v1/flows").at("/flows") == "[]");
}
