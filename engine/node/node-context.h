// NodeContext: all a node sees of the world besides its settings and its StepIo.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/buffer.h"
#include "engine/data/field-set.h"
#include "engine/data/value.h"
#include "engine/host/log.h"
#include "engine/json/document.h"
#include "engine/node/contract.h"

namespace weir {
struct TraceContext;
namespace cel {
struct RowOrigins;
}

/// The node behind an output that handed its filter to this source (schema.json, acceptsFilter).
struct AcceptedFilter {
  std::string typeId;
  const json::Value* settings = nullptr;  // resolved; outlives the node
};

/// Lives as long as the node; thread-safe.
class NodeContext {
 public:
  virtual ~NodeContext() = default;

  /// A host interface by its kName; `host.missing` is what validation says before the run.
  template <class Host>
  [[nodiscard]] Result<Host*> host() {
    auto* found = findHost(Host::kName);
    if (found == nullptr) return fail("host.missing", "this place has no '" + std::string(Host::kName) + "'");
    return static_cast<Host*>(found);
  }
  [[nodiscard]] virtual std::string_view nodeId() const = 0;
  /// Seeded by run, node and stage.
  [[nodiscard]] virtual std::uint64_t random() = 0;
  [[nodiscard]] virtual const FieldSet& needed(Port out) const = 0;
  /// Sources, once they know: all fields that the rows of this output have where they come from, also those that
  /// nobody needs. For messages about fields that are not there.
  virtual void tellFields(Port /*out*/, std::vector<std::string> /*names*/) {}
  /// Null if this output's neighbour handed nothing over.
  [[nodiscard]] virtual const AcceptedFilter* acceptedFilter(Port out) const = 0;
  [[nodiscard]] virtual bool outputWired(Port out) const = 0;
  [[nodiscard]] virtual MemoryAccount& account() = 0;
  [[nodiscard]] virtual Result<Buffer> allocate(std::int64_t bytes) = 0;
  /// The flow's parameters, a map value, for `params` in expressions.
  [[nodiscard]] virtual const Value& params() const = 0;
  /// Whether the run keeps the trace of the row of this place (with this trace id, if it came from outside): what is
  /// said to other services with its trace context.
  [[nodiscard]] virtual bool traced(const EnvelopePlace& /*place*/, TraceId /*stored*/) const { return false; }
  /// A row comes with this trace from outside: whose call it is there.
  virtual void tellCaller(const TraceContext& /*caller*/) {}
  /// Of the run, for `packet` in expressions; null: no run.
  [[nodiscard]] virtual const cel::RowOrigins* origins() const { return nullptr; }
  [[nodiscard]] virtual std::int64_t nowMicros() = 0;  // the run's clock (frozen in tests)
  [[nodiscard]] virtual int workers() const = 0;
  /// Redacted, rate-limited.
  virtual void log(LogLevel level, std::string_view message) = 0;

 protected:
  /// Points to the interface named `name` (upcast to that interface), or null.
  [[nodiscard]] virtual void* findHost(std::string_view name) = 0;
};

}  // namespace weir
