// Packets, error packets and blob references in their pinned forms.
#include "engine/data/packet.h"

#include <doctest/doctest.h>

#include "engine/data/blob.h"
#include "engine/data/row-json.h"
#include "engine/data/value-codec.h"
#include "engine/data/value-json.h"

using namespace weir;

TEST_CASE("a packet is exactly the JSON that people know") {
  Packet packet{.schemaVersion = "1.0",
                .value = Value::map({{Value::string("a"), Value::int64(1)}}),
                .binaryValue = {},
                .traceId = "00ff",
                .originNode = "read",
                .timestampMicros = 1'500'000};
  std::string text;
  appendJson(text, packet);
  CHECK(
      text ==
      R"({"schemaVersion":"1.0","value":{"a":1},"traceId":"00ff","originNode":"read","timestamp":"1970-01-01T00:00:01.500Z"})");
  packet.binaryValue = blobValue({.uri = "data:x.bin", .offset = 5, .size = 7, .mime = "", .hash = "", .bytes = ""});
  text.clear();
  appendJson(text, packet);
  CHECK(text.find(R"("binaryValue":{"$blob":{"kind":"file","uri":"data:x.bin","offset":5,"size":7}})") !=
        std::string::npos);
}

TEST_CASE("error packets travel as rows and read back the same") {
  const ErrorPacket packet{.code = "csv.unterminated_quote",
                           .message = "a \"quote\"",
                           .nodeId = "read",
                           .traceId = "ab",
                           .recoverable = true,
                           .row = Value::list({Value::int64(1)}),
                           .tries = 3};
  const auto batch = errorBatch({&packet, 1}, MemoryAccount::unlimited());
  REQUIRE(batch);
  std::string text;
  appendJson(text, errorPacketOf(*batch, 0));
  CHECK(
      text ==
      R"({"code":"csv.unterminated_quote","message":"a \"quote\"","nodeId":"read","traceId":"ab","recoverable":true,"row":[1],"tries":3})");
  text.clear();
  appendRowJson(text, *batch, 0);
  CHECK(text.starts_with(R"({"code":"csv.unterminated_quote",)"));
}

TEST_CASE("blob references survive bytes and JSON") {
  const BlobRef blob{.kind = BlobKind::embedded,
                     .uri = "",
                     .offset = 0,
                     .size = 3,
                     .mime = "text/plain",
                     .hash = "sha256:00",
                     .bytes = "abc"};
  const auto encoded = encodeBlob(blob);
  const auto back = decodeBlob(encoded);
  REQUIRE(back);
  CHECK(back->bytes == "abc");
  const auto value = parseJsonValue(toJson(Value::blob(encoded)));
  REQUIRE(value);
  CHECK(value->kind() == ValueKind::blob);
  CHECK(value->text() == encoded);
  for (std::size_t cut = 0; cut < encoded.size(); ++cut)
    CHECK_FALSE(decodeBlob(std::string_view(encoded).substr(0, cut)));
}

TEST_CASE("encoded values decode to the same, and nothing else decodes") {
  const auto value =
      Value::map({{Value::string("k"), Value::list({Value::null(), Value::boolean(true), Value::int64(-5),
                                                    Value::uint64(~0ull), Value::float64(0.1), Value::timestamp(-1, 5),
                                                    Value::duration(3, 0), Value::bytes("\x00\xff"),
                                                    Value::optionalNone(), Value::optionalOf(Value::int64(1))})}});
  std::string bytes;
  REQUIRE(encodeValue(value, bytes));
  const auto back = decodeWholeValue(bytes);
  REQUIRE(back);
  CHECK(equalValues(*back, value));
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    CHECK_FALSE(decodeWholeValue(std::string_view(bytes).substr(0, cut)));
  auto deep = Value::int64(1);
  for (int i = 0; i < 1000; ++i) deep = Value::list({deep});
  const auto refused = encodeValue(deep, bytes);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "value.too_deep");
  CHECK_FALSE(decodeWholeValue(std::string(100'000, '\x0a')));
}
