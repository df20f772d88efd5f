// Measures windows, one task on one core, without links between nodes.
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/micro/measured-node.h"
#include "engine/data/batch-builder.h"
#include "nodes/aggregate/window/window.gen.h"

namespace {

using namespace weir;
using bench::measure;

/// Rows in order of time but for some, 1 a microsecond; 10,000 keys.
std::vector<Batch> events(int count, std::int64_t disorder) {
  const auto schema =
      Schema::of({{"at", Type::timestamp()}, {"key", Type::int64()}, {"n", Type::int64()}, {"x", Type::float64()}});
  std::vector<Batch> batches;
  std::uint64_t state = 1;
  std::int64_t at = 1'700'000'000'000'000;
  for (int b = 0; b < count; ++b) {
    const ColumnRoom room[] = {{}, {}, {}, {}};
    auto writer = *BatchWriter::make(schema, kMaxBatchRows, room, MemoryAccount::unlimited());
    for (std::int64_t row = 0; row < kMaxBatchRows; ++row) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      writer.ints(0)[row] = ++at - (disorder > 0 ? static_cast<std::int64_t>(state >> 40) % disorder : 0);
      writer.ints(1)[row] = static_cast<std::int64_t>((state >> 33) % 10'000);
      writer.ints(2)[row] = static_cast<std::int64_t>((state >> 45) % 1000);
      writer.doubles(3)[row] = static_cast<double>((state >> 30) % 100000) / 100.0;
    }
    batches.push_back(writer.finish(kMaxBatchRows, {}));
  }
  return batches;
}

}  // namespace

int main() {
  constexpr int kBatches = 640;  // 10 million rows
  const auto inOrder = events(kBatches, 0), disordered = events(kBatches, 400'000);
  const auto window = [&](const char* name, const std::vector<Batch>& batches, const std::string& settings) {
    measure(name, &nodes::window::makeFromJson, (R"({"time": "row.at", "keys": ["key"], )" + settings + "}").c_str(),
            batches, kBatches);
  };
  const std::string sum = R"("measures": [{"name": "s", "function": "sum", "of": "row.n"}])";
  const std::string sumDouble = R"("measures": [{"name": "s", "function": "sum", "of": "row.x"}])";
  window("tumbling 1 s: sum(int), 10,000 keys", inOrder, R"("size": "1s", )" + sum);
  window("tumbling 1 s: sum(double)", inOrder, R"("size": "1s", )" + sumDouble);
  window("tumbling 1 s: sum(int), up to 0.4 s late", disordered, R"("size": "1s", "maxDelay": "400ms", )" + sum);
  window("tumbling 20 ms: two rows a key", inOrder, R"("size": "20ms", )" + sum);
  window("sliding 1 s every 100 ms: sum(int)", inOrder, R"("kind": "sliding", "size": "1s", "step": "100ms", )" + sum);
  window("session, gap 50 ms: sum(int)", inOrder, R"("kind": "session", "gap": "50ms", )" + sum);
  window("100 rows of a key: sum(int)", inOrder, R"("by": "count", "rows": 100, )" + sum);
}
