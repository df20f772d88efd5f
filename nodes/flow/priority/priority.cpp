// Gives each row a priority; the rows themselves pass as they are.
#include <algorithm>

#include "engine/cel/column/expression.h"
#include "engine/node/row-expression.h"
#include "nodes/flow/priority/priority.gen.h"

namespace weir::nodes::priority {
namespace {

class Priority final : public Stateless {
 public:
  explicit Priority(cel::Expression priority) : priority_(std::move(priority)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    WEIR_ASSIGN(auto evaluated, priority_.evaluate(batch));
    std::vector<std::int32_t> priorities;
    refuseOthers(evaluated, batch.rows(), priorities);
    if (evaluated.errors.empty()) {
      io.emit(out::rows, withPriorities(batch, priorities));
      return Flow::more;
    }
    const auto good = failRows(evaluated.errors, batch.rows(), io);
    if (good.empty()) return Flow::more;
    WEIR_ASSIGN(const auto kept, batch.gather(good));
    std::vector<std::int32_t> theirs;
    for (const auto row : good) theirs.push_back(priorities[row]);
    io.emit(out::rows, withPriorities(kept, theirs));
    return Flow::more;
  }

 private:
  /// The numbers of all rows; those that are none of 32 bits become errors.
  static void refuseOthers(cel::Evaluated& evaluated, std::int64_t rows, std::vector<std::int32_t>& priorities) {
    priorities.assign(static_cast<std::size_t>(rows), 0);
    std::vector<cel::RowError> errors;
    auto failed = evaluated.errors.begin();
    for (std::int64_t row = 0; row < rows; ++row) {
      if (failed != evaluated.errors.end() && failed->row == row) {
        errors.push_back(std::move(*failed++));
        continue;
      }
      const auto value = evaluated.column.value(row);
      if (value.isNull()) continue;
      const bool number = value.kind() == ValueKind::int64;
      if (number && value.int64() >= INT32_MIN && value.int64() <= INT32_MAX) {
        priorities[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(value.int64());
        continue;
      }
      errors.push_back(
          {static_cast<std::uint32_t>(row),
           Error{"priority.range", "a priority is a whole number from -2147483648 to 2147483647, this row's is " +
                                       (number ? std::to_string(value.int64()) : "a " + std::string(value.typeText())) +
                                       ". Convert it in the expression."}});
    }
    evaluated.errors = std::move(errors);
  }

  static Batch withPriorities(const Batch& batch, const std::vector<std::int32_t>& priorities) {
    const auto& before = batch.envelope();
    const bool same = std::ranges::adjacent_find(priorities, std::not_equal_to{}) == priorities.end();
    if (before.detail == nullptr && same) {
      auto envelope = before;
      if (!priorities.empty()) envelope.priority = priorities.front();
      return batch.withEnvelope(std::move(envelope));
    }
    EnvelopeJoin join;
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      auto run = before.at(row);
      run.priority = priorities[static_cast<std::size_t>(row)];
      join.add(before.place(row), run);
    }
    return batch.withEnvelope(std::move(join).finish());
  }

  cel::Expression priority_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  auto options = expressionOptions(context);
  options.expected = Type::int64();
  WEIR_ASSIGN(auto priority, cel::Expression::compile(settings.priority, options));
  return makeStateless<Priority>(std::move(priority));
}

}  // namespace weir::nodes::priority
