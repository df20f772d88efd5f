// Random expressions: by columns they give what they give row by row, the same values and the same errors.
#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <limits>
#include <string>

#include "engine/cel/column/vector-run.h"
#include "engine/data/batch-builder.h"
#include "engine/data/column-arena.h"
#include "engine/data/random-rows.h"

using namespace weir;
using namespace weir::cel;
using weir::testing::Dice;

namespace {

constexpr std::array<std::int64_t, 12> kInts = {0,
                                                1,
                                                -1,
                                                2,
                                                10,
                                                -7,
                                                std::numeric_limits<std::int64_t>::max(),
                                                std::numeric_limits<std::int64_t>::min(),
                                                std::int64_t{1} << 51,
                                                -(std::int64_t{1} << 51),
                                                (std::int64_t{1} << 53) + 1,
                                                1'000'003};
constexpr std::array<double, 10> kDoubles = {0.0,
                                             -0.0,
                                             1.5,
                                             -2.5,
                                             1e300,
                                             -1e300,
                                             std::numeric_limits<double>::quiet_NaN(),
                                             std::numeric_limits<double>::infinity(),
                                             -std::numeric_limits<double>::infinity(),
                                             9007199254740993.0};
constexpr std::array<std::string_view, 8> kTexts = {
    "", "a", "north", "nord", "a longer text than sixteen bytes", "Zoë", "日本", "north-east"};

Value randomInt(Dice& dice) {
  if (dice.below(3) == 0) return Value::int64(kInts[dice.below(kInts.size())]);
  return Value::int64(static_cast<std::int64_t>(dice.below(2000)) - 1000);
}

Value randomCell(const weir::Type& type, Dice& dice) {
  switch (type.kind) {
    case Kind::boolean:
      return Value::boolean(dice.below(2) == 0);
    case Kind::int64:
      return randomInt(dice);
    case Kind::uint64:
      return Value::uint64(randomInt(dice).uint64());
    case Kind::float64:
      return Value::float64(dice.below(3) == 0 ? kDoubles[dice.below(kDoubles.size())]
                                               : (static_cast<double>(dice.below(4000)) - 2000.0) / 8.0);
    case Kind::string:
      return Value::string(kTexts[dice.below(kTexts.size())]);
    case Kind::timestamp: {
      const auto extreme = dice.below(8);
      const std::int64_t seconds = type.unit == TimeUnit::nanos ? static_cast<std::int64_t>(dice.below(2'000'000'000))
                                   : extreme == 0               ? 253'402'300'799
                                   : extreme == 1               ? -62'135'596'800
                                                                : static_cast<std::int64_t>(dice.below(100'000));
      return Value::timestamp(seconds, static_cast<std::int32_t>(dice.below(1000)) * 1000);
    }
    default:
      return Value::duration(dice.below(8) == 0 ? 315'575'999'999 : static_cast<std::int64_t>(dice.below(1000)) - 500,
                             500'000'000);
  }
}

SchemaRef testSchema() {
  using weir::Type;
  std::vector<Field> fields;
  for (const bool nullable : {false, true}) {
    const std::string mark = nullable ? "x" : "";
    fields.push_back({.name = "i" + mark, .type = Type::int64(), .nullable = nullable});
    fields.push_back({.name = "u" + mark, .type = Type::uint64(), .nullable = nullable});
    fields.push_back({.name = "d" + mark, .type = Type::float64(), .nullable = nullable});
    fields.push_back({.name = "s" + mark, .type = Type::string(), .nullable = nullable});
    fields.push_back({.name = "b" + mark, .type = Type::boolean(), .nullable = nullable});
    fields.push_back({.name = "t" + mark, .type = Type::timestamp(), .nullable = nullable});
    fields.push_back({.name = "w" + mark, .type = Type::duration(), .nullable = nullable});
  }
  fields.push_back({.name = "tf", .type = Type::timestamp(TimeUnit::nanos), .nullable = true});
  fields.push_back({.name = "k", .type = Type::string(), .nullable = true});
  return Schema::of(std::move(fields));
}

// The last field becomes a dictionary column.
Batch testBatch(const SchemaRef& schema, std::int64_t rows, Dice& dice, MemoryAccount& account) {
  BatchBuilder builder(schema, account);
  std::vector<Value> row;
  for (std::int64_t r = 0; r < rows; ++r) {
    row.clear();
    for (const auto& field : schema->fields())
      row.push_back(field.nullable && dice.below(5) == 0 ? Value() : randomCell(*field.type, dice));
    REQUIRE(builder.append(row));
  }
  const auto plain = *builder.finish();
  std::vector<Column> columns(plain.columns().begin(), plain.columns().end());
  std::vector<Value> entries;
  for (const auto text : kTexts) entries.push_back(Value::string(text));
  ColumnArena::Plan plan;
  plan.children = 1;
  plan.add(rows * 4);
  auto arena = *ColumnArena::make(plan, account);
  auto* codes = arena.take<std::int32_t>(rows);
  for (std::int64_t r = 0; r < rows; ++r) codes[r] = static_cast<std::int32_t>(dice.below(kTexts.size()));
  auto* children = arena.takeChildren(1);
  *children = *columnOf(weir::Type::string(), entries, account);
  auto& coded = columns.back();
  Column made;
  made.type = weir::Type::string();
  made.validity = coded.validity;
  made.validityOwner = coded.validityOwner ? coded.validityOwner : coded.owner;
  made.nullCount = coded.nullCount;
  made.length = rows;
  made.dictionary = true;
  made.values = codes;
  made.children = children;
  made.owner = arena.block();
  coded = made;
  return *Batch::of(schema, std::move(columns), rows, {}, account);
}

/// Expressions of a wanted type, most of them well-typed.
class Writer {
 public:
  explicit Writer(Dice& dice) : dice_(dice) {}

  std::string of(char type, int depth) {
    if (depth <= 0 || dice_.below(6) == 0) return leaf(type);
    switch (dice_.below(9)) {
      case 0:
        return "(" + of('b', depth - 1) + " ? " + of(type, depth - 1) + " : " +
               (dice_.below(6) == 0 ? "null" : of(type, depth - 1)) + ")";
      case 1:
        return leaf(type);
      default:
        return typed(type, depth - 1);
    }
  }

 private:
  std::string pick(std::initializer_list<const char*> choices) {
    return choices.begin()[dice_.below(static_cast<std::uint32_t>(choices.size()))];
  }
  std::string leaf(char type) {
    const bool constant = dice_.below(3) == 0;
    const std::string mark = dice_.below(2) == 0 ? "x" : "";
    switch (type) {
      case 'i':
        return constant ? pick({"0", "1", "-1", "10", "7", "1000003", "9223372036854775807", "-9223372036854775808"})
                        : "row.i" + mark;
      case 'u':
        return constant ? pick({"0u", "1u", "10u", "18446744073709551615u"}) : "row.u" + mark;
      case 'd':
        return constant ? pick({"0.0", "1.5", "-2.0", "1e300", "(0.0/0.0)"}) : "row.d" + mark;
      case 's':
        if (constant) return pick({"''", "'a'", "'north'", "'o'", "'Zoë'"});
        return dice_.below(2) == 0 ? "row.k" : "row.s" + mark;
      case 't':
        if (constant) return pick({"timestamp('1970-01-01T10:00:00Z')", "timestamp('2000-02-03T04:05:06.789Z')"});
        return dice_.below(4) == 0 ? "row.tf" : "row.t" + mark;
      case 'w':
        return constant ? pick({"duration('1h')", "duration('-3s')", "duration('1ms')"}) : "row.w" + mark;
      default:
        return constant ? pick({"true", "false"}) : "row.b" + mark;
    }
  }
  std::string typed(char type, int depth) {
    const auto two = [&](char of1, const std::string& op) {
      return "(" + of(of1, depth) + " " + op + " " + of(of1, depth) + ")";
    };
    switch (type) {
      case 'i':
        switch (dice_.below(8)) {
          case 0:
            return "(-" + of('i', depth) + ")";
          case 1:
            return "int(" + of(pick({"u", "d", "t", "i"})[0], depth) + ")";
          case 2:
            return "size(" + of('s', depth) + ")";
          case 3:
            return pick({"math.abs", "math.sign", "math.bitNot"}) + "(" + of('i', depth) + ")";
          case 4:
            return pick({"math.greatest", "math.least", "math.bitXor"}) + "(" + of('i', depth) + ", " + of('i', depth) +
                   ")";
          default:
            return two('i', pick({"+", "-", "*", "/", "%"}));
        }
      case 'u':
        if (dice_.below(4) == 0) return "uint(" + of(pick({"i", "d"})[0], depth) + ")";
        return two('u', pick({"+", "-", "*", "/", "%"}));
      case 'd':
        switch (dice_.below(7)) {
          case 0:
            return "double(" + of(pick({"i", "u", "d"})[0], depth) + ")";
          case 1:
            return pick({"math.abs", "math.floor", "math.ceil", "math.round", "math.trunc", "math.sign", "math.sqrt"}) +
                   "(" + of('d', depth) + ")";
          case 2:
            return "(-" + of('d', depth) + ")";
          case 3:
            return "(" + of('i', depth) + pick({" + ", " * ", " - "}) + of('d', depth) + ")";
          default:
            return two('d', pick({"+", "-", "*", "/"}));
        }
      case 's':
        if (dice_.below(3) == 0) return pick({"string(row.i)", "row.sx.upperAscii()", "row.s.substring(1)"});
        return two('s', "+");
      case 't':
        return "(" + of('t', depth) + pick({" + ", " - "}) + of('w', depth) + ")";
      case 'w':
        if (dice_.below(2) == 0) return two('t', "-");
        return two('w', pick({"+", "-"}));
      default:
        return truth(depth);
    }
  }
  std::string truth(int depth) {
    const char any = pick({"i", "u", "d", "s", "t", "w", "b"})[0];
    switch (dice_.below(10)) {
      case 0:
        return "(!" + of('b', depth) + ")";
      case 1:
      case 2:
        return "(" + of('b', depth) + pick({" && ", " || "}) + of('b', depth) + ")";
      case 3:
        return "(" + of('b', depth) + pick({" && ", " || "}) + of('b', depth) + pick({" && ", " || "}) +
               of('b', depth) + ")";
      case 4:
        return "(" + of(any, depth) + pick({" == ", " != "}) + "null)";
      case 5:
        return of('s', depth) + pick({".contains(", ".startsWith(", ".endsWith("}) + of('s', depth) + ")";
      case 6:
        return pick({"(row.i in [1, 2, 10, -7])", "(row.ix in [1, 2, null])", "(row.k in ['a', 'north'])",
                     "(row.sx in ['a', 'Zoë'])", "row.k.matches('^n.*t$')", "row.sx.matches('o')", "has(row.dx)",
                     "(row.d in [1.5, -2.5])", "[1, 2, 3].exists(x, x == row.i)", "math.isNaN(row.d)",
                     "math.isFinite(row.dx)"});
      case 7:
        return "(" + of(pick({"i", "u"})[0], depth) + pick({" < ", " == ", " >= ", " != "}) + of('d', depth) + ")";
      default:
        return "(" + of(any, depth) + pick({" == ", " != ", " < ", " <= ", " > ", " >= "}) + of(any, depth) + ")";
    }
  }

  Dice& dice_;
};

void checkSame(const Specialised& made, const Batch& batch, const std::string& source) {
  const Value params;
  const auto rows = evaluateRows(made, batch, params);
  const auto columns = evaluateColumns(made, batch, params);
  INFO(source);
  REQUIRE_EQ(rows.has_value(), columns.has_value());
  if (!rows) return;
  REQUIRE(columns->column.length == batch.rows());
  REQUIRE(columns->errors.size() == rows->errors.size());
  for (std::size_t i = 0; i < rows->errors.size(); ++i) {
    REQUIRE(columns->errors[i].row == rows->errors[i].row);
    REQUIRE(columns->errors[i].error.code == rows->errors[i].error.code);
    REQUIRE(columns->errors[i].error.message == rows->errors[i].error.message);
  }
  std::int64_t nulls = 0;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    const auto expected = rows->column.value(row);
    const auto found = columns->column.value(row);
    nulls += found.isNull() ? 1 : 0;
    const bool bothNaN = expected.kind() == ValueKind::float64 && found.kind() == ValueKind::float64 &&
                         expected.float64() != expected.float64() && found.float64() != found.float64();
    if (!bothNaN && !(expected.kind() == found.kind() && equalValues(expected, found))) {
      INFO("row ", row);
      REQUIRE(false);
    }
  }
  if (columns->column.nullCount >= 0 && rows->errors.empty()) CHECK(columns->column.nullCount == nulls);
  if (made.resultType->kind != Kind::boolean) return;
  const auto expected = selectedOf(*rows, batch);
  const auto found = selectColumns(made, batch, params);
  REQUIRE(found);
  REQUIRE(found->count == expected->count);
  REQUIRE(found->nulls == expected->nulls);
  REQUIRE(found->all == expected->all);
  REQUIRE(found->errors.size() == expected->errors.size());
  if (found->all || found->count == 0) return;
  REQUIRE(std::memcmp(found->rows.data(), expected->rows.data(), static_cast<std::size_t>(found->count) * 4) == 0);
}

Batch cut(const Batch& whole, std::int64_t rows, Dice& dice) {
  const auto from = static_cast<std::int64_t>(dice.below(static_cast<std::uint32_t>(whole.rows() - rows + 1)));
  const auto part = whole.slice(from, rows);
  if (dice.below(3) != 0) return part;
  auto chosen = *Buffer::allocate(rows * 4 + 4, whole.account());
  std::int64_t count = 0;
  for (std::int64_t row = 0; row < rows; ++row)
    if (dice.below(3) != 0)
      reinterpret_cast<std::uint32_t*>(chosen.mutableData())[count++] = static_cast<std::uint32_t>(row);
  return *part.withSelection(std::move(chosen), count);
}

}  // namespace

TEST_CASE("random expressions give the same by columns as row by row") {
  MemoryAccount account;
  Dice dice(7);
  const auto schema = testSchema();
  const auto whole = testBatch(schema, 6000, dice, account);
  constexpr std::array<std::int64_t, 8> kSizes = {1, 7, 63, 64, 65, 1, 33, 0};
  Writer writer(dice);
  int compiled = 0;
  int byColumns = 0;
  constexpr int kWanted = 10'000;
  for (int tries = 0; compiled < kWanted && tries < 4 * kWanted; ++tries) {
    const auto source = writer.of("bbbiiuddstw"[dice.below(11)], 1 + static_cast<int>(dice.below(4)));
    ExpressionOptions options;
    options.profile = dice.below(3) == 0 ? Profile::strict : Profile::flow;
    const auto made = specialise(source, options, schema);
    if (!made) continue;
    ++compiled;
    if (made->vector == nullptr) continue;
    ++byColumns;
    auto rows = kSizes[dice.below(kSizes.size())];
    if (dice.below(200) == 0) rows = 1000;
    if (dice.below(1000) == 0) rows = 5000;
    checkSame(*made, cut(whole, rows, dice), source);
  }
  CHECK(compiled == kWanted);
  CHECK(byColumns > kWanted / 2);
}

TEST_CASE("the usual expressions are computed by columns, at any size and offset") {
  MemoryAccount account;
  Dice dice(11);
  const auto schema = testSchema();
  const auto whole = testBatch(schema, 6000, dice, account);
  for (const std::string source :
       {"row.d * 2.0 + 1.0", "row.i % 10 != 0", "row.ix * row.d", "row.k == 'north' && row.ix > 3", "row.i / row.ix",
        "row.k + '-' + row.sx", "row.k.matches('^no') || row.bx", "row.tx > timestamp('1970-01-01T10:00:00Z')",
        "row.ix == null ? 0 : row.ix", "row.i % 1000003", "row.i / -7", "row.u % 10u", "has(row.sx) && row.sx != ''",
        "row.k in ['a', 'north']", "row.tf <= row.tf", "row.bx", "row.k", "row.dx"}) {
    const auto made = specialise(source, {}, schema);
    REQUIRE_MESSAGE(made, source);
    REQUIRE_MESSAGE(made->vector != nullptr, source);
    for (const std::int64_t rows : {0, 1, 7, 63, 64, 65, 1000, 5000})
      for (int round = 0; round < 3; ++round) checkSame(*made, cut(whole, rows, dice), source);
  }
}
