// Frames, control frames and batches over them.
#include "engine/live/frame.h"

#include <doctest/doctest.h>

#include "engine/data/batch-builder.h"
#include "engine/live/batch-frames.h"
#include "engine/live/control.h"

namespace weir::live {
namespace {

std::string frameOf(FrameKind kind, std::string_view payload) {
  std::string out;
  FrameHeader header;
  header.kind = kind;
  header.subscription = 7;
  header.sequence = 0x0102030405060708ULL;
  header.rowsShed = 99;
  appendFrame(out, header, payload);
  return out;
}

Batch rowsOf(std::int64_t first, std::int64_t count, bool named) {
  std::vector<Value> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    std::vector<MapEntry> row{{Value::string("id"), Value::int64(first + i)}};
    if (named) row.push_back({Value::string("name"), Value::string("row " + std::to_string(first + i))});
    rows.push_back(Value::map(std::move(row)));
  }
  return *batchOfRows(rows, MemoryAccount::unlimited());
}

}  // namespace

TEST_CASE("a header is 24 bytes, little-endian, in the order that formats.md says") {
  std::string bytes;
  FrameHeader header;
  header.kind = FrameKind::batch;
  header.flags = kCompressed;
  header.subscription = 0x0a0b0c0d;
  header.sequence = 0x1112131415161718ULL;
  header.rowsShed = 2;
  appendHeader(bytes, header);
  CHECK(bytes ==
        std::string_view("\x01\x03\x01\x00\x0d\x0c\x0b\x0a\x18\x17\x16\x15\x14\x13\x12\x11\x02\0\0\0\0\0\0\0", 24));
  const auto read = readHeader(bytes);
  REQUIRE(read);
  CHECK(read->kind == FrameKind::batch);
  CHECK(read->flags == kCompressed);
  CHECK(read->subscription == 0x0a0b0c0d);
  CHECK(read->sequence == 0x1112131415161718ULL);
  CHECK(read->rowsShed == 2);
}

TEST_CASE("a stream cut anywhere gives the same frames") {
  const auto bytes =
      frameOf(FrameKind::control, "{}") + frameOf(FrameKind::batch, "") + frameOf(FrameKind::schema, "abc");
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    FrameSplitter splitter;
    std::vector<Frame> frames;
    for (std::size_t at = 0; at < bytes.size(); at += cut) {
      splitter.feed(std::string_view(bytes).substr(at, cut));
      for (;;) {
        auto frame = splitter.next();
        REQUIRE(frame);
        if (!*frame) break;
        frames.push_back(std::move(**frame));
      }
    }
    REQUIRE(frames.size() == 3);
    CHECK(frames[0].payload == "{}");
    CHECK(frames[1].header.kind == FrameKind::batch);
    CHECK(frames[2].payload == "abc");
    CHECK(splitter.empty());
  }
}

TEST_CASE("frames that cannot be are refused before anything is held for them") {
  const auto refused = [](std::string bytes, std::int64_t most = kMaxFrameBytes) {
    FrameSplitter splitter(most);
    splitter.feed(bytes);
    const auto frame = splitter.next();
    REQUIRE_FALSE(frame);
    return std::string(frame.error().code);
  };
  CHECK(refused(std::string("\xff\xff\xff\xff", 4)) == "live.too_large");
  CHECK(refused(std::string("\x03\0\0\0", 4)) == "live.frame");
  CHECK(refused(frameOf(FrameKind::control, std::string(100, ' ')), 64) == "live.too_large");
  auto version = frameOf(FrameKind::control, "{}");
  version[4] = 2;
  CHECK(refused(version) == "live.frame");
  auto kind = frameOf(FrameKind::control, "{}");
  kind[5] = 9;
  CHECK(refused(kind) == "live.frame");
}

TEST_CASE("a control frame keeps its id, its subscription and its data") {
  Control control{"subscribe", "q1", 3};
  control.data.set("edge", "e1");
  control.data.set("rows", 5);
  const auto text = writeControl(control);
  CHECK(text == R"({"v":1,"type":"subscribe","id":"q1","subscription":3,"data":{"edge":"e1","rows":5}})");
  const auto read = readControl(text);
  REQUIRE(read);
  CHECK(read->type == "subscribe");
  CHECK(read->id == "q1");
  CHECK(read->subscription == 3);
  CHECK(read->data == control.data);
}

TEST_CASE("a control frame that is none says what is wrong with it") {
  const auto problem = [](std::string_view text) {
    const auto read = readControl(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "live.control");
    return read.error().message;
  };
  CHECK(problem("nonsense").find("no JSON") != std::string::npos);
  CHECK(problem("[]").find("an object was expected") != std::string::npos);
  CHECK(problem(R"({"v":2,"type":"x"})").find("version 2") != std::string::npos);
  CHECK(problem(R"({"v":1})").find("no type") != std::string::npos);
  CHECK(problem(R"({"v":1,"type":3})").find("'type' is an integer") != std::string::npos);
  CHECK(problem(R"({"v":1,"type":"x","subscription":-1})").find("-1") != std::string::npos);
  CHECK(problem(R"({"v":1,"type":"x","data":)" + std::string(70, '[') + std::string(70, ']') + "}").size() > 0);
  CHECK(problem(R"({"v":1,"type":"x","data":")" + std::string(70'000, 'x') + "\"}").size() > 0);
}

TEST_CASE("batches of changing schemas arrive as they were sent") {
  BatchFrames frames(7);
  std::string stream;
  const std::vector<Batch> sent{rowsOf(0, 3, true), rowsOf(3, 2, true), rowsOf(5, 4, false), rowsOf(9, 1, true)};
  for (const auto& batch : sent) REQUIRE(frames.append(stream, batch, 12));
  FrameSplitter splitter;
  splitter.feed(stream);
  BatchAssembler assembler(MemoryAccount::unlimited());
  std::vector<Batch> got;
  std::uint64_t sequence = 0;
  for (;;) {
    auto frame = splitter.next();
    REQUIRE(frame);
    if (!*frame) break;
    CHECK((*frame)->header.subscription == 7);
    CHECK((*frame)->header.rowsShed == 12);
    CHECK((*frame)->header.sequence == ++sequence);
    auto batch = assembler.take(**frame);
    REQUIRE(batch);
    if (*batch) got.push_back(std::move(**batch));
  }
  REQUIRE(got.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    REQUIRE(got[i].rows() == sent[i].rows());
    for (std::int64_t row = 0; row < got[i].rows(); ++row) CHECK(equalValues(got[i].row(row), sent[i].row(row)));
  }
}

TEST_CASE("rows without a schema and compressed frames are refused") {
  BatchAssembler assembler(MemoryAccount::unlimited());
  Frame frame;
  frame.header.kind = FrameKind::batch;
  CHECK_FALSE(assembler.take(frame));
  frame.header.kind = FrameKind::schema;
  frame.header.flags = kCompressed;
  CHECK_FALSE(assembler.take(frame));
}

}  // namespace weir::live
