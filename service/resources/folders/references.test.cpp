// What a document refers to, wherever it says so.
#include "service/resources/folders/references.h"

#include <doctest/doctest.h>

#include "service/api/fake-place.test.h"

namespace {

using namespace weir;
using Texts = std::vector<std::string>;

flow::FlowDocument documentOf(std::string_view text) {
  auto document = flow::parseFlow(text);
  REQUIRE(document.has_value());
  return std::move(*document);
}

TEST_CASE("secrets are found in texts, lists and maps, and subflows by their type") {
  const auto document = documentOf(R"({"id": "a", "version": "1.0.0", "edges": [],
    "parameters": [{"name": "p", "type": "string", "default": "${secret:THREE}"}],
    "nodes": [
      {"id": "x", "typeId": "any/type", "version": "1.0.0",
       "settings": {"url": "https://u:${secret:ONE}@h/${secret:TWO}", "headers": {"x": ["${secret:ONE}", "${secret:FOUR}"]}}},
      {"id": "y", "typeId": "subflow/clean", "version": "1.0.0", "settings": {"broken": "${secret:"}}]})");
  const auto found = api::referencesOf(document, api::twoNodes());
  CHECK(found.secrets == Texts{"ONE", "TWO", "FOUR", "THREE"});
  CHECK(found.subflows == Texts{"clean"});
}

TEST_CASE("webhooks say which requests they answer, with defaults put in") {
  const auto document = documentOf(R"({"id": "a", "version": "1.0.0", "edges": [],
    "parameters": [{"name": "where", "type": "string", "default": "orders"}],
    "nodes": [
      {"id": "x", "typeId": "http/webhook", "version": "1.0.0", "settings": {"path": "/${where}/:id", "methods": ["PUT"]}},
      {"id": "y", "typeId": "http/webhook", "version": "1.0.0", "settings": {"path": "/b"}},
      {"id": "z", "typeId": "http/webhook", "version": "1.0.0", "bypass": true, "settings": {"path": "/c"}}]})");
  const auto hooks = api::hooksOf(document);
  REQUIRE(hooks.size() == 2);
  CHECK(hooks[0].path == "/orders/:id");
  CHECK(hooks[0].methods == Texts{"PUT"});
  CHECK(hooks[1].methods == Texts{"POST"});
}

}  // namespace
