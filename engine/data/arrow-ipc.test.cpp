// What is written in Arrow's IPC format comes back the same; what is damaged is refused.
#include "engine/data/arrow-ipc.h"

#include <doctest/doctest.h>

#include <cstring>

#include "engine/data/blob.h"
#include "engine/data/random-rows.h"

using namespace weir;
using weir::testing::Dice;
using weir::testing::equalRow;
using weir::testing::randomBatch;
using weir::testing::randomSchema;

namespace {

ipc::Sink into(std::string& bytes) {
  return [&bytes](std::string_view piece) -> Result<void> {
    bytes += piece;
    return {};
  };
}

ipc::ReadAt from(const std::string& bytes) {
  return [&bytes](std::int64_t offset, std::span<std::byte> to) -> Result<void> {
    std::memcpy(to.data(), bytes.data() + offset, to.size());
    return {};
  };
}

void checkSame(const Batch& a, const Batch& b) {
  REQUIRE(a.schema() == b.schema());
  REQUIRE(a.rows() == b.rows());
  for (std::int64_t row = 0; row < a.rows(); ++row) REQUIRE(equalRow(a.row(row), b.row(row)));
}

Batch letters(const std::vector<std::string>& entries, std::int64_t rows) {
  auto& account = MemoryAccount::unlimited();
  std::vector<Value> values;
  for (const auto& entry : entries) values.push_back(Value::string(entry));
  const ColumnRoom room{.dictionary = true};
  auto writer = BatchWriter::make(Schema::of({{.name = "s", .type = Type::string()}}), rows, {&room, 1}, account);
  for (std::int64_t i = 0; i < rows; ++i)
    writer->codes(0)[i] = static_cast<std::int32_t>(i % static_cast<std::int64_t>(entries.size()));
  writer->setNull(0, 1);
  writer->setDictionary(0, *columnOf(Type::string(), values, account));
  return writer->finish(rows, {});
}

}  // namespace

TEST_CASE("random batches survive a stream that arrives in pieces, and a file") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Dice dice(seed);
    MemoryAccount account;
    {
      const auto schema = randomSchema(dice);
      std::vector<Batch> batches;
      for (int i = 0; i < 3; ++i) {
        std::vector<Value> model;
        const auto rows = 1 + dice.below(40);
        auto batch = randomBatch(schema, dice, rows, model, account);
        const auto skip = dice.below(rows);
        batches.push_back(batch.slice(skip, rows - skip));
      }
      const ipc::WriteOptions options{.alignment = dice.below(2) == 0 ? 8 : 64};
      const auto bytes = *ipc::writeStream(schema, batches, options);
      ipc::StreamReader reader(account);
      std::size_t read = 0;
      for (std::size_t at = 0; at < bytes.size();) {
        const auto piece = 1 + dice.below(700);
        reader.feed(std::string_view(bytes).substr(at, piece));
        at += piece;
        while (true) {
          auto batch = reader.next();
          REQUIRE_MESSAGE(batch, batch.error().message);
          if (!*batch) break;
          checkSame(batches[read++], **batch);
        }
      }
      REQUIRE(read == 3);
      REQUIRE(reader.ended());
      REQUIRE(reader.finish());
      std::string file;
      ipc::FileWriter writer(into(file), schema, options);
      for (const auto& batch : batches) REQUIRE(writer.write(batch));
      REQUIRE(writer.finish());
      auto opened = ipc::FileReader::open(from(file), static_cast<std::int64_t>(file.size()), account);
      REQUIRE_MESSAGE(opened, opened.error().message);
      REQUIRE(opened->batches() == 3);
      for (std::int64_t i = 2; i >= 0; --i) checkSame(batches[static_cast<std::size_t>(i)], *opened->batch(i));
    }
    REQUIRE(account.usedBytes() == 0);
  }
}

TEST_CASE("dictionaries are replaced within a stream, and plain batches join in") {
  auto& account = MemoryAccount::unlimited();
  const auto a = letters({"x", "y"}, 10);
  const auto b = letters({"p", "q", "r"}, 12);
  const auto plain = *b.gather(std::vector<std::uint32_t>{1, 2, 3});
  REQUIRE_FALSE(plain.column(0).dictionary);
  const std::vector<Batch> batches{a, a, b, plain};
  const auto bytes = *ipc::writeStream(a.schema(), batches);
  const auto back = *ipc::readStream(bytes, account);
  REQUIRE(back.size() == 4);
  CHECK(back[0].column(0).dictionary);
  CHECK(back[0].column(0).owner);
  for (std::size_t i = 0; i < 4; ++i) checkSame(batches[i], back[i]);
}

TEST_CASE("the envelope travels as the last field when asked for") {
  auto& account = MemoryAccount::unlimited();
  const auto schema = Schema::of({{.name = "n", .type = Type::int64()}}, "2.0");
  auto writer = BatchWriter::make(schema, 5, {}, account);
  for (std::int64_t i = 0; i < 5; ++i) writer->ints(0)[i] = i;
  Envelope envelope{.origin = 7, .partition = 2, .firstSequence = 100};
  Envelope::Detail detail;
  detail.offsets = {0, 2, 3, 9, 10};
  detail.runs = {{.firstRow = 0, .timestampMicros = 5},
                 {.firstRow = 3, .timestampMicros = 6, .priority = 2, .trace = {1, 2}}};
  envelope.detail = std::make_shared<const Envelope::Detail>(std::move(detail));
  const auto batch = writer->finish(5, envelope);
  const auto back = *ipc::readStream(*ipc::writeStream(schema, {&batch, 1}, {.envelope = true}), account);
  checkSame(batch, back[0]);
  CHECK(back[0].envelope().origin == 7);
  for (std::int64_t i = 0; i < 5; ++i) {
    CHECK(back[0].envelope().sequence(i) == batch.envelope().sequence(i));
    CHECK(back[0].envelope().at(i).trace == batch.envelope().at(i).trace);
    CHECK(back[0].envelope().at(i).timestampMicros == batch.envelope().at(i).timestampMicros);
  }
}

TEST_CASE("a damaged stream gives an error and never a wrong access") {
  Dice dice(5);
  auto& account = MemoryAccount::unlimited();
  for (int round = 0; round < 40; ++round) {
    const auto schema = randomSchema(dice);
    std::vector<Value> model;
    const auto batch = randomBatch(schema, dice, 20, model, account);
    const auto bytes = *ipc::writeStream(schema, {&batch, 1}, {.alignment = 8});
    for (std::size_t cut = 1; cut < bytes.size() - 8; cut += 1 + dice.below(40)) {
      const auto outcome = ipc::readStream(std::string_view(bytes).substr(0, cut), account);
      if (!outcome) CHECK(outcome.error().code == "arrow.truncated");
    }
    for (int hit = 0; hit < 100; ++hit) {
      auto damaged = bytes;
      damaged[dice.below(static_cast<std::uint32_t>(damaged.size()))] = static_cast<char>(dice.below(256));
      const auto outcome = ipc::readStream(damaged, account);
      if (!outcome) continue;
      for (const auto& each : *outcome)
        for (std::int64_t row = 0; row < each.rows() && row < 100; ++row) static_cast<void>(each.row(row));
    }
  }
}

TEST_CASE("a file that is cut anywhere is refused, also inside its footer") {
  auto& account = MemoryAccount::unlimited();
  const auto batch = letters({"one", "two", "three"}, 9);
  std::string whole;
  ipc::FileWriter writer(into(whole), batch.schema(), {.alignment = 8});
  for (int i = 0; i < 3; ++i) REQUIRE(writer.write(batch));
  REQUIRE(writer.finish());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const auto cut = whole.substr(0, size);
    CHECK_FALSE(ipc::FileReader::open(from(cut), static_cast<std::int64_t>(size), account).has_value());
  }
  CHECK(ipc::FileReader::open(from(whole), static_cast<std::int64_t>(whole.size()), account).has_value());
  // The same by way of the stream in it.
  ipc::StreamReader reader(account);
  reader.feed(std::string_view(whole).substr(ipc::kFileMagic.size()));
  while (!reader.ended()) REQUIRE(reader.next());
  const std::string tail(reader.behindEnd());
  CHECK(ipc::checkFileTail(tail, 3));
  CHECK(ipc::checkFileTail(tail, 2).error().code == "arrow.invalid");
  for (std::size_t size = 0; size < tail.size(); ++size) {
    CHECK(ipc::checkFileTail(std::string_view(tail).substr(0, size), 3).error().code == "arrow.truncated");
  }
}

TEST_CASE("a stream that is cut is refused but where a message ends") {
  auto& account = MemoryAccount::unlimited();
  const auto batch = letters({"one", "two", "three"}, 9);
  const std::vector<Batch> batches{batch, batch};
  const auto whole = *ipc::writeStream(batch.schema(), batches, {.alignment = 8});
  std::vector<std::size_t> read;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto outcome = ipc::readStream(std::string_view(whole).substr(0, size), account);
    if (outcome) {
      read.push_back(outcome->size());
    } else {
      CHECK(outcome.error().code == "arrow.truncated");
    }
  }
  // Behind schema, dictionary, and each batch.
  CHECK(read == std::vector<std::size_t>{0, 0, 1, 2});
  CHECK(ipc::readStream(whole + whole, account).error().code == "arrow.invalid");
}
