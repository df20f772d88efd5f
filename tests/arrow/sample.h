// The batches that other libraries are shown: every kind, nulls, slices, a dictionary.
#pragma once

#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/blob.h"

namespace weir::testing {

inline constexpr std::int64_t kSampleRows = 40;

inline SchemaRef sampleSchema() {
  return Schema::of({{.name = "id", .type = Type::int64(), .nullable = false},
                     {.name = "big", .type = Type::uint64()},
                     {.name = "ratio", .type = Type::float64()},
                     {.name = "flag", .type = Type::boolean()},
                     {.name = "name", .type = Type::string(), .nullable = true, .sensitive = true},
                     {.name = "region", .type = Type::string()},
                     {.name = "raw", .type = Type::bytes()},
                     {.name = "at", .type = Type::timestamp()},
                     {.name = "exactly", .type = Type::timestamp(TimeUnit::nanos)},
                     {.name = "took", .type = Type::duration()},
                     {.name = "tags", .type = Type::list(Type::string())},
                     {.name = "point",
                      .type = Type::map({{.name = "x", .type = Type::int64()}, {.name = "y", .type = Type::string()}})},
                     {.name = "matrix", .type = Type::tensor({2, 2})},
                     {.name = "nothing", .type = Type::null()},
                     {.name = "whatever", .type = Type::any()},
                     {.name = "file", .type = Type::blob()}},
                    "1.2.0");
}

/// Row i: id i, big 2^63+i, ratio i/2 (null where i % 5 == 0), flag i odd, name "name i", region of 4, raw "r<i>", at i
/// s and 1 us, exactly i ns, took -i ms, tags i % 3 of them, point {i, "y"} (null where i % 4 == 3), matrix [[i, 1],
/// [2, 3]].
inline std::vector<Value> sampleRow(std::int64_t i) {
  static constexpr std::string_view kRegions[] = {"north", "east", "south", "west"};
  const auto text = std::to_string(i);
  std::vector<Value> tags;
  for (std::int64_t t = 0; t < i % 3; ++t) tags.push_back(Value::string("tag " + std::to_string(t)));
  const auto two = [](double a, double b) { return Value::list({Value::float64(a), Value::float64(b)}); };
  const auto millis = -i;
  const auto seconds = millis / 1000 - (millis % 1000 != 0 ? 1 : 0);
  return {Value::int64(i),
          Value::uint64((std::uint64_t{1} << 63) + static_cast<std::uint64_t>(i)),
          i % 5 == 0 ? Value() : Value::float64(static_cast<double>(i) / 2),
          Value::boolean(i % 2 == 1),
          Value::string("name " + text),
          Value::string(kRegions[i % 4]),
          Value::bytes("r" + text),
          Value::timestamp(i, 1000),
          Value::timestamp(0, static_cast<std::int32_t>(i)),
          Value::duration(seconds, static_cast<std::int32_t>((millis - seconds * 1000) * 1'000'000)),
          Value::list(std::move(tags)),
          i % 4 == 3 ? Value()
                     : Value::map({{Value::string("x"), Value::int64(i)}, {Value::string("y"), Value::string("y")}}),
          Value::list({two(static_cast<double>(i), 1), two(2, 3)}),
          Value(),
          i % 2 == 0 ? Value::int64(i) : Value::string("text"),
          blobValue({.uri = "data:" + text, .size = i, .mime = "", .hash = "", .bytes = ""})};
}

/// Rows 0..39 in two batches; `region` is a dictionary in both.
inline std::vector<Batch> sampleBatches(MemoryAccount& account) {
  BatchBuilder builder(sampleSchema(), account);
  // Three more in front, so that what is shown is a slice.
  for (std::int64_t i = -3; i < kSampleRows; ++i)
    if (!builder.append(sampleRow(i < 0 ? 0 : i))) return {};
  const auto whole = builder.finish()->slice(3, kSampleRows);
  std::vector<Column> columns(whole.columns().begin(), whole.columns().end());
  std::vector<Value> entries;
  for (const auto* name : {"north", "east", "south", "west"}) entries.push_back(Value::string(name));
  const ColumnRoom room{.dictionary = true};
  auto writer =
      BatchWriter::make(Schema::of({{.name = "region", .type = Type::string()}}), kSampleRows, {&room, 1}, account);
  for (std::int64_t i = 0; i < kSampleRows; ++i) writer->codes(0)[i] = static_cast<std::int32_t>(i % 4);
  writer->setDictionary(0, *columnOf(Type::string(), entries, account));
  columns[5] = writer->finish(kSampleRows, {}).column(0);
  const auto batch = *Batch::of(whole.schema(), columns, kSampleRows, {.origin = 1, .firstSequence = 100}, account);
  return {batch.slice(0, 25), batch.slice(25, kSampleRows - 25)};
}

}  // namespace weir::testing
