// NodeBench: one Task under the hand of a test: rows, watermarks and the clock when the test says so; its state saved
// and given to another.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/check.h"
#include "engine/data/hash.h"
#include "engine/data/value-json.h"
#include "engine/host/hosts.h"
#include "engine/json/document.h"
#include "engine/node/node-context.h"
#include "engine/node/node.h"

namespace weir::testing {

using MakeTask = Result<NodePtr> (*)(const json::Value&, NodeContext&);

class BenchContext final : public NodeContext {
 public:
  std::int64_t clock = 1'750'000'000'000'000;
  Hosts hosts;
  std::string_view nodeId() const override { return "bench"; }
  std::uint64_t random() override { return 1; }
  const FieldSet& needed(Port) const override { return all_; }
  const AcceptedFilter* acceptedFilter(Port) const override { return nullptr; }
  bool outputWired(Port) const override { return true; }
  MemoryAccount& account() override { return MemoryAccount::unlimited(); }
  Result<Buffer> allocate(std::int64_t bytes) override { return Buffer::allocate(bytes, account()); }
  const Value& params() const override { return params_; }
  std::int64_t nowMicros() override { return clock; }
  int workers() const override { return 1; }
  void log(LogLevel, std::string_view) override {}

 protected:
  void* findHost(std::string_view name) override { return hosts.find(name); }

 private:
  FieldSet all_ = FieldSet::everything();
  Value params_ = Value::map({});
};

class BenchIo final : public StepIo {
 public:
  std::map<Port, std::deque<Batch>> waiting;
  std::map<Port, bool> over;
  std::map<Port, Timestamp> marks;
  std::map<Port, std::vector<Value>> given;
  std::vector<std::string> errors;
  std::int64_t roomRows = 1 << 20;  // of each output in each step
  Timestamp held = kNoWatermark;

  void beginStep() { used_.clear(); }
  Room room(Port out) const override {
    const auto at = used_.find(out);
    return {roomRows - (at == used_.end() ? 0 : at->second), 1 << 30};
  }
  void emit(Port out, Batch batch) override {
    used_[out] += batch.rows();
    told_[out] = true;
    for (std::int64_t row = 0; row < batch.rows(); ++row) given[out].push_back(batch.row(row).owned());
  }
  void fail(std::span<const std::uint32_t> rows, Error error) override {
    for (std::size_t i = 0; i < rows.size(); ++i) errors.emplace_back(error.code);
  }
  void failValue(Value, Error error) override { errors.emplace_back(error.code); }
  void holdWatermark(Timestamp until) override { held = std::max(held, until); }
  bool fresh(Port out) const override { return !told_.contains(out); }
  bool wired(Port) const override { return true; }
  const Batch* peek(Port in) const override {
    const auto at = waiting.find(in);
    return at == waiting.end() || at->second.empty() ? nullptr : &at->second.front();
  }
  Batch take(Port in, std::int64_t maxRows) override {
    auto& queue = waiting[in];
    auto batch = queue.front();
    queue.pop_front();
    at_ += std::min(batch.rows(), maxRows);
    if (batch.rows() <= maxRows) return batch;
    queue.push_front(batch.slice(maxRows, batch.rows() - maxRows));
    return batch.slice(0, maxRows);
  }
  bool ended(Port in) const override { return peek(in) == nullptr && over.contains(in); }
  bool connected(Port) const override { return true; }
  Timestamp watermark(Port in) const override {
    const auto at = marks.find(in);
    return at == marks.end() ? kNoWatermark : at->second;
  }
  bool budgetSpent() const override { return false; }
  std::int64_t ordinal() const override { return at_; }
  Waker waker() override { return {}; }
  void addProgress(std::int64_t, std::int64_t) override {}

 private:
  std::map<Port, std::int64_t> used_;
  std::map<Port, bool> told_;
  std::int64_t at_ = 0;
};

class SavedState final : public StateWriter, public StateReader {
 public:
  Result<Poll> write(const Value& value) override {
    values_.push_back(value.owned());
    return Poll::ready;
  }
  using StateWriter::write;
  Result<Value> readValue() override {
    if (at_ == values_.size()) return fail("state.mismatch", "the saved state ends too early");
    return values_[at_++];
  }

 private:
  std::vector<Value> values_;
  std::size_t at_ = 0;
};

class NodeBench {
 public:
  NodeBench(MakeTask make, std::string_view settings) : make_(make), document_(parsed(settings)) { renew(); }

  void give(std::string_view rows, Port in = 0) {
    std::vector<Value> values;
    const auto list = parseJsonValue(rows);
    WEIR_CHECK(list.has_value());
    for (const auto& row : list->items()) values.push_back(row);
    give(values, in);
  }
  void give(std::span<const Value> rows, Port in = 0) {
    auto batch = batchOfRows(rows, MemoryAccount::unlimited());
    WEIR_CHECK(batch.has_value());
    Envelope envelope;
    envelope.timestampMicros = context.clock;
    io.waiting[in].push_back(batch->withEnvelope(envelope));
  }
  void end(Port in = 0) { io.over[in] = true; }

  /// Steps until the task waits; what it waits for.
  Progress run() {
    for (;;) {
      io.beginStep();
      auto progress = task->step(io);
      if (!progress) {
        error = progress.error();
        return Progress::finished();
      }
      if (progress->next == Progress::Next::yield || (progress->outputs != 0 && progress->inputs == 0)) continue;
      last = *progress;
      return last;
    }
  }
  /// Lets time pass: the task is woken when it asked for that.
  Progress passTo(std::int64_t clock) {
    while (last.next == Progress::Next::blocked && last.wakeAt && *last.wakeAt <= clock) {
      context.clock = std::max(context.clock, *last.wakeAt);
      run();
    }
    context.clock = clock;
    return last;
  }
  Progress passSeconds(std::int64_t seconds) { return passTo(context.clock + seconds * 1'000'000); }

  /// Saves the task's state, and goes on with a new task that was given it.
  void restart() {
    SavedState state;
    WEIR_CHECK(task->snapshot(1, state).has_value());
    renew();
    const auto restored = task->restore(state);
    if (!restored) error = restored.error();
    last = Progress::yielded();
  }
  /// What an output gave since the last call, as JSON, a row a line.
  std::string text(Port out = 0) {
    std::string all;
    for (const auto& row : std::exchange(io.given[out], {})) all += toJson(row) + "\n";
    return all;
  }

  BenchContext context;
  BenchIo io;
  std::unique_ptr<Task> task;
  Progress last = Progress::yielded();
  std::optional<Error> error;

 private:
  static json::Document parsed(std::string_view text) {
    auto document = json::parse(text);
    WEIR_CHECK(document.has_value());
    return std::move(*document);
  }
  void renew() {
    task.reset();
    auto made = make_(document_.root(), context);
    if (!made) {
      error = made.error();
      return;
    }
    node_ = std::move(*made);
    task = *node_->stages[0].makeTask();
  }
  MakeTask make_;
  json::Document document_;
  NodePtr node_;
};

}  // namespace weir::testing
