// sql/write: rows into a table, in transactions; with exactlyOnce only at checkpoints.
#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>

#include "engine/host/clock.h"
#include "engine/node/held-rows.h"
#include "nodes/sql/database.h"
#include "nodes/sql/write/write.gen.h"

namespace weir::nodes::sql_write {
namespace {

SqlWriteMode modeOf(Settings::Mode mode) {
  switch (mode) {
    case Settings::Mode::insert:
      return SqlWriteMode::insert;
    case Settings::Mode::upsert:
      return SqlWriteMode::upsert;
    case Settings::Mode::update:
      return SqlWriteMode::update;
    case Settings::Mode::delete_:
      return SqlWriteMode::remove;
  }
  return SqlWriteMode::insert;
}

/// The fields that are written, of batches of any schema.
class Columns {
 public:
  explicit Columns(const Settings& settings) : keys_(settings.keys), chosen_(settings.columns) {
    onlyKeys_ = settings.mode == Settings::Mode::delete_;
    if (settings.mode == Settings::Mode::insert) keys_.clear();
  }
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }

  [[nodiscard]] Result<Batch> of(const Batch& batch, MemoryAccount& account) const {
    if (chosen_.empty() && !onlyKeys_) {
      for (const auto& key : keys_) {
        if (batch.schema()->indexOf(key) < 0) return unknownField(key, *batch.schema());
      }
      return batch;
    }
    std::vector<std::string> names = keys_;
    for (const auto& name : chosen_) {
      if (!onlyKeys_ && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    std::vector<Field> fields;
    std::vector<Column> columns;
    for (const auto& name : names) {
      const auto at = batch.schema()->indexOf(name);
      if (at < 0) return unknownField(name, *batch.schema());
      fields.push_back(batch.schema()->field(at));
      columns.push_back(batch.column(at));
    }
    return Batch::of(Schema::of(std::move(fields)), std::move(columns), batch.rows(), batch.envelope(), account);
  }

 private:
  std::vector<std::string> keys_, chosen_;
  bool onlyKeys_ = false;
};

/// Transactions of batchRows rows as they come: every row at least once.
class DirectWriter final : public Transform {
 public:
  DirectWriter(const Settings& settings, SqlTarget target, Sql& host, NodeContext& context)
      : settings_(settings), columns_(settings), database_(host, std::move(target)), context_(context) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    if (failure_) return std::unexpected(*std::exchange(failure_, std::nullopt));
    bool said = false;
    for (;;) {
      if (!writing_.active()) {
        if (position_ == batch.rows()) break;
        WEIR_ASSIGN(auto* connection, database_.get());
        length_ = std::min(settings_.batchRows, batch.rows() - position_);
        WEIR_ASSIGN(auto rows, columns_.of(batch.slice(position_, length_), context_.account()));
        SqlWrite write{.mode = modeOf(settings_.mode), .table = settings_.table, .keys = columns_.keys(), .rows = {}};
        write.rows.push_back(std::move(rows));
        writing_ = connection->write(std::move(write), io.waker());
      }
      if (!writing_.ready()) return Flow::pending;
      auto written = writing_.take();
      if (!written) {
        if (written.error().recoverable) database_.forget();
        if (!said) return std::unexpected(std::move(written.error()));
        // Not in the step that has failed rows, which an error would take back.
        failure_ = std::move(written.error());
        io.waker().wake();
        return Flow::pending;
      }
      said = said || !written->refused.empty();
      for (auto& refusal : written->refused) {
        const auto row = static_cast<std::uint32_t>(position_) + refusal.row;
        io.fail(std::array<std::uint32_t, 1>{row}, std::move(refusal.error));
      }
      position_ += length_;
    }
    position_ = 0;
    return Flow::more;
  }

 private:
  Settings settings_;
  Columns columns_;
  sql::Database database_;
  NodeContext& context_;
  std::int64_t position_ = 0, length_ = 0;
  std::optional<Error> failure_;
  Operation<SqlWritten> writing_;
};

/// Rows are held until their checkpoint is complete, then written with its number in one transaction. What a checkpoint
/// has saved is written again on resume, unless the database knows its number.
class CheckpointWriter final : public Transform {
 public:
  CheckpointWriter(const Settings& settings, SqlTarget target, Sql& host, NodeContext& context, std::string sink)
      : settings_(settings),
        columns_(settings),
        database_(host, std::move(target)),
        context_(context),
        sink_(std::move(sink)),
        held_(context.account(), settings.holdBytes) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    WEIR_ASSIGN(const auto ready, settle(io));
    if (ready == Poll::pending) return Flow::pending;
    if (ended_ || batch.rows() == 0) return Flow::more;
    WEIR_ASSIGN(const auto rows, columns_.of(batch, context_.account()));
    WEIR_TRY(held_.add(rows));
    return Flow::more;
  }

  /// What is left goes out with the mark that this is all.
  Result<Flow> finish(StepIo& io) override {
    WEIR_ASSIGN(const auto ready, settle(io));
    if (ready == Poll::pending) return Flow::pending;
    if (ended_) return Flow::done;
    if (!ending_) {
      prepared_.push_back({lastId_, std::move(held_)});
      ending_ = true;
    }
    WEIR_ASSIGN(const auto written, writeUpTo(UINT64_MAX));
    if (written == Poll::pending) return Flow::pending;
    report(io);
    return Flow::done;
  }

  Result<Poll> snapshot(CheckpointId id, StateWriter& state) override {
    if (!ending_ && !ended_) {
      prepared_.push_back({id, std::exchange(held_, HeldRows(context_.account(), settings_.holdBytes))});
      lastId_ = id;
    }
    WEIR_TRY(state.write(Value::string(sink_)));
    WEIR_TRY(state.write(static_cast<std::int64_t>(prepared_.size())));
    for (const auto& each : prepared_) {
      WEIR_TRY(state.write(static_cast<std::int64_t>(each.id)));
      WEIR_TRY(each.rows.save(state));
    }
    return Poll::ready;
  }

  Result<Poll> restore(StateReader& state) override {
    WEIR_ASSIGN(const auto sink, state.readValue());
    if (sink.kind() != ValueKind::string) return fail("state.mismatch", "the saved state names no sink");
    sink_ = sink.text();
    std::int64_t count = 0;
    WEIR_TRY(state.read(count));
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t id = 0;
      WEIR_TRY(state.read(id));
      prepared_.push_back({static_cast<std::uint64_t>(id), HeldRows(context_.account(), INT64_MAX)});
      WEIR_TRY(prepared_.back().rows.load(state));
      lastId_ = std::max(lastId_, prepared_.back().id);
    }
    look_ = true;
    return Poll::ready;
  }

  Result<Poll> committed(CheckpointId id) override {
    due_ = std::max(due_, id);
    // Before its first step there is nobody to wake: then the rows go out with that step.
    if (!waker_) return Poll::ready;
    return writeUpTo(due_);
  }

 private:
  struct Prepared {
    std::uint64_t id = 0;
    HeldRows rows;
  };

  /// What must have happened before new rows are taken: how far a restored sink had come, and what is due.
  Result<Poll> settle(StepIo& io) {
    waker_ = io.waker();
    if (look_) {
      WEIR_ASSIGN(auto* connection, database_.get());
      if (!looking_.active()) looking_ = connection->checkpointOf(sink_, *waker_);
      if (!looking_.ready()) return Poll::pending;
      auto found = looking_.take();
      if (!found) return failed(std::move(found.error()));
      ended_ = *found && (*found)->ended;
      if (ended_) prepared_.clear();
      look_ = false;
    }
    WEIR_ASSIGN(const auto written, writeUpTo(due_));
    if (written == Poll::ready) report(io);
    return written;
  }

  Result<Poll> writeUpTo(std::uint64_t id) {
    while (!prepared_.empty() && (prepared_.front().id <= id)) {
      auto& first = prepared_.front();
      const bool last = ending_ && prepared_.size() == 1;
      if (!writing_.active()) {
        WEIR_ASSIGN(auto* connection, database_.get());
        SqlWrite write{.mode = modeOf(settings_.mode),
                       .table = settings_.table,
                       .keys = columns_.keys(),
                       .rows = first.rows.batches(),
                       .checkpoint = SqlCheckpoint{sink_, first.id, last}};
        writing_ = connection->write(std::move(write), *waker_);
      }
      if (!writing_.ready()) return Poll::pending;
      auto written = writing_.take();
      if (!written) return failed(std::move(written.error()));
      noteRefused(first.rows.batches(), written->refused);
      prepared_.pop_front();
    }
    return Poll::ready;
  }

  Result<Poll> failed(Error error) {
    if (error.recoverable) database_.forget();
    return std::unexpected(std::move(error));
  }

  void noteRefused(const std::vector<Batch>& batches, std::vector<SqlRefusal>& refused) {
    std::size_t batch = 0;
    std::uint32_t before = 0;
    for (auto& refusal : refused) {
      while (refusal.row - before >= static_cast<std::uint32_t>(batches[batch].rows())) {
        before += static_cast<std::uint32_t>(batches[batch++].rows());
      }
      refused_.push_back({batches[batch].slice(refusal.row - before, 1), std::move(refusal.error)});
    }
  }

  /// Rows that a commit has refused fail with the next step.
  void report(StepIo& io) {
    for (auto& [row, error] : refused_) io.failOf(row, 0, std::move(error), 1);
    refused_.clear();
  }

  Settings settings_;
  Columns columns_;
  sql::Database database_;
  NodeContext& context_;
  std::string sink_;
  HeldRows held_;
  std::deque<Prepared> prepared_;  // by id; not written yet
  std::uint64_t lastId_ = 0, due_ = 0;
  bool look_ = false, ending_ = false;
  bool ended_ = false;  // an earlier run wrote all there is
  std::vector<std::pair<Batch, Error>> refused_;
  std::optional<Waker> waker_;
  Operation<std::optional<SqlCheckpoint>> looking_;
  Operation<SqlWritten> writing_;
};

/// Tells this sink of this run from all others, also where two runs have one seed.
std::string freshSink(NodeContext& context) {
  auto host = context.host<Random>();
  const auto high = host ? (*host)->next() : context.random();
  const auto low = host ? (*host)->next() : context.random();
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto word : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(word >> shift) & 15];
  }
  return text;
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto target, sql::targetOf(settings));
  target.create = true;
  if (settings.mode != Settings::Mode::insert && settings.keys.empty()) {
    return fail("settings.missing",
                "the setting keys: upsert, update and delete need the columns by which a row is found");
  }
  WEIR_ASSIGN(auto* host, context.host<Sql>());
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [settings, target, host, &context]() -> Result<std::unique_ptr<Task>> {
    if (!settings.exactlyOnce) return std::make_unique<DirectWriter>(settings, target, *host, context);
    return std::make_unique<CheckpointWriter>(settings, target, *host, context, freshSink(context));
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir::nodes::sql_write
