// JSON Patch, by the examples of RFC 6902, appendix A, and what it refuses.
#include "engine/json/patch.h"

#include <doctest/doctest.h>

#include "engine/json/document.h"
#include "engine/json/writer.h"

using namespace weir;

namespace {

json::Value of(std::string_view text) {
  auto document = json::parse(text);
  REQUIRE(document);
  return document->root();
}

/// The document afterwards, or the message.
std::string patched(std::string_view document, std::string_view patch) {
  auto value = of(document);
  const auto before = value;
  const auto done = json::applyPatch(value, of(patch));
  if (done) return json::write(value);
  CHECK(value == before);
  CHECK(done.error().code == "json.patch");
  return done.error().message;
}

}  // namespace

TEST_CASE("each operation does what RFC 6902 says") {
  CHECK(patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])") == R"({"foo":"bar","baz":"qux"})");
  CHECK(patched(R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])") ==
        R"({"foo":["bar","qux","baz"]})");
  CHECK(patched(R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])") ==
        R"({"foo":["bar",["abc","def"]]})");
  CHECK(patched(R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])") == R"({"foo":"bar"})");
  CHECK(patched(R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])") ==
        R"({"foo":["bar","baz"]})");
  CHECK(patched(R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])") ==
        R"({"baz":"boo","foo":"bar"})");
  CHECK(patched(R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
                R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])") ==
        R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})");
  CHECK(patched(R"({"foo":["all","grass","cows","eat"]})", R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])") ==
        R"({"foo":["all","cows","eat","grass"]})");
  CHECK(patched(R"({"a":{"b":1}})",
                R"([{"op":"copy","from":"/a","path":"/c"},{"op":"replace","path":"/c/b","value":2}])") ==
        R"({"a":{"b":1},"c":{"b":2}})");
  CHECK(patched(R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"qux"}])") == R"({"baz":"qux"})");
  CHECK(patched(R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10},{"op":"remove","path":"/~1"}])") ==
        R"({"~1":10})");
  CHECK(patched(R"({"a":1})", R"([{"op":"replace","path":"","value":[]}])") == "[]");
  CHECK(patched(R"({"a":1})", "[]") == R"({"a":1})");
}

TEST_CASE("what cannot be done changes nothing, and is named by its place") {
  CHECK(patched(R"({"a":1})", R"([{"op":"add","path":"/b","value":2},{"op":"test","path":"/a","value":3}])") ==
        "operation 2 cannot be done: '/a' is not what the test expects");
  CHECK(patched(R"({"a":1})", R"([{"op":"bogus","path":"/a"}])") ==
        "operation 1 cannot be done: unknown op 'bogus'; it is one of add, remove, replace, move, copy, test");
  for (const auto* patch :
       {R"({})", R"([1])", R"([{"op":"add","path":"/b"}])", R"([{"op":"add","path":"/x/y","value":1}])",
        R"([{"op":"remove","path":"/none"}])", R"([{"op":"replace","path":"/none","value":1}])",
        R"([{"op":"fly","path":"/a","value":1}])", R"([{"path":"/a"}])", R"([{"op":"move","from":"/l","path":"/l/0"}])",
        R"([{"op":"add","path":"/l/5","value":1}])", R"([{"op":"add","path":"/l/01","value":1}])",
        R"([{"op":"remove","path":"/l/-"}])", R"([{"op":"add","path":"a","value":1}])",
        R"([{"op":"add","path":"/~2","value":1}])", R"([{"op":"copy","path":"/b"}])"}) {
    CAPTURE(patch);
    CHECK_FALSE(patched(R"({"a":1,"l":[1,2]})", patch).starts_with("{"));
  }
}

TEST_CASE("a patch neither doubles a document without an end, nor puts it into itself, nor takes for ever") {
  const auto refused = [](const std::string& document, const std::string& patch, const json::PatchLimits& limits) {
    auto value = of(document);
    const auto before = value;
    const auto done = json::applyPatch(value, of(patch), limits);
    CHECK(value == before);
    return done ? std::string() : std::string(done.error().code) + ": " + done.error().message;
  };
  std::string doubling, nesting, inner;
  for (std::size_t i = 0, depth = 0; i < 12; ++i, depth = 2 * depth + 1) {
    const std::string begin(i == 0 ? "[" : ",");
    doubling += begin + R"({"op":"copy","from":"","path":"/k)" + std::to_string(i) + "\"}";
    while (inner.size() < 2 * (depth + 1)) inner += "/x";
    nesting += begin + R"({"op":"copy","from":"/a","path":"/a)" + inner + "\"}";
  }
  CHECK(refused(R"({"a":"0123456789"})", doubling + "]", {.bytes = 10'000}) ==
        "json.too_large: operation 9 cannot be done: the patch puts more than 10000 bytes into the document; send the "
        "document itself");
  const auto tooDeep = refused(R"({"a":{}})", nesting + "]", {});
  CHECK(tooDeep.starts_with("json.too_deep: operation 9 cannot be done: "));
  CHECK(tooDeep.contains("512 are allowed"));
  CHECK(refused(R"({"a":1})", R"([{"op":"remove","path":"/a"},{"op":"add","path":"/a","value":1}])", {.operations = 1})
            .starts_with("json.too_large: a patch has 1 operations at most, not 2"));
  CHECK(refused(R"({"l":[1,2,3,4,5,6,7,8,9]})",
                R"([{"op":"add","path":"/l/0","value":0},{"op":"remove","path":"/l/0"}])", {.steps = 25})
            .starts_with("json.too_large: operation 2 cannot be done: the patch takes too many steps"));
}
