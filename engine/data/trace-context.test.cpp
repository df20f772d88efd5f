// The header of W3C trace context, and which traces are sampled.
#include "engine/data/trace-context.h"

#include <doctest/doctest.h>

#include <string>

namespace weir {
namespace {

constexpr std::string_view kHeader = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST_CASE("a traceparent is read and written back as it came") {
  const auto context = parseTraceparent(kHeader);
  REQUIRE(context.has_value());
  CHECK(context->trace == TraceId{0x4bf92f3577b34da6, 0xa3ce929d0e0e4736});
  CHECK(context->parent == 0x00f067aa0ba902b7);
  CHECK(context->sampled);
  CHECK(traceparentText(*context) == kHeader);
  auto other = std::string(kHeader);
  other.back() = '0';
  CHECK(!parseTraceparent(other)->sampled);
  CHECK(traceparentText(*parseTraceparent(other)) == other);
}

TEST_CASE("what is no traceparent begins no trace") {
  auto with = [](std::size_t at, std::string_view text) {
    auto changed = std::string(kHeader);
    changed.replace(at, text.size(), text);
    return parseTraceparent(changed).has_value();
  };
  CHECK(!with(0, "ff"));                                // a version that is forbidden
  CHECK(!with(0, "0G"));                                // no digit
  CHECK(!with(3, "4BF9"));                              // upper case
  CHECK(!with(3, "00000000000000000000000000000000"));  // the trace of nobody
  CHECK(!with(36, "0000000000000000"));                 // the span of nobody
  CHECK(!with(35, "_"));                                // no dash
  CHECK(!with(53, "zz"));                               // no flags
  CHECK(!parseTraceparent("").has_value());
  for (std::size_t cut = 0; cut < kHeader.size(); ++cut) CHECK(!parseTraceparent(kHeader.substr(0, cut)).has_value());
  CHECK(!parseTraceparent(std::string(kHeader) + "-more").has_value());  // version 00 ends here
}

TEST_CASE("a later version of the header is read as far as it is known") {
  const auto later = "cc" + std::string(kHeader.substr(2));
  CHECK(parseTraceparent(later).has_value());
  CHECK(parseTraceparent(later + "-what-the-future-will-be-like")->sampled);
  CHECK(!parseTraceparent(later + ".what").has_value());
  CHECK(traceparentText(*parseTraceparent(later)) == kHeader);
}

TEST_CASE("unknown flags are not passed on") {
  auto header = std::string(kHeader);
  header.replace(53, 2, "ff");
  CHECK(traceparentText(*parseTraceparent(header)) == kHeader);
}

TEST_CASE("one trace in so many is sampled, the same ones everywhere") {
  CHECK(!traceSampled({1, 2}, 0));
  CHECK(traceSampled({1, 2}, 1));
  int sampled = 0;
  for (std::uint64_t i = 0; i < 100'000; ++i) sampled += traceSampled({7, i}, 1000) ? 1 : 0;
  CHECK(sampled > 60);
  CHECK(sampled < 140);
}

TEST_CASE("spans are told apart by node and step") {
  const TraceId trace{3, 4};
  CHECK(spanIdOf(trace, 0, 0) == spanIdOf(trace, 0, 0));
  CHECK(spanIdOf(trace, 0, 0) != spanIdOf(trace, 1, 0));
  CHECK(spanIdOf(trace, 0, 0) != spanIdOf(trace, 0, 1));
  CHECK(spanIdText(0x00f067aa0ba902b7) == "00f067aa0ba902b7");
}

}  // namespace
}  // namespace weir
