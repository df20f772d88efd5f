// Random schemas, values and batches for property tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/blob.h"

namespace weir::testing {

/// splitmix64: small, seeded, the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull) {}
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ull;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(next() % n); }

 private:
  std::uint64_t state_;
};

inline TypeRef randomType(Dice& dice, int depth) {
  switch (dice.below(depth > 2 ? 11 : 15)) {
    case 0:
      return Type::boolean();
    case 1:
      return Type::uint64();
    case 2:
      return Type::float64();
    case 3:
    case 4:
      return Type::string();
    case 5:
      return Type::bytes();
    case 6:
      return Type::timestamp(dice.below(2) == 0 ? TimeUnit::micros : TimeUnit::nanos);
    case 7:
      return Type::duration();
    case 8:
      return Type::any();
    case 9:
      return dice.below(4) == 0 ? Type::null() : Type::blob();
    case 11:
      return Type::list(randomType(dice, depth + 1));
    case 12: {
      std::vector<Field> fields;
      const auto count = dice.below(4);
      for (std::uint32_t i = 0; i < count; ++i)
        fields.push_back({.name = "f" + std::to_string(i), .type = randomType(dice, depth + 1)});
      return Type::map(std::move(fields));
    }
    case 13:
      return Type::tensor({2, 3});
    default:
      return Type::int64();
  }
}

inline SchemaRef randomSchema(Dice& dice) {
  std::vector<Field> fields;
  const auto count = 1 + dice.below(5);
  for (std::uint32_t i = 0; i < count; ++i)
    fields.push_back({.name = "c" + std::to_string(i),
                      .type = randomType(dice, 0),
                      .nullable = true,
                      .sensitive = dice.below(8) == 0});
  return Schema::of(std::move(fields), dice.below(2) == 0 ? "" : "1.2.0");
}

inline Value randomText(Dice& dice, Value (*make)(std::string_view)) {
  static constexpr std::string_view kWords = "the quick brown fox jumps over the lazy dog, twice a day";
  const auto from = dice.below(20);
  return make(kWords.substr(from, dice.below(34)));
}

inline Value randomOf(const Type& type, Dice& dice) {
  if (dice.below(6) == 0) return {};
  const auto number = static_cast<std::int64_t>(dice.next());
  switch (type.kind) {
    case Kind::null:
      return {};
    case Kind::boolean:
      return Value::boolean(dice.below(2) == 1);
    case Kind::int64:
      return Value::int64(number);
    case Kind::uint64:
      return Value::uint64(dice.next());
    case Kind::float64:
      return Value::float64(static_cast<double>(number) / 1024.0);
    case Kind::string:
      return randomText(dice, &Value::string);
    case Kind::bytes:
      return randomText(dice, &Value::bytes);
    case Kind::blob:
      return blobValue(
          {.uri = "mount:file.bin", .offset = dice.below(9), .size = 10, .mime = "", .hash = "", .bytes = ""});
    case Kind::timestamp:
      return Value::timestamp(
          number % 4'000'000'000,
          static_cast<std::int32_t>(dice.below(type.unit == TimeUnit::nanos ? 1'000'000'000 : 1'000'000)) *
              (type.unit == TimeUnit::nanos ? 1 : 1000));
    case Kind::duration:
      return Value::duration(number % 4'000'000'000, static_cast<std::int32_t>(dice.below(1'000'000)) * 1000);
    case Kind::list: {
      std::vector<Value> items;
      for (auto n = dice.below(4); n > 0; --n) items.push_back(randomOf(*type.element, dice));
      return Value::list(std::move(items));
    }
    case Kind::map: {
      std::vector<MapEntry> entries;
      for (const auto& field : type.fields) entries.push_back({Value::string(field.name), randomOf(*field.type, dice)});
      return Value::map(std::move(entries));
    }
    case Kind::tensor: {
      std::vector<Value> outer;
      for (int i = 0; i < 2; ++i) {
        std::vector<Value> inner;
        for (int k = 0; k < 3; ++k) inner.push_back(Value::float64(dice.below(1000) / 8.0));
        outer.push_back(Value::list(std::move(inner)));
      }
      return Value::list(std::move(outer));
    }
    case Kind::any:
      switch (dice.below(3)) {
        case 0:
          return Value::int64(number);
        case 1:
          return randomText(dice, &Value::string);
        default:
          return Value::list({Value::boolean(true), Value::map({{Value::string("k"), Value::int64(number)}})});
      }
  }
  return {};
}

/// `rows` random rows of the schema, and the same rows as values.
inline Batch randomBatch(const SchemaRef& schema, Dice& dice, std::int64_t rows, std::vector<Value>& model,
                         MemoryAccount& account) {
  BatchBuilder builder(schema, account);
  for (std::int64_t r = 0; r < rows; ++r) {
    std::vector<MapEntry> entries;
    for (const auto& field : schema->fields())
      entries.push_back({Value::string(field.name), randomOf(*field.type, dice)});
    model.push_back(Value::map(std::move(entries)));
    if (!builder.appendRow(model.back())) return {};
  }
  return *builder.finish();
}

/// Same kinds, same order, same values.
inline bool equalRow(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.kind() == ValueKind::list) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.items().size(); ++i)
      if (!equalRow(a.items()[i], b.items()[i])) return false;
    return true;
  }
  if (a.kind() == ValueKind::map) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.entries().size(); ++i)
      if (!equalRow(a.entries()[i].key, b.entries()[i].key) || !equalRow(a.entries()[i].value, b.entries()[i].value))
        return false;
    return true;
  }
  if (a.kind() == ValueKind::blob) return a.text() == b.text();
  return a.isNull() || equalValues(a, b);
}

}  // namespace weir::testing
