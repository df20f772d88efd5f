// LinkWatch: what the debugger has on one link: taps, breakpoints, and the row that a breakpoint holds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/data/envelope.h"
#include "engine/runtime/entry-queue.h"
#include "engine/runtime/tap.h"

namespace weir::runtime {

/// A template such as "order {row.id} costs {row.price}": texts with CEL between braces; `{{` is a brace.
class LogTemplate {
 public:
  [[nodiscard]] static Result<LogTemplate> compile(std::string_view text, const cel::ExpressionOptions& options);
  /// Of one row; what cannot be computed stands there as its error.
  [[nodiscard]] std::string of(const Batch& row) const;

 private:
  struct Part {
    std::string text;
    cel::Expression expression;  // after the text, if any
  };
  std::vector<Part> parts_;
};

/// A breakpoint as it stands at one or several links. Guarded by the run's lock.
struct Stop {
  std::uint32_t id = 0;
  std::uint64_t client = 0;
  std::string node, edge;  // where it was set: one of them
  std::string where, log;  // as they were given
  cel::Expression condition{};
  std::int64_t after = 1;                // holds from this match on
  std::optional<LogTemplate> message{};  // a log-point: says this and holds nothing
  /// Of a step: holds one row, and goes. With a trace only that row is meant.
  bool once = false;
  std::uint32_t step = 0;  // all stops of one step
  std::optional<TraceId> trace{};
  std::int64_t hits = 0, failed = 0;
  std::string problem{};  // why the condition could not be computed for a row
};

struct HeldEntry {
  std::uint32_t id = 0;
  Entry entry{};  // its first row is held, the others wait behind it
  std::shared_ptr<Stop> stop;
  std::int64_t sinceMicros = 0;
};

/// Where the rows of a batch are, for who is asked about them.
struct Hit {
  std::int64_t row = 0;
  std::shared_ptr<Stop> stop;
};

class LinkWatch {
 public:
  /// Called for the rows of log-points and when a row is held, under the run's lock.
  struct Listener {
    virtual ~Listener() = default;
    virtual void logged(const Stop& stop, const Batch& row) = 0;
    /// Whether the row is to be held (there may be too many already); gives the number it is held under.
    virtual std::optional<std::uint32_t> holds(Link& link, const std::shared_ptr<Stop>& stop) = 0;
    [[nodiscard]] virtual TraceId traceOf(const Batch& batch, std::int64_t row) const = 0;
    [[nodiscard]] virtual std::int64_t nowMicros() const = 0;
  };
  explicit LinkWatch(Listener& listener) : listener(&listener) {}

  Listener* listener;
  std::vector<std::shared_ptr<Tap>> taps;
  std::vector<std::shared_ptr<Stop>> stops;
  std::optional<HeldEntry> held;
  std::vector<Entry> passing;  // let go: ahead of what waits, and not looked at again

  [[nodiscard]] bool idle() const { return taps.empty() && stops.empty() && !held && passing.empty(); }
  /// What comes next on the link is here, and not in its queue.
  [[nodiscard]] bool holdsBack() const { return held || !passing.empty(); }
  void offered(std::span<const Entry> entries) {
    for (const auto& tap : taps) tap->offered(entries);
  }
  /// The first row that is to be held, if any; counts hits and says log-points of the rows up to it.
  [[nodiscard]] std::optional<Hit> examine(const Batch& batch);

 private:
  [[nodiscard]] std::vector<std::int64_t> matches(Stop& stop, const Batch& dense) const;
};

}  // namespace weir::runtime
