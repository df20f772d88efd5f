// Expression: one source, specialised for the schemas it meets.
#include "engine/cel/column/expression.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "engine/cel/column/shared-expressions.h"
#include "engine/cel/column/specialised.h"
#include "engine/cel/column/vector-run.h"
#include "engine/data/lock.h"

namespace weir::cel {

struct Expression::Impl {
  /// Either one that stays as long as the expression, or a share of one that may be forgotten.
  struct Held {
    const Specialised* specialised = nullptr;
    std::shared_ptr<const Specialised> share;
  };
  using Kept = std::vector<std::shared_ptr<const Specialised>>;

  std::string source;
  ExpressionOptions options;
  Value params;
  FieldSet fields;
  bool clock = false;
  mutable std::atomic<const Specialised*> recent{nullptr};  // one of `lasting`
  mutable Lock lock;
  mutable Kept lasting;  // of the first schemas
  mutable Kept latest;   // of later ones, newest first

  static constexpr std::size_t kLasting = 8;
  static constexpr std::size_t kLatest = 8;

  [[nodiscard]] Result<Held> forSchema(const SchemaRef& schema) const {
    const auto* last = recent.load(std::memory_order_acquire);
    if (last != nullptr && last->schema == schema) [[likely]]
      return Held{last, nullptr};
    return searched(schema);
  }

 private:
  [[nodiscard]] Result<Held> searched(const SchemaRef& schema) const;
  [[nodiscard]] Held known(const SchemaRef& schema) const {
    for (const auto& one : lasting)
      if (one->schema == schema) {
        recent.store(one.get(), std::memory_order_release);
        return {one.get(), nullptr};
      }
    for (const auto& one : latest)
      if (one->schema == schema) return {one.get(), one};
    return {};
  }
};

Result<Expression::Impl::Held> Expression::Impl::searched(const SchemaRef& schema) const {
  {
    const Locked locked(lock);
    if (auto held = known(schema); held.specialised != nullptr) return held;
  }
  WEIR_ASSIGN(auto made, specialise(source, options, schema));
  auto shared = std::make_shared<const Specialised>(std::move(made));
  const Locked locked(lock);
  // Another thread may have been faster.
  if (auto held = known(schema); held.specialised != nullptr) return held;
  if (lasting.size() < kLasting) {
    lasting.push_back(shared);
    recent.store(shared.get(), std::memory_order_release);
    return Held{shared.get(), nullptr};
  }
  latest.insert(latest.begin(), shared);
  if (latest.size() > kLatest) latest.pop_back();
  return Held{shared.get(), shared};
}

Result<Expression> Expression::compile(std::string_view source, const ExpressionOptions& options) {
  auto* shared = SharedExpressions::current();
  if (shared != nullptr) {
    if (auto known = shared->find(source, options)) return known;
  }
  auto impl = std::make_shared<Impl>();
  impl->source = source;
  impl->options = options;
  if (options.params != nullptr) impl->params = *options.params;
  impl->options.params = options.params != nullptr ? &impl->params : nullptr;
  WEIR_ASSIGN(const auto first, impl->forSchema(options.rowSchema));
  const auto& program = first.specialised->program;
  const auto read = program.fieldsRead("row");
  impl->fields = read.all ? FieldSet::everything() : FieldSet{false, read.names};
  const auto packet = program.fieldsRead("packet");
  impl->clock = program.usesNow() || packet.all || std::ranges::contains(packet.names, "timestamp") ||
                std::ranges::contains(packet.names, "traceId");
  Expression out;
  out.impl_ = std::move(impl);
  if (shared != nullptr) shared->add(out, options);
  return out;
}

Result<Evaluated> Expression::evaluate(const Batch& batch) const {
  WEIR_ASSIGN(const auto held, impl_->forSchema(batch.schema()));
  if (held.specialised->vector != nullptr) return evaluateColumns(*held.specialised, batch, impl_->params);
  return evaluateRows(*held.specialised, batch, impl_->params);
}

Result<Selected> Expression::select(const Batch& batch) const {
  WEIR_ASSIGN(const auto held, impl_->forSchema(batch.schema()));
  const auto& specialised = *held.specialised;
  if (specialised.vector != nullptr && specialised.resultType->kind == Kind::boolean)
    return selectColumns(specialised, batch, impl_->params);
  WEIR_ASSIGN(auto evaluated, evaluateRows(specialised, batch, impl_->params));
  return selectedOf(std::move(evaluated), batch);
}

Result<TypeRef> Expression::typeFor(const SchemaRef& schema) const {
  WEIR_ASSIGN(const auto held, impl_->forSchema(schema));
  return held.specialised->resultType;
}

const FieldSet& Expression::fieldsRead() const { return impl_->fields; }
bool Expression::readsClock() const { return impl_->clock; }
const std::string& Expression::source() const { return impl_->source; }

}  // namespace weir::cel
