// Expression: one source, specialised for the schemas it meets.
#include "engine/cel/column/expression.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/cel/column/specialised.h"
#include "engine/data/lock.h"

namespace weir::cel {

struct Expression::Impl {
  std::string source;
  ExpressionOptions options;
  Value params;
  FieldSet fields;
  bool clock = false;
  mutable Lock lock;
  mutable std::vector<std::shared_ptr<const Specialised>> latest;  // newest first

  static constexpr std::size_t kKept = 8;

  [[nodiscard]] Result<std::shared_ptr<const Specialised>> forSchema(const SchemaRef& schema) const {
    {
      const Locked locked(lock);
      for (const auto& known : latest) {
        if (known->schema == schema) return known;
      }
    }
    WEIR_ASSIGN(auto made, specialise(source, options, schema));
    auto shared = std::make_shared<const Specialised>(std::move(made));
    const Locked locked(lock);
    latest.insert(latest.begin(), shared);
    if (latest.size() > kKept) latest.pop_back();
    return shared;
  }
};

Result<Expression> Expression::compile(std::string_view source, const ExpressionOptions& options) {
  auto impl = std::make_shared<Impl>();
  impl->source = source;
  impl->options = options;
  if (options.params != nullptr) impl->params = *options.params;
  impl->options.params = &impl->params;
  if (options.params == nullptr) impl->options.params = nullptr;
  WEIR_ASSIGN(auto first, impl->forSchema(options.rowSchema));
  const auto read = first->program.fieldsRead("row");
  impl->fields = read.all ? FieldSet::everything() : FieldSet{false, read.names};
  const auto packet = first->program.fieldsRead("packet");
  impl->clock = first->program.usesNow() || packet.all || std::ranges::contains(packet.names, "timestamp") ||
                std::ranges::contains(packet.names, "traceId");
  Expression out;
  out.impl_ = std::move(impl);
  return out;
}

Result<Evaluated> Expression::evaluate(const Batch& batch) const {
  WEIR_ASSIGN(const auto specialised, impl_->forSchema(batch.schema()));
  return evaluateRows(*specialised, batch, impl_->params);
}

Result<Selected> Expression::select(const Batch& batch) const {
  WEIR_ASSIGN(auto evaluated, evaluate(batch));
  Selected out;
  WEIR_ASSIGN(out.rows, Buffer::allocate(batch.rows() * 4 + 4, batch.account()));
  auto* rows = reinterpret_cast<std::uint32_t*>(out.rows.mutableData());
  const auto selection = batch.selection();
  auto failed = evaluated.errors.begin();
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    if (failed != evaluated.errors.end() && failed->row == row) {
      ++failed;
    } else if (evaluated.column.isNull(row)) {
      ++out.nulls;
    } else if (evaluated.column.boolean(row)) {
      rows[out.count++] =
          selection.empty() ? static_cast<std::uint32_t>(row) : selection[static_cast<std::size_t>(row)];
    }
  }
  out.errors = std::move(evaluated.errors);
  out.all = out.count == batch.rows();
  return out;
}

Result<TypeRef> Expression::typeFor(const SchemaRef& schema) const {
  WEIR_ASSIGN(const auto specialised, impl_->forSchema(schema));
  return specialised->resultType;
}

const FieldSet& Expression::fieldsRead() const { return impl_->fields; }
bool Expression::readsClock() const { return impl_->clock; }
const std::string& Expression::source() const { return impl_->source; }

}  // namespace weir::cel
