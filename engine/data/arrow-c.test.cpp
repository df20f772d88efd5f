// Batches through the C data interface and back.
#include "engine/data/arrow-c.h"

#include <doctest/doctest.h>

#include "engine/data/random-rows.h"

using namespace weir;
using weir::testing::Dice;
using weir::testing::equalRow;

TEST_CASE("a batch exported and imported is the same and shares its memory") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Dice dice(seed);
    MemoryAccount account;
    {
      const auto schema = testing::randomSchema(dice);
      std::vector<Value> model;
      const auto rows = dice.below(40);
      auto batch = testing::randomBatch(schema, dice, rows, model, account);
      const auto skip = dice.below(rows + 1);
      batch = batch.slice(skip, rows - skip);
      ArrowArray array{};
      ArrowSchema arrowSchema{};
      REQUIRE(arrow::exportBatch(batch, &array, &arrowSchema));
      const auto back = arrow::importBatch(&array, &arrowSchema, account);
      REQUIRE_MESSAGE(back, back.error().message);
      REQUIRE((array.release == nullptr));
      REQUIRE((arrowSchema.release == nullptr));
      REQUIRE(back->schema() == schema);
      REQUIRE(back->rows() == batch.rows());
      for (std::int64_t row = 0; row < batch.rows(); ++row) REQUIRE(equalRow(back->row(row), batch.row(row)));
      for (std::size_t i = 0; rows > skip && i < batch.columns().size(); ++i)
        if (batch.columns()[i].type->kind == Kind::int64)
          CHECK(back->columns()[i].ints().data() == batch.columns()[i].ints().data());
    }
    REQUIRE(account.usedBytes() == 0);
  }
}

TEST_CASE("an exported batch outlives its batch, in either order of release") {
  auto& account = MemoryAccount::unlimited();
  ArrowArray array{};
  ArrowSchema schema{};
  {
    const std::vector<Value> rows{Value::map({{Value::string("s"), Value::string("a text that is not short at all")}})};
    REQUIRE(arrow::exportBatch(*batchOfRows(rows, account), &array, &schema));
  }
  CHECK(std::string_view(schema.format) == "+s");
  CHECK(std::string_view(schema.children[0]->format) == "u");
  schema.release(&schema);
  const auto* offsets = static_cast<const std::int32_t*>(array.children[0]->buffers[1]);
  CHECK(offsets[1] == 31);
  array.release(&array);
  CHECK((array.release == nullptr));
}

TEST_CASE("dictionaries stay dictionaries through the C data interface") {
  auto& account = MemoryAccount::unlimited();
  const auto schema = Schema::of({{.name = "s", .type = Type::string()}});
  const auto column = *constantColumn(Type::string(), Value::string("same"), 50, account);
  const auto batch = *Batch::of(schema, {column}, 50, {}, account);
  ArrowArray array{};
  ArrowSchema exported{};
  REQUIRE(arrow::exportBatch(batch, &array, &exported));
  const auto back = *arrow::importBatch(&array, &exported, account);
  CHECK(back.column(0).dictionary);
  CHECK(back.column(0).text(49) == "same");
}
