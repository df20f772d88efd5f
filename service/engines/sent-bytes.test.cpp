// Tests of what is told of bytes that were sent.
#include "service/engines/sent-bytes.h"

#include <doctest/doctest.h>

#include <vector>

namespace weir::engines {
namespace {

TEST_CASE("What a run has sent more than before is told once, and nothing of what says nothing") {
  std::vector<std::int64_t> told;
  SentBytes sent([&told](std::int64_t bytes) { told.push_back(bytes); });
  for (const auto* json : {R"({"egressBytes":10})", R"({"egressBytes":10})", "{}", "no JSON", "[]",
                           R"({"egressBytes":-5})", R"({"egressBytes":"7"})", R"({"egressBytes":25})"}) {
    sent.metrics(json);
  }
  CHECK(told == std::vector<std::int64_t>{10, 15});
  SentBytes{TellSent{}}.metrics(R"({"egressBytes":10})");
}

}  // namespace
}  // namespace weir::engines
