// sql/query: a statement for each row, executed in their order; results leave as they come.
#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <utility>

#include "engine/data/batch-builder.h"
#include "nodes/sql/database.h"
#include "nodes/sql/query/query.gen.h"

namespace weir::nodes::query {
namespace {

/// Rows of parameters that the host gets at once.
constexpr std::int64_t kRowsAtOnce = 1024;

class Query final : public Transform {
 public:
  Query(const Settings& settings, std::vector<RowExpression> parameters, SqlTarget target, Sql& host,
        NodeContext& context)
      : statement_(settings.statement),
        both_(settings.emit == Settings::Emit::both),
        keep_(settings.ifNone == Settings::IfNone::keep),
        parameters_(std::move(parameters)),
        database_(host, std::move(target)),
        context_(context) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    if (failure_) return std::unexpected(*std::exchange(failure_, std::nullopt));
    bool said = false;
    for (;;) {
      if (!reading_.active()) {
        if (length_ == 0) {
          if (position_ == batch.rows()) break;
          WEIR_TRY(prepare(batch, io));
          said = true;
          if (asked_.rows() == 0) {  // no row had parameters
            position_ += std::exchange(length_, 0);
            continue;
          }
        }
        WEIR_ASSIGN(auto* connection, database_.get());
        skip_ = given_;
        reading_ = connection->query({statement_, values_}, context_.account(), io.waker());
      }
      if (!reading_.ready()) return Flow::pending;
      if (io.room(out::rows).rows <= 0) return Flow::again;
      auto rows = reading_.take();
      if (!rows) {
        if (rows.error().recoverable) database_.forget();
        if (!said) return std::unexpected(std::move(rows.error()));
        // Not in the step that has given rows, which an error would take back.
        failure_ = std::move(rows.error());
        io.waker().wake();
        return Flow::pending;
      }
      WEIR_TRY(give(*rows, io));
      said = true;
      if (rows->more) {
        WEIR_ASSIGN(auto* connection, database_.get());
        reading_ = connection->fetch(context_.account(), io.waker());
      } else {
        WEIR_TRY(keepUpTo(static_cast<std::uint32_t>(asked_.rows()), io));
        position_ += std::exchange(length_, 0);
      }
    }
    position_ = 0;
    return Flow::more;
  }

 private:
  /// The next few rows and their parameters; those whose parameters fail are error rows.
  Result<void> prepare(const Batch& batch, StepIo& io) {
    const auto length = std::min(kRowsAtOnce, batch.rows() - position_);
    WEIR_ASSIGN(auto part, batch.slice(position_, length).dense());
    std::vector<Column> columns;
    std::vector<Field> fields;
    std::vector<cel::RowError> errors;
    for (const auto& parameter : parameters_) {
      WEIR_ASSIGN(auto column, parameter.evaluate(part, errors));
      fields.push_back({"p" + std::to_string(fields.size() + 1), column.type});
      columns.push_back(std::move(column));
    }
    WEIR_ASSIGN(values_, Batch::of(Schema::of(std::move(fields)), std::move(columns), length, {}, context_.account()));
    rowOf_.resize(static_cast<std::size_t>(length));
    std::iota(rowOf_.begin(), rowOf_.end(), 0U);
    if (!errors.empty()) {
      const auto first = static_cast<std::uint32_t>(position_);
      for (auto& error : errors) error.row += first;
      auto good = failRows(errors, position_ + length, io);
      std::erase_if(good, [first](std::uint32_t row) { return row < first; });
      for (auto& row : good) row -= first;
      rowOf_ = std::move(good);
      WEIR_ASSIGN(values_, values_.gather(rowOf_));
      WEIR_ASSIGN(part, part.gather(rowOf_));
    }
    asked_ = std::move(part);
    length_ = length;
    next_ = 0;
    given_ = 0;
    refused_.clear();
    return {};
  }

  /// A connection that was lost in the middle gives the first rows again: they are skipped.
  Result<void> give(SqlRows& rows, StepIo& io) {
    for (const auto& refusal : rows.refused) {
      if (std::ranges::find(refused_, refusal.row) != refused_.end()) continue;
      const auto row = static_cast<std::uint32_t>(position_) + rowOf_[refusal.row];
      io.fail(std::array<std::uint32_t, 1>{row}, refusal.error);
      refused_.push_back(refusal.row);
    }
    if (rows.rows.schema()->size() == 0) return {};
    result_ = rows.rows.schema();
    auto begin = static_cast<std::size_t>(std::min(skip_, rows.rows.rows()));
    skip_ -= static_cast<std::int64_t>(begin);
    while (begin < rows.from.size()) {
      auto end = keep_ ? begin : rows.from.size();
      if (keep_) {
        // Rows without a result stand between those that have one.
        WEIR_TRY(keepUpTo(rows.from[begin], io));
        for (; end < rows.from.size() && rows.from[end] <= next_; ++end) next_ = rows.from[end] + 1;
      }
      WEIR_TRY(emit(rows, begin, end, io));
      given_ += static_cast<std::int64_t>(end - begin);
      begin = end;
    }
    return {};
  }

  /// Rows next_ to `row` - 1 had no result: they go on, if so wanted, with nulls.
  Result<void> keepUpTo(std::uint32_t row, StepIo& io) {
    std::vector<std::uint32_t> alone;
    for (; next_ < row; ++next_) {
      if (std::ranges::find(refused_, next_) == refused_.end()) alone.push_back(next_);
    }
    if (!keep_ || alone.empty()) return {};
    WEIR_ASSIGN(const auto input, asked_.gather(alone));
    std::vector<Column> nulls;
    if (result_) {
      for (const auto& field : result_->fields()) {
        WEIR_ASSIGN(auto column, constantColumn(field.type, {}, input.rows(), context_.account()));
        nulls.push_back(std::move(column));
      }
    }
    return put(input, result_ ? result_ : Schema::empty(), nulls, io);
  }

  Result<void> emit(const SqlRows& rows, std::size_t begin, std::size_t end, StepIo& io) {
    const auto part = rows.rows.slice(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end - begin));
    const std::span<const std::uint32_t> from(rows.from.data() + begin, end - begin);
    WEIR_ASSIGN(const auto input, asked_.gather(from));
    return put(input, part.schema(), part.columns(), io);
  }

  /// `input`'s fields, if wanted, beside `columns`.
  Result<void> put(const Batch& input, const SchemaRef& schema, std::span<const Column> columns, StepIo& io) {
    std::vector<Field> fields;
    std::vector<Column> all;
    if (both_) {
      for (std::int64_t i = 0; i < input.schema()->size(); ++i) {
        const auto& field = input.schema()->field(i);
        const auto mine = schema->indexOf(field.name);
        fields.push_back(mine < 0 ? field : schema->field(mine));
        all.push_back(mine < 0 ? input.column(i) : columns[static_cast<std::size_t>(mine)]);
      }
    }
    for (std::int64_t i = 0; i < schema->size(); ++i) {
      if (both_ && input.schema()->indexOf(schema->field(i).name) >= 0) continue;
      fields.push_back(schema->field(i));
      all.push_back(columns[static_cast<std::size_t>(i)]);
    }
    WEIR_ASSIGN(auto made, Batch::of(Schema::of(std::move(fields)), std::move(all), input.rows(), input.envelope(),
                                     context_.account()));
    io.emit(out::rows, std::move(made));
    return {};
  }

  std::string statement_;
  bool both_, keep_;
  std::vector<RowExpression> parameters_;
  sql::Database database_;
  NodeContext& context_;

  std::int64_t position_ = 0, length_ = 0;  // of the batch under way: rows done, rows asked about
  Batch asked_, values_;                    // the rows asked about, and their parameters
  std::vector<std::uint32_t> rowOf_;        // for each of them, its place behind position_
  std::uint32_t next_ = 0;                  // of those: the first of which nothing has left yet
  std::int64_t given_ = 0, skip_ = 0;       // rows of the result that have left; of those, how many come again
  std::vector<std::uint32_t> refused_;
  SchemaRef result_;
  std::optional<Error> failure_;
  Operation<SqlRows> reading_;  // the last member: it ends before what it reads into
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto target, sql::targetOf(settings));
  WEIR_ASSIGN(auto* host, context.host<Sql>());
  std::vector<RowExpression> parameters;
  for (std::size_t i = 0; i < settings.parameters.size(); ++i) {
    WEIR_ASSIGN(auto one, RowExpression::compile(settings.parameters[i], "parameters/" + std::to_string(i), context));
    parameters.push_back(std::move(one));
  }
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [settings, parameters, target, host, &context]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<Query>(settings, parameters, target, *host, context);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir::nodes::query
