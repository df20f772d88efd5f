// Measures windows, one task on one core, without links between nodes.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/json/document.h"
#include "engine/node/step-io.h"
#include "nodes/aggregate/window/window.gen.h"

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
    return left > 0 ? &batches[batches.size() - static_cast<std::size_t>(left)] : nullptr;
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
