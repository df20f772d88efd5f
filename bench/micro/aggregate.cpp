// Measures group by a dictionary key, sort, and the pattern source, one worker, without links between nodes.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/json/document.h"
#include "engine/node/step-io.h"
#include "nodes/aggregate/group/group.gen.h"
#include "nodes/aggregate/sort/sort.gen.h"
#include "nodes/generate/pattern/pattern.gen.h"

namespace {

using namespace weir;

class Context final : public NodeContext {
 public:
  std::string_view nodeId() const override { return "bench"; }
  std::uint64_t random() override { return 1; }
  const FieldSet& needed(Port) const override { return all_; }
  const AcceptedFilter* acceptedFilter(Port) const override { return nullptr; }
  bool outputWired(Port) const override { return true; }
  MemoryAccount& account() override { return MemoryAccount::unlimited(); }
  Result<Buffer> allocate(std::int64_t bytes) override { return Buffer::allocate(bytes, account()); }
  const Value& params() const override { return params_; }
  std::int64_t nowMicros() override { return 0; }
  int workers() const override { return 1; }
  void log(LogLevel, std::string_view) override {}

 protected:
  void* findHost(std::string_view) override { return nullptr; }

 private:
  FieldSet all_ = FieldSet::everything();
  Value params_ = Value::map({});
};

/// Gives the same batches again and again, counts what is emitted.
class Io final : public StepIo {
 public:
  std::vector<Batch> batches;
  std::int64_t left = 0, emitted = 0, emits = 0, at = 0;
  Room room(Port) const override { return {1 << 20, 1 << 30}; }
  void emit(Port, Batch batch) override {
    emitted += batch.rows();
    ++emits;
  }
  void fail(std::span<const std::uint32_t>, Error) override {}
  void failValue(Value, Error) override {}
  void holdWatermark(Timestamp) override {}
  bool wired(Port) const override { return true; }
  const Batch* peek(Port) const override {
    return left > 0 ? &batches[static_cast<std::size_t>(left) % batches.size()] : nullptr;
  }
  Batch take(Port, std::int64_t) override {
    const auto batch = *peek(0);
    --left;
    at += batch.rows();
    return batch;
  }
  bool ended(Port) const override { return left == 0; }
  bool connected(Port) const override { return true; }
  Timestamp watermark(Port) const override { return kNoWatermark; }
  bool budgetSpent() const override { return false; }
  std::int64_t ordinal() const override { return at; }
  Waker waker() override { return {}; }
  void addProgress(std::int64_t, std::int64_t) override {}
};

/// Of this process: others on the machine do not count.
double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

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

using Make = Result<NodePtr> (*)(const json::Value&, NodeContext&);

void measure(const char* name, Make make, const char* settings, std::vector<Batch> batches, std::int64_t count) {
  double best = 1e9;
  std::int64_t emitted = 0, emits = 0;
  for (int round = 0; round < 5; ++round) {
    Context context;
    auto document = *json::parse(settings);
    auto made = make(document.root(), context);
    if (!made) {
      std::printf("%s: %s\n", name, made.error().message.c_str());
      return;
    }
    Io io;
    io.batches = batches;
    io.left = count;
    const auto from = seconds();
    for (auto& stage : (*made)->stages) {
      auto task = *stage.makeTask();
      for (;;) {
        const auto progress = *task->step(io);
        if (progress.next == Progress::Next::done) break;
      }
    }
    best = std::min(best, seconds() - from);
    emitted = io.emitted;
    emits = io.emits;
  }
  const auto rows = std::max(count * kMaxBatchRows, emitted);
  std::printf("%-40s %8.3f ns/row  %8.1f M rows/s  %7.2f M batches/s\n", name, best * 1e9 / static_cast<double>(rows),
              static_cast<double>(rows) / best / 1e6, static_cast<double>(emits) / best / 1e6);
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
