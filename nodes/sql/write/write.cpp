// sql/write: rows into a table, in transactions; with exactlyOnce only at checkpoints.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/node/once-sink.h"
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

/// With the number of the checkpoint in the table weir_checkpoints.
class CheckpointWriter final : public OnceSink {
 public:
  CheckpointWriter(const Settings& settings, SqlTarget target, Sql& host, NodeContext& context)
      : OnceSink(context, settings.holdBytes),
        settings_(settings),
        columns_(settings),
        database_(host, std::move(target)) {}

 private:
  Result<Batch> kept(const Batch& batch) override { return columns_.of(batch, context().account()); }

  Result<Poll> claim(SinkCheckpoint& sink, const Waker& waker) override {
    WEIR_ASSIGN(auto* connection, database_.get());
    if (!claiming_.active()) claiming_ = connection->claim(sink.sink, waker);
    if (!claiming_.ready()) return Poll::pending;
    WEIR_ASSIGN(sink, claiming_.take());
    return Poll::ready;
  }

  Result<Poll> write(const std::vector<Batch>& rows, const SinkCheckpoint& checkpoint,
                     std::vector<SinkRefusal>& refused, const Waker& waker) override {
    if (!writing_.active()) {
      WEIR_ASSIGN(auto* connection, database_.get());
      SqlWrite all{.mode = modeOf(settings_.mode),
                   .table = settings_.table,
                   .keys = columns_.keys(),
                   .rows = rows,
                   .checkpoint = checkpoint};
      writing_ = connection->write(std::move(all), waker);
    }
    if (!writing_.ready()) return Poll::pending;
    WEIR_ASSIGN(auto written, writing_.take());
    for (auto& refusal : written.refused) refused.push_back({refusal.row, std::move(refusal.error)});
    return Poll::ready;
  }

  void forget() override { database_.forget(); }

  Settings settings_;
  Columns columns_;
  sql::Database database_;
  Operation<SinkCheckpoint> claiming_;
  Operation<SqlWritten> writing_;
};

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
    return std::make_unique<CheckpointWriter>(settings, target, *host, context);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir::nodes::sql_write
