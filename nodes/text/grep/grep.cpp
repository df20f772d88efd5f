// text/grep: keeps rows whose text matches; with context a stage that looks back and ahead.
#include <cstring>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/regex/scratch-pool.h"
#include "nodes/text/grep/context-search.h"
#include "nodes/text/grep/grep.gen.h"
#include "nodes/text/grep/pattern.h"

namespace weir::nodes::grep {
namespace {

class Grep final : public Stateless {
 public:
  Grep(const Settings& settings, regex::Regex pattern) : settings_(settings), pattern_(std::move(pattern)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    if (batch.prefiltered()) {
      // The source did it already; what goes on is an ordinary batch.
      if (batch.rows() == 0 && !io.fresh(out::match)) return Flow::more;
      WEIR_ASSIGN(auto plain, batch.withColumns(batch.schema(), batch.columns()));
      io.emit(out::match, std::move(plain));
      return Flow::more;
    }
    const auto column = textColumn(batch, settings_.field);
    if (!column) {
      std::vector<std::uint32_t> all(static_cast<std::size_t>(batch.rows()));
      std::iota(all.begin(), all.end(), 0U);
      io.fail(all, column.error());
      return Flow::more;
    }
    const regex::ScratchPool::Lent scratch(pool_);
    const auto kept = matches(**column, pattern_, settings_.invert, *scratch);
    WEIR_TRY(emitRows(batch, kept, 1, out::match, io));
    return emitRows(batch, kept, 0, out::rest, io);
  }

 private:
  static Result<Flow> emitRows(const Batch& batch, const std::vector<std::uint8_t>& kept, std::uint8_t which, Port port,
                               StepIo& io) {
    if (!io.wired(port)) return Flow::more;
    const auto count = std::count(kept.begin(), kept.end(), which);
    if (count == 0) {
      if (io.fresh(port)) io.emit(port, batch.slice(0, 0));
      return Flow::more;
    }
    if (count == batch.rows()) {
      io.emit(port, batch);
      return Flow::more;
    }
    WEIR_ASSIGN(auto indices,
                Buffer::allocate(count * static_cast<std::int64_t>(sizeof(std::uint32_t)), batch.account()));
    auto* to = reinterpret_cast<std::uint32_t*>(indices.mutableData());
    for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(kept.size()); ++row) {
      if (kept[row] == which) *to++ = row;
    }
    WEIR_ASSIGN(auto selected, batch.withSelection(std::move(indices), count));
    io.emit(port, std::move(selected));
    return Flow::more;
  }

  Settings settings_;
  regex::Regex pattern_;
  mutable regex::ScratchPool pool_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto pattern, compilePattern(settings));
  if (settings.contextBefore == 0 && settings.contextAfter == 0) {
    return makeStateless<Grep>(settings, std::move(pattern));
  }
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [settings, pattern, &context]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<ContextSearch>(settings, pattern, context.account());
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir::nodes::grep
