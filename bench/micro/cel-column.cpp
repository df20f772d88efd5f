// What expressions over batches cost, in nanoseconds a row, for batches of 1 to 16,384 rows on one thread.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/data/batch-builder.h"

namespace {

using namespace weir;

Batch sample(std::int64_t rows) {
  auto& account = MemoryAccount::unlimited();
  const auto schema = Schema::of({{.name = "id", .type = Type::int64(), .nullable = false},
                                  {.name = "value", .type = Type::float64(), .nullable = false},
                                  {.name = "quantity", .type = Type::int64()},
                                  {.name = "region", .type = Type::string()},
                                  {.name = "ts", .type = Type::timestamp(), .nullable = false}});
  static const char* kRegions[] = {"north", "south", "east", "west"};
  BatchBuilder builder(schema, account);
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::array<Value, 5> cells{Value::int64(row + 1'000'000), Value::float64(static_cast<double>(row) / 4.0),
                                     row % 11 == 0 ? Value() : Value::int64(row % 100),
                                     Value::string(kRegions[row % 4]), Value::timestamp(row, 0)};
    if (!builder.append(cells)) return {};
  }
  return *builder.finish();
}

template <class Work>
double nanosARow(std::int64_t rows, Work work) {
  const auto calls = 2'000'000 / (rows + 20) + 1;
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (std::int64_t i = 0; i < calls; ++i) work();
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count() / static_cast<double>(calls * rows));
  }
  return best;
}

}  // namespace

int main() {
  constexpr std::array<std::int64_t, 4> kSizes = {1, 64, 1024, 16'384};
  std::printf("%-52s %9s %9s %9s %9s  ns/row\n", "rows per batch", "1", "64", "1,024", "16,384");
  for (const std::string source :
       {"row.value * 2.0 + 1.0", "row.id % 10 != 0", "row.id * 3 + 1", "row.quantity * row.value",
        "row.quantity > 50 && row.value < 100.0", "row.region == 'north'", "row.region + '!'", "row.id / row.quantity",
        "row.quantity == null ? 0 : row.quantity", "row.region.matches('^n.*h$')", "row.id in [1, 1000007, 1000009]"}) {
    const auto expression = *cel::Expression::compile(source);
    std::printf("%-52s", source.c_str());
    const auto probe = sample(1);
    const bool selects = (*expression.typeFor(probe.schema()))->kind == Kind::boolean;
    for (const auto rows : kSizes) {
      const auto batch = sample(rows);
      std::int64_t seen = 0;
      const auto cost = nanosARow(rows, [&] {
        if (selects) {
          seen += expression.select(batch)->count;
        } else {
          seen += expression.evaluate(batch)->column.length;
        }
      });
      std::printf(" %9.2f", seen < 0 ? 0.0 : cost);
    }
    std::printf("\n");
  }
  return 0;
}
