// What a server says beside its log.
#include "apps/cli/serve/server-words.h"

#include <doctest/doctest.h>

#include "engine/json/document.h"

namespace weir::cli {

TEST_CASE("what a server says is a line for people, or a JSON object") {
  const logs::LogLine line{
      .level = LogLevel::warning, .micros = 1'000'000, .part = "server", .message = "listening at \"x\"\n"};
  CHECK(wordsOf(logs::LogFormat::text, line, "").starts_with("weir: listening at \"x\""));
  CHECK(wordsOf(logs::LogFormat::text, line, "data in y").ends_with("\n      data in y\n"));
  const auto text = wordsOf(logs::LogFormat::json, line, "data in\ny");
  CHECK(text.find('\n') == text.size() - 1);
  const auto parsed = json::parse(text);
  REQUIRE(parsed);
  CHECK(*parsed->root().find("level")->asString() == "warn");
  CHECK(*parsed->root().find("message")->asString() == "listening at \"x\"\n");
  CHECK(*parsed->root().find("detail")->asString() == "data in\ny");
  CHECK(json::parse(wordsOf(logs::LogFormat::json, line, ""))->root().find("detail") == nullptr);
}

}  // namespace weir::cli
