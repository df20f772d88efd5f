// Measures group by a dictionary key, sort, and the pattern source, one worker, without links between nodes.
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/micro/measured-node.h"
#include "engine/data/batch-builder.h"
#include "nodes/aggregate/group/group.gen.h"
#include "nodes/aggregate/sort/sort.gen.h"
#include "nodes/generate/pattern/pattern.gen.h"

namespace {

using namespace weir;
using bench::measure;

std::vector<Batch> orders(int count) {
  const auto schema = Schema::of({{"region", Type::string()}, {"quantity", Type::int64()}, {"price", Type::float64()}});
  const auto names = Schema::of({{"name", Type::string()}});
  BatchBuilder builder(names, MemoryAccount::unlimited());
  for (const char* name : {"north", "south", "east", "west", "n-e", "s-e", "n-w", "s-w"}) {
    const Value value[] = {Value::string(name)};
    if (!builder.append(value)) std::abort();
  }
  const auto entries = *builder.finish();
  std::vector<Batch> batches;
  std::uint64_t state = 1;
  for (int b = 0; b < count; ++b) {
    const ColumnRoom room[] = {{0, true}, {}, {}};
    auto writer = *BatchWriter::make(schema, kMaxBatchRows, room, MemoryAccount::unlimited());
    for (std::int64_t row = 0; row < kMaxBatchRows; ++row) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      writer.codes(0)[row] = static_cast<std::int32_t>(state >> 61);
      writer.ints(1)[row] = static_cast<std::int64_t>((state >> 40) % 20);
      writer.doubles(2)[row] = static_cast<double>((state >> 30) % 100000) / 100.0;
    }
    writer.setDictionary(0, entries.column(0));
    batches.push_back(writer.finish(kMaxBatchRows, {}));
  }
  return batches;
}

}  // namespace

int main() {
  const auto batches = orders(64);
  const auto group = [&](const char* name, const char* measures) {
    measure(name, &nodes::group::makeFromJson,
            (std::string(R"({"keys": ["region"], "measures": [)") + measures + "]}").c_str(), batches, 854);
  };
  group("group: count", R"({"name": "c", "function": "count"})");
  group("group: sum(int)", R"({"name": "s", "function": "sum", "of": "row.quantity"})");
  group("group: min(double)", R"({"name": "l", "function": "min", "of": "row.price"})");
  group("group: sum(double)", R"({"name": "l", "function": "sum", "of": "row.price"})");
  group("group: count, sum, mean, min, max",
        R"({"name": "c", "function": "count"}, {"name": "s", "function": "sum", "of": "row.quantity"},
           {"name": "m", "function": "mean", "of": "row.quantity"}, {"name": "l", "function": "min", "of": "row.price"},
           {"name": "g", "function": "max", "of": "row.price"})");
  measure("sort: 1 M rows by a double", &nodes::sort::makeFromJson, R"({"keys": [{"field": "price"}]})", batches, 64);
  measure("sort: top 100 of 14 M rows", &nodes::sort::makeFromJson,
          R"({"keys": [{"field": "price", "descending": true}], "limit": 100})", batches, 854);
  for (const char* kind : {"sequential", "random", "sine", "constant"}) {
    const auto settings = std::string(R"({"rows": 20000000, "pattern": ")") + kind + "\"}";
    measure((std::string("pattern: ") + kind).c_str(), &nodes::pattern::makeFromJson, settings.c_str(), {}, 0);
  }
  measure("pattern: one row a batch", &nodes::pattern::makeFromJson, R"({"rows": 5000000, "batchRows": 1})", {}, 0);
}
