// Sends each row to the first case whose condition holds.
#include <algorithm>
#include <numeric>

#include "engine/node/row-expression.h"
#include "nodes/logic/row-split.h"
#include "nodes/logic/switch/switch.gen.h"

namespace weir::nodes::switch_ {
namespace {

class Switch final : public Stateless {
 public:
  explicit Switch(std::vector<cel::Expression> conditions) : conditions_(std::move(conditions)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    Batch left = batch;
    // For each logical row of `left` its logical row in `batch`, which is what fail() counts in.
    std::vector<std::uint32_t> origin(static_cast<std::size_t>(batch.rows()));
    std::iota(origin.begin(), origin.end(), 0U);
    for (std::size_t i = 0; i < conditions_.size() && left.rows() > 0; ++i) {
      WEIR_ASSIGN(auto selected, conditions_[i].select(left));
      const auto port = static_cast<Port>(out::firstCase + i);
      if (selected.all) {
        io.emit(port, std::move(left));
        tellSchema(batch, io);
        return Flow::more;
      }
      for (auto& error : selected.errors) io.fail({&origin[error.row], 1}, std::move(error.error));
      const auto rest = restOf(left, selected);
      if (rest.size() == origin.size()) continue;
      if (selected.count > 0) {
        WEIR_ASSIGN(auto match, left.withSelection(std::move(selected.rows), selected.count));
        io.emit(port, std::move(match));
      }
      origin = originsOf(left, rest, origin);
      WEIR_ASSIGN(left, withRows(left, rest));
    }
    if (left.rows() > 0) io.emit(out::otherwise, std::move(left));
    tellSchema(batch, io);
    return Flow::more;
  }

 private:
  /// To ports that had no rows so far.
  void tellSchema(const Batch& batch, StepIo& io) const {
    if (io.fresh(out::otherwise)) io.emit(out::otherwise, batch.slice(0, 0));
    for (std::size_t i = 0; i < conditions_.size(); ++i) {
      const auto port = static_cast<Port>(out::firstCase + i);
      if (io.fresh(port)) io.emit(port, batch.slice(0, 0));
    }
  }

  static std::vector<std::uint32_t> originsOf(const Batch& left, const std::vector<std::uint32_t>& rest,
                                              const std::vector<std::uint32_t>& origin) {
    std::vector<std::uint32_t> kept;
    kept.reserve(rest.size());
    const auto selection = left.selection();
    std::size_t row = 0;
    for (const auto physical : rest) {
      if (left.hasSelection()) {
        while (selection[row] != physical) ++row;
      } else {
        row = physical;
      }
      kept.push_back(origin[row]);
    }
    return kept;
  }

  std::vector<cel::Expression> conditions_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  auto options = expressionOptions(context);
  options.expected = Type::boolean();
  std::vector<cel::Expression> conditions;
  for (std::size_t i = 0; i < settings.cases.size(); ++i) {
    const auto& one = settings.cases[i];
    const auto same = [&](const auto& other) { return other.name == one.name; };
    if (std::any_of(settings.cases.begin(), settings.cases.begin() + static_cast<std::ptrdiff_t>(i), same) ||
        one.name == "otherwise" || one.name == "error") {
      return fail("settings.invalid", "/settings/cases/" + std::to_string(i) + "/name: the port '" + one.name +
                                          "' is there already; choose another name");
    }
    WEIR_ASSIGN(auto condition, cel::Expression::compile(one.condition, options));
    conditions.push_back(std::move(condition));
  }
  return makeStateless<Switch>(std::move(conditions));
}

}  // namespace weir::nodes::switch_
