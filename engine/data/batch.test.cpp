// Batches against a naive model: slicing, selecting, gathering, joining, building.
#include "engine/data/batch.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "engine/data/batch-builder.h"
#include "engine/data/batch-in-place.h"
#include "engine/data/random-rows.h"

using namespace weir;
using weir::testing::Dice;
using weir::testing::equalRow;
using weir::testing::randomBatch;
using weir::testing::randomSchema;

namespace {

using Model = std::vector<Value>;

void checkSame(const Batch& batch, const Model& model) {
  REQUIRE(batch.rows() == static_cast<std::int64_t>(model.size()));
  for (std::size_t i = 0; i < model.size(); ++i) REQUIRE(equalRow(batch.row(static_cast<std::int64_t>(i)), model[i]));
}

Buffer indexBuffer(const std::vector<std::uint32_t>& rows) {
  auto buffer = Buffer::allocate(static_cast<std::int64_t>(rows.size() * 4), MemoryAccount::unlimited());
  if (!rows.empty()) std::memcpy(buffer->mutableData(), rows.data(), rows.size() * 4);
  return *buffer;
}

Batch dictionaryBatch(const std::vector<std::string>& entries, const std::vector<int>& codes) {
  auto& account = MemoryAccount::unlimited();
  std::vector<Value> values;
  for (const auto& entry : entries) values.push_back(Value::string(entry));
  const ColumnRoom room{.dictionary = true};
  auto schema = Schema::of({{.name = "s", .type = Type::string()}});
  auto writer = BatchWriter::make(schema, static_cast<std::int64_t>(codes.size()), {&room, 1}, account);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    writer->codes(0)[i] = codes[i] < 0 ? 0 : codes[i];
    if (codes[i] < 0) writer->setNull(0, static_cast<std::int64_t>(i));
  }
  writer->setDictionary(0, *columnOf(Type::string(), values, account));
  return writer->finish(static_cast<std::int64_t>(codes.size()), {});
}

}  // namespace

TEST_CASE("slices, selections, gathers and joins agree with a list of rows") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Dice dice(seed);
    MemoryAccount account;
    {
      const auto schema = randomSchema(dice);
      Model model;
      auto batch = randomBatch(schema, dice, static_cast<std::int64_t>(dice.below(60)), model, account);
      checkSame(batch, model);
      for (int step = 0; step < 6; ++step) {
        const auto rows = static_cast<std::uint32_t>(model.size());
        switch (dice.below(6)) {
          case 0: {
            const auto from = dice.below(rows + 1);
            const auto count = dice.below(rows - from + 1);
            batch = batch.slice(from, count);
            model = Model(model.begin() + from, model.begin() + from + count);
            break;
          }
          case 1: {
            if (batch.hasSelection()) batch = *batch.dense();
            std::vector<std::uint32_t> chosen;
            Model kept;
            for (std::uint32_t i = 0; i < rows; ++i) {
              if (dice.below(3) == 0) continue;
              chosen.push_back(i);
              kept.push_back(model[i]);
            }
            batch = *batch.withSelection(indexBuffer(chosen), static_cast<std::int64_t>(chosen.size()));
            model = kept;
            break;
          }
          case 2: {
            std::vector<std::uint32_t> chosen;
            Model picked;
            for (std::uint32_t i = 0; rows > 0 && i < dice.below(40); ++i) {
              chosen.push_back(dice.below(rows));
              picked.push_back(model[chosen.back()]);
            }
            batch = *batch.gather(chosen);
            model = picked;
            break;
          }
          case 3: {
            Model more;
            const std::vector<Batch> parts{batch, randomBatch(schema, dice, dice.below(20), more, account), batch};
            auto whole = model;
            whole.insert(whole.end(), more.begin(), more.end());
            whole.insert(whole.end(), model.begin(), model.end());
            batch = *concat(parts, account);
            model = whole;
            break;
          }
          case 4:
            batch = *batch.compact(account);
            break;
          case 5:
            batch = *batch.dense();
            break;
        }
        checkSame(batch, model);
        REQUIRE(batch.logicalBytes() >= 0);
        REQUIRE(batch.pinnedBytes() >= 64);
      }
    }
    REQUIRE(account.usedBytes() == 0);
  }
}

TEST_CASE("rows copied from a batch to a builder stay the same") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Dice dice(seed);
    MemoryAccount account;
    const auto schema = randomSchema(dice);
    Model model;
    const auto batch = randomBatch(schema, dice, 30, model, account);
    BatchBuilder builder(schema, account);
    for (std::int64_t i = 0; i < 30; ++i) REQUIRE(builder.appendRow(batch, i));
    checkSame(*builder.finish(), model);
  }
}

TEST_CASE("dictionaries are merged, and dropped when they no longer pay") {
  auto& account = MemoryAccount::unlimited();
  const auto a = dictionaryBatch({"x", "y"}, {0, 1, 0, 1, -1, 0, 0, 1});
  const auto b = dictionaryBatch({"y", "z"}, {0, 1, 0, 1, 1, 1, -1, 0});
  const auto joined = *concat(std::vector<Batch>{a, b}, account);
  CHECK(joined.column(0).dictionary);
  CHECK(joined.column(0).children[0].length == 3);
  CHECK(joined.column(0).text(8) == "y");
  CHECK(joined.column(0).text(9) == "z");
  CHECK(joined.column(0).isNull(4));
  CHECK(joined.column(0).isNull(14));
  const auto few = *a.gather(std::vector<std::uint32_t>{1, 4, 2});
  CHECK_FALSE(few.column(0).dictionary);
  CHECK(few.column(0).text(0) == "y");
  CHECK(few.column(0).isNull(1));
  const auto constant = *constantColumn(Type::string(), Value::string("same"), 100, account);
  CHECK(constant.dictionary);
  CHECK(constant.text(99) == "same");
}

TEST_CASE("a value that does not fit is refused by name and its row leaves no trace") {
  MemoryAccount account;
  BatchBuilder builder(Schema::of({{.name = "id", .type = Type::int64(), .nullable = false},
                                   {.name = "price", .type = Type::float64()},
                                   {.name = "tags", .type = Type::list(Type::string())}}),
                       account);
  REQUIRE(builder.append(std::vector<Value>{Value::int64(1), Value::int64(2), Value::null()}));
  const auto refused = builder.append(
      std::vector<Value>{Value::int64(2), Value::null(), Value::list({Value::string("a"), Value::int64(1)})});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "schema.mismatch");
  CHECK(refused.error().message.find("`tags.[]`: expected string") != std::string::npos);
  CHECK_FALSE(builder.append(std::vector<Value>{Value::null(), Value::null(), Value::null()}));
  CHECK_FALSE(
      builder.appendRow(Value::map({{Value::string("id"), Value::int64(1)}, {Value::string("no"), Value::int64(1)}})));
  REQUIRE(builder.append(std::vector<Value>{Value::int64(3), Value::float64(0.5), Value::list({Value::string("z")})}));
  const auto batch = *builder.finish();
  REQUIRE(batch.rows() == 2);
  CHECK(batch.column("price")->doubles()[0] == 2.0);
  CHECK(batch.column("id")->ints()[1] == 3);
  CHECK(batch.value(1, 2).items().size() == 1);
}

TEST_CASE("a batch that nobody else holds is rearranged in place, one that is shared stays as it was") {
  auto& account = MemoryAccount::unlimited();
  const auto from = Schema::of({{.name = "a", .type = Type::int64()}, {.name = "b", .type = Type::int64()}});
  const auto to = Schema::of({{.name = "a", .type = Type::int64()}, {.name = "c", .type = Type::string()}});
  const std::int32_t sources[] = {0, -1};
  const auto make = [&] {
    auto writer = BatchWriter::make(from, 2, {}, account);
    for (std::int64_t i = 0; i < 2; ++i) writer->ints(0)[i] = writer->ints(1)[i] = i;
    return writer->finish(2, {.firstSequence = 7});
  };
  const auto words = [&] {
    return *columnOf(Type::string(), std::vector<Value>{Value::string("x"), Value::string("yy")}, account);
  };
  const auto same = [&](const Batch& batch) {
    CHECK(batch.schema() == to);
    CHECK(batch.envelope().firstSequence == 7);
    CHECK(batch.column(0).ints()[1] == 1);
    CHECK(batch.column(1).text(1) == "yy");
    CHECK(batch.logicalBytes() == 2 * 8 + 2 * 4 + 3);
  };
  auto alone = make();
  const auto* place = alone.columns().data();
  auto made = words();
  const auto moved = *std::move(alone).rearranged(to, sources, {&made, 1});
  CHECK(moved.columns().data() == place);
  same(moved);

  auto shared = make();
  const auto other = shared;
  made = words();
  same(*std::move(shared).rearranged(to, sources, {&made, 1}));
  CHECK(other.schema() == from);
  CHECK(other.column(1).ints()[1] == 1);
  auto held = other;
  made = words();
  CHECK_FALSE(rearrangeInPlace(held, to, sources, {&made, 1}));
  CHECK(held.schema() == from);
  CHECK(made.text(1) == "yy");

  // Columns that change places are copied.
  auto swapped = make();
  const std::int32_t crossed[] = {1, 0};
  const auto turned = *std::move(swapped).rearranged(from, crossed, {});
  CHECK(turned.column(0).ints()[1] == 1);
}

TEST_CASE(
    "who made rows is said in place where nobody else holds the batch, and nothing else of its envelope changes") {
  auto writer =
      BatchWriter::make(Schema::of({{.name = "a", .type = Type::int64()}}), 4, {}, MemoryAccount::unlimited());
  for (std::int64_t i = 0; i < 4; ++i) writer->ints(0)[i] = i;
  const auto whole = writer->finish(4, {.partition = 2, .firstSequence = 7, .timestampMicros = 5, .priority = 1});
  const auto same = [](const Envelope& envelope, std::uint64_t firstSequence) {
    CHECK(envelope.partition == 2);
    CHECK(envelope.firstSequence == firstSequence);
    CHECK(envelope.timestampMicros == 5);
    CHECK(envelope.priority == 1);
  };
  auto part = whole.slice(1, 2);
  CHECK(part.envelope().origin == 0);
  same(part.envelope(), 8);
  const auto* place = &part.envelope();
  setOrigin(part, 3, 40);
  CHECK(&part.envelope() == place);
  CHECK(part.envelope().origin == 3);
  same(part.envelope(), 40);

  const auto other = part;
  setOrigin(part, 4, 50);
  CHECK(part.envelope().origin == 4);
  same(part.envelope(), 50);
  CHECK(part.column(0).ints()[0] == 1);
  CHECK(other.envelope().origin == 3);
  same(other.envelope(), 40);
}

TEST_CASE("a refused allocation is an error and charges nothing") {
  MemoryAccount account(100'000);
  BatchBuilder builder(Schema::of({{.name = "s", .type = Type::string()}}), account);
  Result<void> outcome;
  std::int64_t rows = 0;
  while (outcome && rows < 100'000) {
    outcome = builder.append(std::vector<Value>{Value::string("twenty bytes of text")});
    ++rows;
  }
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == "memory.limit");
  CHECK(account.usedBytes() <= 100'000);
}

TEST_CASE("envelopes keep sequence, time and trace through slice, dense and join") {
  auto& account = MemoryAccount::unlimited();
  const auto schema = Schema::of({{.name = "n", .type = Type::int64()}});
  const auto make = [&](std::int64_t rows, std::uint64_t first, std::int64_t time) {
    auto writer = BatchWriter::make(schema, rows, {}, account);
    for (std::int64_t i = 0; i < rows; ++i) writer->ints(0)[i] = static_cast<std::int64_t>(first) + i;
    return writer->finish(rows, {.origin = 3, .partition = 1, .firstSequence = first, .timestampMicros = time});
  };
  const auto joined = *concat(std::vector<Batch>{make(4, 10, 100), make(3, 20, 200), make(2, 23, 200)}, account);
  const auto chosen = *joined.withSelection(indexBuffer({1, 3, 4, 8}), 4);
  const auto dense = *chosen.dense();
  for (std::int64_t i = 0; i < dense.rows(); ++i) {
    const auto n = dense.column(0).ints()[static_cast<std::size_t>(i)];
    CHECK(dense.envelope().sequence(i) == static_cast<std::uint64_t>(n));
    CHECK(dense.envelope().at(i).timestampMicros == (n < 20 ? 100 : 200));
  }
  const auto tail = dense.slice(2, 2);
  CHECK(tail.envelope().sequence(1) == 24);
  CHECK(tail.envelope().at(0).timestampMicros == 200);
  const auto run = *concat(std::vector<Batch>{make(4, 10, 100), make(4, 14, 100)}, account);
  CHECK(run.envelope().detail == nullptr);
}

TEST_CASE("rows that disagree become any, double or nullable") {
  auto& account = MemoryAccount::unlimited();
  const auto row = [](std::vector<MapEntry> entries) { return Value::map(std::move(entries)); };
  const std::vector<Value> rows{
      row({{Value::string("a"), Value::int64(1)},
           {Value::string("b"), Value::string("x")},
           {Value::string("c"), Value::int64(1)}}),
      row({{Value::string("a"), Value::float64(0.5)}, {Value::string("b"), Value::int64(7)}})};
  const auto batch = *batchOfRows(rows, account);
  CHECK(batch.schema()->describe() == "{a: double, b: any, c: int?}");
  CHECK(batch.value(1, 1).int64() == 7);
  CHECK(batch.value(1, 2).isNull());
}
