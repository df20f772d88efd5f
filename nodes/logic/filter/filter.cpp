// Keeps the rows for which a condition holds; the others leave by `rest`.
#include "engine/node/row-expression.h"
#include "nodes/logic/filter/filter.gen.h"
#include "nodes/logic/row-split.h"

namespace weir::nodes::filter {
namespace {

class Filter final : public Stateless {
 public:
  explicit Filter(cel::Expression condition) : condition_(std::move(condition)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    WEIR_ASSIGN(auto selected, condition_.select(batch));
    if (selected.all) {
      io.emit(out::match, batch);
      if (io.fresh(out::rest)) io.emit(out::rest, batch.slice(0, 0));
      return Flow::more;
    }
    return split(batch, selected, io);
  }

  Result<Flow> processOwned(Batch& batch, StepIo& io) const override {
    WEIR_ASSIGN(auto selected, condition_.select(batch));
    if (selected.all) {
      if (io.fresh(out::rest)) io.emit(out::rest, batch.slice(0, 0));
      io.emit(out::match, std::move(batch));
      return Flow::more;
    }
    return split(batch, selected, io);
  }

 private:
  static Result<Flow> split(const Batch& batch, cel::Selected& selected, StepIo& io) {
    for (auto& error : selected.errors) io.fail({&error.row, 1}, std::move(error.error));
    if (selected.count == 0 && io.fresh(out::match)) io.emit(out::match, batch.slice(0, 0));
    if (io.wired(out::rest)) {
      const auto rest = restOf(batch, selected);
      if (!rest.empty() || io.fresh(out::rest)) {
        WEIR_ASSIGN(auto others, withRows(batch, rest));
        io.emit(out::rest, std::move(others));
      }
    }
    if (selected.count > 0 && io.wired(out::match)) {
      WEIR_ASSIGN(auto match, batch.withSelection(std::move(selected.rows), selected.count));
      io.emit(out::match, std::move(match));
    }
    return Flow::more;
  }

  cel::Expression condition_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  auto options = expressionOptions(context);
  options.expected = Type::boolean();
  WEIR_ASSIGN(auto condition, cel::Expression::compile(settings.condition, options));
  return makeStateless<Filter>(std::move(condition));
}

}  // namespace weir::nodes::filter
