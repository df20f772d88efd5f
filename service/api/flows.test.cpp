// Flows that are kept: conditions, the bin, lists, versions.
#include <doctest/doctest.h>

#include "service/api/fake-place.test.h"

using namespace weir::api;

namespace {

constexpr const char* kOrders = "/api/v1/flows/orders";

std::vector<Header> ifMatch(const std::string& tag) { return {{"if-match", tag}}; }

/// A flow whose only node is bypassed or not: two documents that differ.
std::string changed(const std::string& id) { return flowText(id, "changed"); }

}  // namespace

TEST_CASE("A flow that is kept has an id that can be seen and asked for") {
  FakePlace place;
  const std::string bad[] = {
      "",      ".",         "..",       " ",        " a",       "a ",      "a\\u0000b",
      "a\\nb", "a\\u200bb", "\\u202ea", "a\\ufeff", "a\\u00a0", "\\u3000", std::string(201, 'a')};
  for (const auto& id : bad) {
    CAPTURE(id);
    const auto refused = ask(place, "POST", "/api/v1/flows", flowText(id));
    CHECK(refused.status == 422);
    if (!id.empty()) CHECK(refused.at("/code") == "flow.id");
  }
  for (const auto* id : {".", "%20a", "a%E2%80%8Bb"}) {
    const std::string text = id == std::string_view(".")      ? "."
                             : id == std::string_view("%20a") ? " a"
                                                              : "a\xe2\x80\x8b"
                                                                "b";
    const auto refused =
        ask(place, "PUT", "/api/v1/flows/" + std::string(id), flowText(text), {{"if-none-match", "*"}});
    CHECK(refused.status == 422);
  }
  for (const auto& id : {std::string("a b"), std::string("team/a:b"), std::string("\xe2\x82\xac \xf0\x9f\x98\x80"),
                         std::string(200, 'a'), std::string("...")}) {
    CHECK(ask(place, "POST", "/api/v1/flows", flowText(id)).status == 201);
  }
}

TEST_CASE("Folders that look alike are one: what cannot be seen is in no name of a folder") {
  FakePlace place;
  for (const auto* folder : {"%E2%80%8B", "team%E2%80%AE", "te%C2%ADam", "%EF%BB%BFteam", "a/team%E2%80%A8x"}) {
    CAPTURE(folder);
    const auto refused = ask(place, "POST", "/api/v1/flows?folder=" + std::string(folder), flowText("orders"));
    CHECK(refused.status == 400);
    CHECK(refused.at("/code") == "api.folder");
  }
  CHECK(ask(place, "POST", "/api/v1/flows?folder=t%C3%A9am", flowText("orders")).status == 201);
}

TEST_CASE("A list has the beginning of a long description, and the document all of it") {
  FakePlace place;
  std::string words;
  while (words.size() < 5'000) words += "\xe2\x82\xac";
  const auto text =
      R"({"id":"long","version":"1.0.0","metadata":{"description":")" + words + R"("},"nodes":[],"edges":[]})";
  REQUIRE(ask(place, "POST", "/api/v1/flows", text).status == 201);
  const auto listed = ask(place, "GET", "/api/v1/flows").at("/flows/0/description");
  CHECK(listed.size() < 2'100);
  CHECK(listed.ends_with("\xe2\x82\xac\xe2\x80\xa6"));
  CHECK(ask(place, "GET", "/api/v1/flows/long").at("/document/metadata/description") == words);
}

TEST_CASE("A flow is kept under the id of its document, in canonical form") {
  FakePlace place;
  const auto made = ask(place, "POST", "/api/v1/flows", flowText("orders", "Orders of the day", R"("red", "blue")"));
  CHECK(made.status == 201);
  CHECK(made.header("location") == kOrders);
  CHECK(made.at("/description") == "Orders of the day");
  CHECK(made.at("/tags") == R"(["red","blue"])");
  const auto read = ask(place, "GET", kOrders);
  CHECK(read.status == 200);
  CHECK(read.header("etag") == made.header("etag"));
  CHECK(read.at("/document/nodes/0/typeId") == "test/source");
  CHECK(ask(place, "GET", kOrders, {}, {{"if-none-match", made.header("etag")}}).status == 304);
  const auto twice = ask(place, "POST", "/api/v1/flows", flowText("orders"));
  CHECK(twice.status == 409);
  CHECK(twice.at("/code") == "storage.exists");
  CHECK(ask(place, "GET", "/api/v1/flows/none").status == 404);
}

TEST_CASE("A flow is made in a folder, listed with it, and moved") {
  FakePlace place;
  const auto made = ask(place, "POST", "/api/v1/flows?folder=team%2Freports", flowText("orders"));
  CHECK(made.status == 201);
  CHECK(made.at("/folder") == "team/reports");
  CHECK(ask(place, "PUT", "/api/v1/flows/other?folder=shop", flowText("other"), {{"if-none-match", "*"}}).status ==
        201);
  CHECK(ask(place, "GET", "/api/v1/flows?folder=team").at("/flows/0/id") == "orders");
  CHECK(ask(place, "GET", "/api/v1/flows?folder=shop").at("/flows/0/id") == "other");
  CHECK(ask(place, "PUT", "/api/v1/flows/orders?folder=shop", flowText("orders"), ifMatch("*")).status == 400);
  const auto moved = ask(place, "POST", "/api/v1/flows/orders/move", R"({"folder":"shop"})");
  CHECK(moved.status == 200);
  CHECK(moved.at("/folder") == "shop");
  CHECK(moved.header("etag") != made.header("etag"));
  const auto again = ask(place, "POST", "/api/v1/flows/orders/move", R"({"folder":"shop"})");
  CHECK(again.header("etag") == moved.header("etag"));
  CHECK(ask(place, "POST", "/api/v1/flows/orders/move", R"({"folder":""})", ifMatch(made.header("etag"))).status ==
        412);
  CHECK(ask(place, "POST", "/api/v1/flows/orders/move", R"({"folder":7})").status == 400);
  CHECK(ask(place, "POST", "/api/v1/flows/none/move", R"({"folder":""})").status == 404);
  CHECK(ask(place, "GET", kOrders).at("/folder") == "shop");
}

TEST_CASE("A folder that is none is refused, whoever names it") {
  FakePlace place;
  CHECK(ask(place, "POST", "/api/v1/flows", flowText("orders")).status == 201);
  for (const std::string wrong : {"/", "a/", "/a", "a//b", "..", "a/../b", " a", "a%5Cb", "a%00b", "a%0Ab"}) {
    const auto made = ask(place, "POST", "/api/v1/flows?folder=" + wrong, flowText("other"));
    CHECK(made.status == 400);
    CHECK(ask(place, "GET", "/api/v1/flows?folder=" + wrong).status == 400);
  }
  const auto moved = ask(place, "POST", "/api/v1/flows/orders/move", R"({"folder":"a//b"})");
  CHECK(moved.status == 400);
  CHECK(moved.at("/code") == "api.folder");
  CHECK(ask(place, "GET", "/api/v1/flows/other").status == 404);
}

TEST_CASE("A flow is only changed by who knows its state") {
  FakePlace place;
  const auto tag = ask(place, "POST", "/api/v1/flows", flowText("orders")).header("etag");
  const auto blind = ask(place, "PUT", kOrders, changed("orders"));
  CHECK(blind.status == 428);
  CHECK(blind.at("/code") == "api.no_condition");
  const auto good = ask(place, "PUT", kOrders, changed("orders"), ifMatch(tag));
  CHECK(good.status == 200);
  CHECK(good.header("etag") != tag);
  const auto late = ask(place, "PUT", kOrders, flowText("orders"), ifMatch(tag));
  CHECK(late.status == 412);
  CHECK(late.at("/code") == "storage.changed");
  for (const auto* wrong : {"7", "\"x\"", "\"\"", "W/\"1\""}) {
    CHECK(ask(place, "PUT", kOrders, flowText("orders"), ifMatch(wrong)).status == 412);
  }
  CHECK(ask(place, "PUT", kOrders, flowText("orders"), ifMatch("*")).status == 200);
  CHECK(ask(place, "PUT", kOrders, flowText("other"), ifMatch("*")).at("/code") == "api.other_flow");
  CHECK(ask(place, "PUT", "/api/v1/flows/none", flowText("none"), ifMatch("*")).status == 404);
}

TEST_CASE("The same PUT once more does no harm, and makes no new state") {
  FakePlace place;
  const auto tag = ask(place, "POST", "/api/v1/flows", flowText("orders")).header("etag");
  const auto first = ask(place, "PUT", kOrders, changed("orders"), ifMatch(tag));
  const auto again = ask(place, "PUT", kOrders, changed("orders"), ifMatch(tag));
  CHECK(again.status == 200);
  CHECK(again.header("etag") == first.header("etag"));
}

TEST_CASE("PUT with If-None-Match keeps a new flow, and never replaces one") {
  FakePlace place;
  const std::vector<Header> none = {{"if-none-match", "*"}};
  CHECK(ask(place, "PUT", kOrders, flowText("orders"), none).status == 201);
  CHECK(ask(place, "PUT", kOrders, changed("orders"), none).status == 412);
  CHECK(ask(place, "GET", kOrders).at("/description") == "");
}

TEST_CASE("A flow goes into the bin, comes back, and is deleted for good only from there") {
  FakePlace place;
  const auto tag = ask(place, "POST", "/api/v1/flows", flowText("orders")).header("etag");
  CHECK(ask(place, "DELETE", kOrders).status == 428);
  CHECK(ask(place, "DELETE", std::string(kOrders) + "?purge=true", {}, ifMatch(tag)).at("/code") ==
        "storage.not_in_bin");
  const auto binned = ask(place, "DELETE", kOrders, {}, ifMatch(tag));
  CHECK(binned.status == 200);
  CHECK(binned.at("/binnedAt") != "(nothing)");
  CHECK(ask(place, "GET", "/api/v1/flows").at("/flows") == "[]");
  CHECK(ask(place, "GET", "/api/v1/flows?bin=true").at("/flows/0/id") == "orders");
  CHECK(ask(place, "PUT", kOrders, changed("orders"), ifMatch("*")).at("/code") == "storage.in_bin");
  CHECK(ask(place, "POST", std::string(kOrders) + "/restore", {}, ifMatch(tag)).status == 412);
  CHECK(ask(place, "POST", std::string(kOrders) + "/restore").status == 200);
  CHECK(ask(place, "POST", std::string(kOrders) + "/restore").status == 409);
  CHECK(ask(place, "DELETE", kOrders, {}, ifMatch("*")).status == 200);
  CHECK(ask(place, "DELETE", std::string(kOrders) + "?purge=true", {}, ifMatch("*")).status == 204);
  CHECK(ask(place, "GET", kOrders).status == 404);
}

TEST_CASE("Flows are listed page after page, by words and tags") {
  FakePlace place;
  for (const char* id : {"f1", "f2", "f3", "f4", "f5"}) {
    const auto tags = id == std::string_view("f3") ? R"("odd")" : "";
    CHECK(
        ask(place, "POST", "/api/v1/flows", flowText(id, id == std::string_view("f4") ? "Revenue" : "", tags)).status ==
        201);
  }
  std::string seen, cursor;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = ask(place, "GET", "/api/v1/flows?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    for (const auto& flow : *page.json.root().find("flows")->asArray()) seen += *flow.find("id")->asString() + " ";
    if (page.at("/next") == "(nothing)") break;
    cursor = page.at("/next");
  }
  CHECK(seen == "f5 f4 f3 f2 f1 ");
  CHECK(ask(place, "GET", "/api/v1/flows?tag=odd").at("/flows/0/id") == "f3");
  CHECK(ask(place, "GET", "/api/v1/flows?search=REVENUE+f4").at("/flows/0/id") == "f4");
  for (const auto* bad : {"%21%21", "AAAA", "x"}) {
    CHECK(ask(place, "GET", std::string("/api/v1/flows?cursor=") + bad).status == 400);
  }
}

TEST_CASE("Versions are kept, numbered and never changed; what is published must be able to run") {
  FakePlace place;
  const auto path = std::string(kOrders) + "/versions";
  const auto tag = ask(place, "POST", "/api/v1/flows", flowText("orders")).header("etag");
  const auto first = ask(place, "POST", path, R"({"message": "the first", "publish": true})", ifMatch(tag));
  CHECK(first.status == 201);
  CHECK(first.header("location") == path + "/1");
  CHECK(first.at("/label") == "1.4.0");
  CHECK(first.at("/published") == "true");
  CHECK(ask(place, "PUT", kOrders, changed("orders"), ifMatch(tag)).status == 200);
  CHECK(ask(place, "POST", path, "{}", ifMatch(tag)).status == 412);
  CHECK(ask(place, "POST", path).status == 201);
  const auto list = ask(place, "GET", path);
  CHECK(list.at("/versions/0/number") == "2");
  CHECK(list.at("/versions/1/message") == "the first");
  CHECK(ask(place, "GET", path + "?limit=1").at("/next") == "2");
  CHECK(ask(place, "GET", path + "?before=2").at("/versions/0/number") == "1");
  CHECK(ask(place, "GET", path + "/1").at("/document/metadata/description") != "changed");
  for (const auto* none : {"/3", "/0", "/x", "/-1"}) CHECK(ask(place, "GET", path + none).status == 404);
  CHECK(ask(place, "GET", "/api/v1/flows/none/versions").status == 404);
  const auto labelled = [&place, &path](std::size_t characters) {
    std::string label;
    while (characters-- > 0) label += "\xC3\xA4";
    return ask(place, "POST", path, R"({"label": ")" + label + "\"}");
  };
  CHECK(labelled(200).status == 201);
  CHECK(labelled(201).status == 400);
  CHECK(labelled(201).at("/detail").starts_with("'label' has 201 characters, and may have 200"));
  for (const auto* bad : {R"({"label": 1})", R"({"publish": 1})", R"({"more": 1})", "[]"})
    CHECK(ask(place, "POST", path, bad).status == 400);
  const auto broken =
      R"({"id": "broken", "version": "1.0.0", "nodes": [{"id": "x", "typeId": "test/none", "version": "1.0.0", "settings": {}}], "edges": []})";
  CHECK(ask(place, "POST", "/api/v1/flows", broken).status == 201);
  CHECK(ask(place, "POST", "/api/v1/flows/broken/versions", R"({"publish": true})").status == 422);
  CHECK(ask(place, "POST", "/api/v1/flows/broken/versions").status == 201);
}

TEST_CASE("Two versions are compared, and a version with the document as it is now") {
  FakePlace place;
  CHECK(ask(place, "POST", "/api/v1/flows", flowText("orders", "first")).status == 201);
  const auto path = std::string(kOrders) + "/versions";
  CHECK(ask(place, "POST", path).status == 201);
  CHECK(ask(place, "PUT", kOrders, flowText("orders", "second"), ifMatch("*")).status == 200);
  CHECK(ask(place, "POST", path).status == 201);
  CHECK(ask(place, "PUT", kOrders, flowText("orders", "third"), ifMatch("*")).status == 200);
  const auto two = ask(place, "GET", path + "/1/diff?with=2&format=text");
  CHECK(two.status == 200);
  CHECK(two.at("/same") == "false");
  CHECK(two.at("/text").contains("second"));
  CHECK(ask(place, "GET", path + "/2/diff").at("/parts/0/differences/0/after") == "third");
  CHECK(ask(place, "GET", path + "/2/diff?with=2").at("/same") == "true");
  CHECK(ask(place, "GET", path + "/2/diff?with=3").status == 404);
  CHECK(ask(place, "GET", path + "/x/diff").status == 404);
  CHECK(ask(place, "GET", path + "/1/diff?with=0").status == 400);
}

TEST_CASE("A flow goes back to a version, for who knows its state, and once is as good as twice") {
  FakePlace place;
  const auto first = ask(place, "POST", "/api/v1/flows", flowText("orders", "first", "\"a\""));
  const auto path = std::string(kOrders) + "/versions/1/restore";
  CHECK(ask(place, "POST", std::string(kOrders) + "/versions").status == 201);
  const auto second = ask(place, "PUT", kOrders, flowText("orders", "second"), ifMatch("*"));
  CHECK(ask(place, "POST", path).status == 428);
  CHECK(ask(place, "POST", path, "", ifMatch(first.header("etag"))).status == 412);
  const auto back = ask(place, "POST", path, "", ifMatch(second.header("etag")));
  CHECK(back.status == 200);
  CHECK(back.at("/description") == "first");
  CHECK(back.at("/tags/0") == "a");
  CHECK(ask(place, "GET", kOrders).at("/document/metadata/description") == "first");
  CHECK(ask(place, "POST", path, "", ifMatch(second.header("etag"))).header("etag") == back.header("etag"));
  CHECK(ask(place, "POST", std::string(kOrders) + "/versions/2/restore", "", ifMatch("*")).status == 404);
}

TEST_CASE("What is no UTF-8 in a path or a query is refused in JSON that is") {
  FakePlace place;
  for (const auto* target : {"/api/v1/flows?lim%FFit=5", "/api/v1/flows/none-%FF%C3", "/api/v1/none/%C0%80"}) {
    const auto said = ask(place, "GET", target);
    CHECK(said.status >= 400);
    CHECK(said.status < 500);
    CHECK(!said.at("/detail").empty());
  }
}

TEST_CASE("If-Match may name several states, of which one is to be there") {
  FakePlace place;
  const auto first = ask(place, "POST", "/api/v1/flows", flowText("orders")).header("etag");
  const auto put = [&place](const std::string& text, const std::string& tags) {
    return ask(place, "PUT", kOrders, text, ifMatch(tags));
  };
  CHECK(put(changed("orders"), "\"90\", " + first).status == 200);
  const auto second = ask(place, "GET", kOrders).header("etag");
  const auto other = flowText("orders", "other");
  for (const auto& tags :
       {"\"90\", " + first, "W/" + second + ", \"90\"", std::string("\"90\", \"91\""), "\"90\", W/" + second}) {
    CAPTURE(tags);
    const auto refused = put(other, tags);
    CHECK(refused.status == 412);
    CHECK(refused.at("/code") == "storage.changed");
  }
  for (const auto* tags : {"", "W/\"1\"", "\"abc\", \"def\"", "\"1", "1, 2", ", ,"}) {
    CAPTURE(tags);
    CHECK(put(other, tags).status == 412);
  }
  CHECK(ask(place, "GET", kOrders).header("etag") == second);
  CHECK(put(other, "\"abc\" ,\t" + first + ", " + second + ",").status == 200);
  // The others that are asked under a condition, too.
  const auto third = ask(place, "GET", kOrders).header("etag");
  CHECK(ask(place, "POST", std::string(kOrders) + "/versions", "{}", ifMatch("\"90\", \"91\"")).status == 412);
  CHECK(ask(place, "POST", std::string(kOrders) + "/versions", "{}", ifMatch("\"90\", " + third)).status == 201);
  CHECK(ask(place, "DELETE", kOrders, {}, ifMatch("\"90\", \"91\"")).status == 412);
  CHECK(ask(place, "DELETE", kOrders, {}, ifMatch("\"90\", " + ask(place, "GET", kOrders).header("etag"))).status ==
        200);
  CHECK(ask(place, "PUT", "/api/v1/flows/none", flowText("none"), ifMatch("\"1\", \"2\"")).status == 404);
}
