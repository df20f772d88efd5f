// Questions for secrets: in whose name, and what becomes of the answers.
#include "apps/cli/engine/front-secrets.h"

#include <doctest/doctest.h>

#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::cli {
namespace {

std::string marked(std::string_view text) {
  auto settings = json::parse(text)->root();
  FrontSecrets::mark(settings, "run-1", "http/request");
  return json::write(settings);
}

live::Control answer(std::string_view data) {
  live::Control control;
  control.type = "secret";
  control.data = json::parse(data)->root();
  return control;
}

}  // namespace

TEST_CASE("S11: settings ask in the name of their run and type of node, the same on every start") {
  const std::string expected =
      R"({"a":"Bearer ${secret:run-1~http.request~KEY}","b":[{"c":"${secret:run-1~http.request~K2}"}],"d":1})";
  CHECK(marked(R"({"a":"Bearer ${secret:KEY}","b":[{"c":"${secret:K2}"}],"d":1})") == expected);
}

TEST_CASE("S11: what stands in no setting asks nobody, and answers reach who asked") {
  int wakes = 0;
  FrontSecrets secrets([&wakes] { ++wakes; });
  std::string code;
  secrets.ask("KEY", "db:1", [&code](const Result<GivenSecret>& given) { code = given ? "" : given.error().code; });
  CHECK(code == "secret.missing");
  CHECK(wakes == 0);
  std::string value;
  const auto take = [&](const Result<GivenSecret>& given) {
    value = given ? given->value : std::string(given.error().code);
  };
  secrets.ask("run-1~http.request~KEY", "db:1", take);
  secrets.ask("run-1~sql.read~KEY", "db:1", take);
  CHECK(wakes == 2);
  std::string out;
  secrets.tell(out);
  CHECK(out.contains(R"("name":"KEY")"));
  CHECK(out.contains(R"("nodeType":"http/request")"));
  CHECK(out.contains(R"("run":"run-1")"));
  out.clear();
  secrets.tell(out);
  CHECK(out.empty());
  secrets.take(answer(R"({"ask": 1, "value": "the value", "keepMs": 5000})"));
  CHECK(value == "the value");
  secrets.take(answer(R"({"ask": 2, "code": "secret.host", "message": "no"})"));
  CHECK(value == "secret.host");
  // Another one, or the same again, is passed over; codes are those that are known.
  secrets.take(answer(R"({"ask": 2, "value": "again"})"));
  CHECK(value == "secret.host");
  secrets.ask("run-1~http.request~KEY", "db:1", take);
  secrets.take(answer(R"({"ask": 3, "code": "made.up", "message": "no"})"));
  CHECK(value == "secret.unavailable");
}

}  // namespace weir::cli
