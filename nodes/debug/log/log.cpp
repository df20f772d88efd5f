// Passes rows on and logs the first of each batch.
#include <algorithm>

#include "engine/data/value-json.h"
#include "engine/node/hidden-fields.h"
#include "nodes/debug/log/log.gen.h"

namespace weir::nodes::log {
namespace {

LogLevel levelOf(Settings::Level level) {
  switch (level) {
    case Settings::Level::debug:
      return LogLevel::debug;
    case Settings::Level::info:
      return LogLevel::info;
    case Settings::Level::warning:
      return LogLevel::warning;
    case Settings::Level::error:
      return LogLevel::error;
  }
  return LogLevel::info;
}

class LogRows final : public Transform {
 public:
  LogRows(const Settings& settings, NodeContext* context) : settings_(settings), context_(*context) {
    if (const auto hidden = context_.host<HiddenFields>()) hidden_ = (*hidden)->names;
  }

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    const auto shown = std::min(settings_.rows, batch.rows());
    for (std::int64_t row = 0; row < shown; ++row) {
      std::string line = settings_.label.empty() ? "" : settings_.label + " ";
      // Logs are read by more people than rows.
      appendJson(line, hidden_.empty() ? batch.row(row) : masked(batch.row(row), hidden_));
      context_.log(levelOf(settings_.level), line);
    }
    if (shown > 0 && shown < batch.rows()) {
      context_.log(levelOf(settings_.level), "… and " + std::to_string(batch.rows() - shown) + " more");
    }
    io.emit(out::rows, batch);
    return Flow::more;
  }

 private:
  Settings settings_;
  NodeContext& context_;
  SensitiveNames hidden_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) { return makeNode<LogRows>(settings, &context); }

}  // namespace weir::nodes::log
