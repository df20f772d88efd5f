// Measures one node's tasks on one core, without links between nodes: what the programs of this folder share.
#pragma once

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <vector>

#include "engine/json/document.h"
#include "engine/node/node-context.h"
#include "engine/node/node.h"
#include "engine/node/step-io.h"

namespace weir::bench {

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
    return left > 0 ? &batches[static_cast<std::size_t>(given_) % batches.size()] : nullptr;
  }
  Batch take(Port, std::int64_t) override {
    const auto batch = *peek(0);
    --left;
    ++given_;
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

 private:
  std::int64_t given_ = 0;
};

/// Of this process: others on the machine do not count.
inline double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

using Make = Result<NodePtr> (*)(const json::Value&, NodeContext&);

/// Prints the best of five rounds over `count` batches, which are those of `batches` again and again.
inline void measure(const char* name, Make make, const char* settings, const std::vector<Batch>& batches,
                    std::int64_t count) {
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

}  // namespace weir::bench
