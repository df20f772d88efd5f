// Batches through the C stream interface and back.
#include "engine/data/arrow-c-stream.h"

#include <doctest/doctest.h>

#include "engine/data/batch-builder.h"
#include "engine/data/random-rows.h"

using namespace weir;
using weir::testing::Dice;
using weir::testing::equalRow;

namespace {

arrow::NextBatch eachOf(std::vector<Batch> batches) {
  return [batches = std::move(batches), next = std::size_t{0}]() mutable -> Result<std::optional<Batch>> {
    if (next == batches.size()) return std::nullopt;
    return batches[next++];
  };
}

}  // namespace

TEST_CASE("random batches pass through a stream and keep their schema, whatever dictionaries they have") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Dice dice(seed);
    MemoryAccount account;
    {
      const auto schema = testing::randomSchema(dice);
      std::vector<Batch> batches;
      for (std::uint32_t i = dice.below(4); i > 0; --i) {
        std::vector<Value> model;
        batches.push_back(testing::randomBatch(schema, dice, dice.below(40), model, account));
      }
      ArrowArrayStream stream{};
      arrow::exportStream(schema, eachOf(batches), &stream);
      auto import = arrow::StreamImport::open(&stream, account);
      REQUIRE_MESSAGE(import, import.error().message);
      REQUIRE((stream.release == nullptr));
      REQUIRE(import->schema() == schema);
      for (const auto& batch : batches) {
        const auto back = import->next();
        REQUIRE_MESSAGE(back, back.error().message);
        REQUIRE(back->has_value());
        REQUIRE((*back)->rows() == batch.rows());
        for (std::int64_t row = 0; row < batch.rows(); ++row) REQUIRE(equalRow((*back)->row(row), batch.row(row)));
      }
      CHECK_FALSE((*import->next()).has_value());
      CHECK_FALSE((*import->next()).has_value());
    }
    REQUIRE(account.usedBytes() == 0);
  }
}

TEST_CASE("a stream writes dictionaries out, so that its schema holds for every batch") {
  auto& account = MemoryAccount::unlimited();
  const auto schema = Schema::of({{.name = "s", .type = Type::string()}});
  const auto column = *constantColumn(Type::string(), Value::string("same"), 50, account);
  REQUIRE(column.dictionary);
  const std::vector<Value> texts{Value::string("one"), Value(), Value::string("")};
  const std::vector<Batch> batches{*Batch::of(schema, {column}, 50, {}, account),
                                   *Batch::of(schema, {*columnOf(Type::string(), texts, account)}, 3, {}, account)};
  ArrowArrayStream stream{};
  arrow::exportStream(schema, eachOf(batches), &stream);
  auto import = *arrow::StreamImport::open(&stream, account);
  const auto first = *import.next();
  CHECK_FALSE(first->column(0).dictionary);
  CHECK(first->column(0).text(49) == "same");
  const auto second = *import.next();
  CHECK(second->column(0).text(0) == "one");
  CHECK(second->column(0).isNull(1));
  CHECK(second->column(0).text(2).empty());
}

TEST_CASE("a batch outlives the stream that it came from") {
  auto& account = MemoryAccount::unlimited();
  const std::vector<Value> rows{Value::map({{Value::string("s"), Value::string("a text that is not short at all")}})};
  const auto batch = *batchOfRows(rows, account);
  std::optional<Batch> kept;
  {
    ArrowArrayStream stream{};
    arrow::exportStream(batch.schema(), eachOf({batch}), &stream);
    auto import = *arrow::StreamImport::open(&stream, account);
    kept = *import.next();
  }
  CHECK(kept->column(0).text(0) == "a text that is not short at all");
}

TEST_CASE("an error of the one side reaches the other, and stays") {
  auto& account = MemoryAccount::unlimited();
  ArrowArrayStream stream{};
  arrow::exportStream(
      Schema::of({{.name = "s", .type = Type::string()}}),
      []() -> Result<std::optional<Batch>> { return fail("files.io", "the disk is gone"); }, &stream);
  auto import = *arrow::StreamImport::open(&stream, account);
  for (int i = 0; i < 2; ++i) {
    const auto got = import.next();
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().code == "arrow.stream");
    CHECK(got.error().message == "The library that gives the Arrow stream failed: files.io: the disk is gone.");
  }
}
