// sql/read: a table or SELECT as a source; by key a page at a time, else as one stream.
#include <algorithm>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/host/sql-text.h"
#include "engine/node/node-time.h"
#include "engine/text/utf8.h"
#include "nodes/sql/database.h"
#include "nodes/sql/read/read.gen.h"

namespace weir::nodes::sql_read {
namespace {

class Reader final : public Task {
 public:
  Reader(const Settings& settings, std::string select, std::string keyName, SqlTarget target, Sql& host,
         NodeContext& context)
      : settings_(settings),
        select_(std::move(select)),
        keyName_(std::move(keyName)),
        database_(host, std::move(target)),
        context_(context),
        time_(context) {}

  Result<Progress> step(StepIo& io) override {
    if (draining_) return Progress::finished();
    if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, portSet(out::rows));
    if (!reading_.active()) {
      if (waitUntil_ > time_.now()) return Progress::until(time_.wakeAt(waitUntil_));
      WEIR_TRY(ask(io));
    }
    if (!reading_.ready()) return Progress::blockedOn(0);
    auto rows = reading_.take();
    if (!rows) {
      if (rows.error().recoverable) database_.forget();
      return std::unexpected(std::move(rows.error()));
    }
    WEIR_TRY(give(std::move(rows->rows), io));
    if (rows->more) {
      WEIR_ASSIGN(auto* connection, database_.get());
      reading_ = connection->fetch(context_.account(), io.waker());
    } else if (!keyed() || pageRead_ < settings_.pageRows) {
      if (settings_.every == 0 || !keyed()) return Progress::finished();
      waitUntil_ = time_.now() + settings_.every * 1000;
    }
    // One answer a step: an error of the next would take back what this one gives.
    return Progress::yielded();
  }

  void drain() override { draining_ = true; }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    WEIR_TRY(state.write(sequence_));
    WEIR_TRY(state.write(same_));
    WEIR_TRY(state.write(last_));
    return Poll::ready;
  }

  Result<Poll> restore(StateReader& state) override {
    WEIR_TRY(state.read(sequence_));
    WEIR_TRY(state.read(same_));
    WEIR_ASSIGN(const auto last, state.readValue());
    last_ = last.owned();
    return Poll::ready;
  }

 private:
  [[nodiscard]] bool keyed() const { return !keyName_.empty(); }

  /// The next page, or all. Rows with the last key that have been given are skipped, so that equal keys on two pages
  /// are neither lost nor given twice.
  Result<void> ask(StepIo& io) {
    WEIR_ASSIGN(auto* connection, database_.get());
    std::string text = select_;
    std::vector<Value> values;
    if (keyed()) {
      text += last_.isNull() ? " WHERE " + keyName_ + " IS NOT NULL" : " WHERE " + keyName_ + " >= $1";
      text += " ORDER BY " + keyName_ + " LIMIT " + std::to_string(settings_.pageRows);
      if (!last_.isNull()) {
        text += " OFFSET " + std::to_string(same_);
        values.push_back(last_);
      }
    }
    pageRead_ = 0;
    // A stream that is read anew gives the rows again that have been given.
    skip_ = keyed() ? 0 : sequence_;
    WEIR_ASSIGN(auto parameters, parametersOf(values));
    reading_ = connection->query({std::move(text), std::move(parameters)}, context_.account(), io.waker());
    return {};
  }

  Result<Batch> parametersOf(const std::vector<Value>& values) {
    std::vector<Field> fields;
    std::vector<Column> columns;
    for (const auto& value : values) {
      WEIR_ASSIGN(auto column, constantColumn(typeOf(value), value, 1, context_.account()));
      fields.push_back({"p" + std::to_string(fields.size() + 1), column.type});
      columns.push_back(std::move(column));
    }
    return Batch::of(Schema::of(std::move(fields)), std::move(columns), 1, {}, context_.account());
  }

  Result<void> give(Batch rows, StepIo& io) {
    pageRead_ += rows.rows();
    if (skip_ > 0) {
      const auto again = std::min(skip_, rows.rows());
      skip_ -= again;
      rows = rows.slice(again, rows.rows() - again);
    }
    const auto count = rows.rows();
    if (keyed() && count > 0) {
      const auto at = rows.schema()->indexOf(*settings_.key);
      if (at < 0) return unknownField(*settings_.key, *rows.schema());
      const auto& key = rows.column(at);
      auto greatest = key.value(count - 1).owned();
      if (greatest.isNull()) {
        return fail("sql.statement", "the database gave a row without the key '" + *settings_.key + "'");
      }
      std::int64_t equal = 1;
      while (equal < count && equalValues(key.value(count - 1 - equal), greatest)) ++equal;
      same_ = equal == count && equalValues(greatest, last_) ? same_ + equal : equal;
      last_ = std::move(greatest);
    }
    Envelope envelope;
    envelope.firstSequence = static_cast<std::uint64_t>(sequence_ + 1);
    envelope.timestampMicros = context_.nowMicros();
    sequence_ += count;
    if (count > 0 || io.fresh(out::rows)) io.emit(out::rows, rows.withEnvelope(std::move(envelope)));
    return {};
  }

  Settings settings_;
  std::string select_, keyName_;
  sql::Database database_;
  NodeContext& context_;
  NodeTime time_;
  std::int64_t sequence_ = 0;  // of the row given last
  Value last_;                 // the greatest key given
  std::int64_t same_ = 0;      // how many rows with that key were given
  std::int64_t pageRead_ = 0;  // by the statement under way
  std::int64_t skip_ = 0;
  Timestamp waitUntil_ = 0;
  bool draining_ = false;
  Operation<SqlRows> reading_;
};

bool isSelect(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n(");
  if (begin == std::string_view::npos) return false;
  const auto word = utf8::lowerAscii(text.substr(begin, 6));
  return word.starts_with("select") || word.starts_with("with ") || word.starts_with("with\n") ||
         word.starts_with("values");
}

Result<std::string> selectOf(const Settings& settings) {
  std::string text = "SELECT ";
  for (std::size_t i = 0; i < settings.columns.size(); ++i) {
    WEIR_ASSIGN(const auto name, sqlName(settings.columns[i]));
    text += (i > 0 ? ", " : "") + name;
  }
  if (settings.columns.empty()) text += "*";
  if (!isSelect(settings.from)) {
    WEIR_ASSIGN(const auto table, sqlTableName(settings.from));
    return text + " FROM " + table;
  }
  auto inner = settings.from;
  while (!inner.empty() && (inner.back() == ';' || static_cast<unsigned char>(inner.back()) <= ' ')) inner.pop_back();
  // On lines of its own, so that a comment at its end does not reach further.
  return text + " FROM (\n" + inner + "\n) AS weir_source";
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto target, sql::targetOf(settings));
  target.reading = true;
  WEIR_ASSIGN(auto* host, context.host<Sql>());
  WEIR_ASSIGN(auto select, selectOf(settings));
  std::string keyName;
  if (settings.key) {
    WEIR_ASSIGN(keyName, sqlName(*settings.key));
  } else if (settings.every > 0) {
    return fail("settings.invalid", "polling (every) needs a key column, by which new rows are told from old ones");
  }
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [settings, select, keyName, target, host, &context]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<Reader>(settings, select, keyName, target, *host, context);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir::nodes::sql_read
