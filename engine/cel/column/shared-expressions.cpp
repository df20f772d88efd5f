// Keeps the expressions of a plan while it is made.
#include "engine/cel/column/shared-expressions.h"

namespace weir::cel {
namespace {

/// A plan with more expressions than this is not made often enough to matter.
constexpr std::size_t kMost = 4'096;

SharedExpressions*& ofThisThread() {
  thread_local SharedExpressions* current = nullptr;
  return current;
}

bool shareable(const ExpressionOptions& options) {
  return options.rowSchema == nullptr && options.zones == nullptr && options.origins == nullptr &&
         (options.params == nullptr || options.params->kind() == ValueKind::map);
}

/// The same entries, or none in either.
bool sameParams(const Value& a, const Value& b) {
  const auto left = a.entries(), right = b.entries();
  return left.size() == right.size() && (left.empty() || left.data() == right.data());
}

}  // namespace

SharedExpressions::SharedExpressions() : outer_(ofThisThread() == nullptr) {
  if (outer_) ofThisThread() = this;
}

SharedExpressions::~SharedExpressions() {
  if (outer_) ofThisThread() = nullptr;
}

SharedExpressions* SharedExpressions::current() { return ofThisThread(); }

bool SharedExpressions::fits(const Made& made, const ExpressionOptions& options) {
  if (made.profile != options.profile || made.hasParams != (options.params != nullptr)) return false;
  if (made.hasParams && !sameParams(made.params, *options.params)) return false;
  return made.expected == options.expected;
}

Expression SharedExpressions::find(std::string_view source, const ExpressionOptions& options) const {
  if (!shareable(options)) return {};
  const auto [from, to] = made_.equal_range(source);
  for (auto at = from; at != to; ++at) {
    if (fits(at->second, options)) return at->second.expression;
  }
  return {};
}

void SharedExpressions::add(const Expression& expression, const ExpressionOptions& options) {
  if (!shareable(options) || made_.size() >= kMost) return;
  Made made{expression, options.profile, options.expected, options.params != nullptr, {}};
  if (made.hasParams) made.params = *options.params;
  made_.emplace(expression.source(), std::move(made));
}

}  // namespace weir::cel
