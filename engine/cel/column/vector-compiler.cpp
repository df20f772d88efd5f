// VectorCompiler: columns, constants, logic and what falls back to rows.
#include "engine/cel/column/vector-compiler.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::cel {
namespace {

constexpr std::size_t kMostRegisters = 1000;
constexpr std::size_t kWords = VectorProgram::kBlockRows / 64;

constexpr std::array<std::uint64_t, kWords> kOnes = [] {
  std::array<std::uint64_t, kWords> words{};
  words.fill(~std::uint64_t{0});
  return words;
}();
constexpr std::array<std::uint64_t, kWords> kZeros{};
constexpr std::string_view kNoText;

/// What is the same for all rows: params.
class ParamsActivation final : public Activation {
 public:
  explicit ParamsActivation(const Value* params) : params_(params) {}
  [[nodiscard]] bool variable(std::uint32_t variable, Value& out) const override {
    if (static_cast<FlowVariable>(variable) != FlowVariable::params) return false;
    if (params_ != nullptr) out = *params_;
    return true;
  }
  [[nodiscard]] bool field(std::uint32_t variable, std::int32_t, std::string_view name, Value& out) const override {
    if (static_cast<FlowVariable>(variable) != FlowVariable::params || params_ == nullptr) return false;
    const auto* found = params_->find(name);
    if (found != nullptr) out = *found;
    return found != nullptr;
  }

 private:
  const Value* params_;
};

std::optional<Lane> laneOfColumn(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return Lane::boolean;
    case Kind::int64:
      return Lane::int64;
    case Kind::uint64:
      return Lane::uint64;
    case Kind::float64:
      return Lane::float64;
    case Kind::string:
      return Lane::text;
    case Kind::timestamp:
      return Lane::timestamp;
    case Kind::duration:
      return Lane::duration;
    default:
      return std::nullopt;
  }
}

// Seconds and nanoseconds as one number in the unit, if they are one.
bool timeBits(const Value& value, TimeUnit unit, std::uint64_t& bits) {
  const std::int64_t perSecond = unit == TimeUnit::nanos ? 1'000'000'000 : 1'000'000;
  const std::int64_t nanosEach = 1'000'000'000 / perSecond;
  std::int64_t number = 0;
  if (value.nanos() % nanosEach != 0 || __builtin_mul_overflow(value.seconds(), perSecond, &number) ||
      __builtin_add_overflow(number, value.nanos() / nanosEach, &number))
    return false;
  bits = static_cast<std::uint64_t>(number);
  return true;
}

}  // namespace

std::optional<Lane> VectorCompiler::laneOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean:
      return Lane::boolean;
    case TypeKind::int64:
      return Lane::int64;
    case TypeKind::uint64:
      return Lane::uint64;
    case TypeKind::float64:
      return Lane::float64;
    case TypeKind::string:
      return Lane::text;
    case TypeKind::timestamp:
      return Lane::timestamp;
    case TypeKind::duration:
      return Lane::duration;
    default:
      return std::nullopt;
  }
}

std::uint16_t VectorCompiler::add(VectorRegister as, const VectorSlot& slot) {
  made_.registers.push_back(as);
  made_.initial.push_back(slot);
  columnOf_.push_back(-1);
  return static_cast<std::uint16_t>(made_.registers.size() - 1);
}

std::uint16_t VectorCompiler::emit(VectorStep step, Lane lane, TimeUnit unit) {
  step.guard = guarded_.guard;
  step.guardedBy = guarded_.by;
  step.out = add({lane, unit, false});
  made_.steps.push_back(step);
  return made_.steps.back().out;
}

std::uint16_t VectorCompiler::missingOf(Lane lane, TimeUnit unit, bool failed) {
  VectorSlot slot;
  slot.data = lane == Lane::text ? static_cast<const void*>(&kNoText) : kZeros.data();
  (failed ? slot.errors : slot.nulls) = kOnes.data();
  return add({lane, unit, true}, slot);
}

bool VectorCompiler::isMissing(std::uint16_t number) const {
  return at(number).constant && (made_.initial[number].nulls != nullptr || made_.initial[number].errors != nullptr);
}

VectorCompiler::Operand VectorCompiler::constantOf(const Value& value) {
  auto kept = std::make_unique<VectorConstant>();
  VectorSlot slot;
  slot.data = &kept->bits;
  VectorRegister as;
  as.constant = true;
  switch (value.kind()) {
    case ValueKind::boolean:
      as.lane = Lane::boolean;
      slot.data = value.boolean() ? kOnes.data() : kZeros.data();
      break;
    case ValueKind::int64:
      kept->bits = value.uint64();
      break;
    case ValueKind::uint64:
      as.lane = Lane::uint64;
      kept->bits = value.uint64();
      break;
    case ValueKind::float64:
      as.lane = Lane::float64;
      kept->bits = value.uint64();
      break;
    case ValueKind::string:
      as.lane = Lane::text;
      slot.data = &kept->text;
      break;
    case ValueKind::timestamp:
    case ValueKind::duration:
      as.lane = value.kind() == ValueKind::timestamp ? Lane::timestamp : Lane::duration;
      if (!timeBits(value, as.unit, kept->bits)) {
        as.unit = TimeUnit::nanos;
        if (!timeBits(value, as.unit, kept->bits)) return std::nullopt;
      }
      break;
    default:
      return std::nullopt;
  }
  kept->kept = value;
  if (as.lane == Lane::text) kept->text = kept->kept.text();
  made_.constants.push_back(std::move(kept));
  return add(as, slot);
}

bool VectorCompiler::isConstant(ExprId id) const {
  const auto& reference = checked_.reference(id);
  if (reference.kind == ReferenceKind::variable || reference.kind == ReferenceKind::field) {
    if (static_cast<FlowVariable>(reference.index) != FlowVariable::params) return false;
    return params_ != nullptr || reference.kind == ReferenceKind::variable;
  }
  return std::ranges::all_of(checked_.ast.childrenOf(checked_.ast.at(id)), [this](ExprId child) {
    // The name in front of a namespaced function has no reference of its own, and no variable below it.
    return isConstant(child);
  });
}

VectorCompiler::Operand VectorCompiler::constant(ExprId id) {
  Budget budget;
  auto value = program_.evaluatePart(id, ParamsActivation(params_), budget);
  const auto lane = laneOf(checked_.type(id).kind);
  if (!value) {
    if (value.error().code == "cel.cost_limit") return std::nullopt;
    return lane ? Operand(missingOf(*lane, TimeUnit::micros, true)) : std::nullopt;
  }
  if (value->isNull()) return missingOf(lane.value_or(Lane::int64), TimeUnit::micros, false);
  return constantOf(*value);
}

VectorCompiler::Operand VectorCompiler::column(std::int32_t field) {
  if (field < 0 || !schema_) return std::nullopt;
  if (const auto known = columns_.find(field); known != columns_.end()) return known->second;
  const auto& type = *schema_->field(field).type;
  const auto lane = laneOfColumn(type.kind);
  if (!lane) return std::nullopt;
  VectorStep step;
  step.table = static_cast<std::uint16_t>(field);
  step.out = add({*lane, type.unit, false});
  loads_.push_back(step);
  columns_[field] = step.out;
  columnOf_[step.out] = field;
  return step.out;
}

VectorCompiler::Operand VectorCompiler::compile(ExprId id) {
  if (made_.registers.size() > kMostRegisters) return std::nullopt;
  if (isConstant(id)) return constant(id);
  const auto steps = made_.steps.size();
  if (const auto made = byColumns(id, checked_.ast.at(id))) return made;
  made_.steps.resize(steps);
  return byRows(id);
}

VectorCompiler::Operand VectorCompiler::byRows(ExprId id) {
  const auto lane = laneOf(checked_.type(id).kind);
  if (!lane) return std::nullopt;
  VectorStep step;
  step.op = VectorOp::rows;
  step.part = id;
  if (*lane == Lane::text) made_.keepsTexts = true;
  return emit(step, *lane);
}

VectorCompiler::Operand VectorCompiler::byColumns(ExprId id, const Expr& expr) {
  const auto& reference = checked_.reference(id);
  if (reference.kind == ReferenceKind::field) {
    if (static_cast<FlowVariable>(reference.index) != FlowVariable::row || expr.optional) return std::nullopt;
    if (expr.kind == ExprKind::has) return constantOf(Value::boolean(reference.field >= 0));
    return column(reference.field);
  }
  switch (expr.kind) {
    case ExprKind::unary:
      return unary(expr);
    case ExprKind::binary:
      return binary(expr);
    case ExprKind::logical:
      return logical(expr);
    case ExprKind::conditional:
      return conditional(id, expr);
    case ExprKind::call:
    case ExprKind::member:
      return call(id, expr);
    default:
      return std::nullopt;
  }
}

// Later operands need computing only where the earlier ones have not decided.
VectorCompiler::Operand VectorCompiler::logical(const Expr& expr) {
  const bool isAnd = expr.op == Operator::logicalAnd;
  const auto outer = guarded_;
  Operand all;
  for (const auto child : checked_.ast.childrenOf(expr)) {
    if (all) guarded_ = {isAnd ? Guard::unlessFalse : Guard::unlessTrue, *all};
    const auto one = compile(child);
    guarded_ = outer;
    if (!one || at(*one).lane != Lane::boolean) {
      if (!one || !isMissing(*one)) return std::nullopt;
      // A null constant of no type.
      if (made_.initial[*one].nulls == nullptr) return std::nullopt;
    }
    if (!all) {
      all = one;
      continue;
    }
    VectorStep step;
    step.op = isAnd ? VectorOp::logicalAnd : VectorOp::logicalOr;
    step.a = *all;
    step.b = *one;
    all = emit(step, Lane::boolean);
  }
  return all;
}

VectorCompiler::Operand VectorCompiler::conditional(ExprId id, const Expr& expr) {
  const auto lane = laneOf(checked_.type(id).kind);
  const auto outer = guarded_;
  const auto condition = compile(checked_.ast.child(expr, 0));
  if (!lane || !condition || at(*condition).lane != Lane::boolean) return std::nullopt;
  std::array<std::uint16_t, 2> branches{};
  for (std::uint32_t i = 0; i < 2; ++i) {
    guarded_ = {i == 0 ? Guard::ifTrue : Guard::ifFalse, *condition};
    auto branch = compile(checked_.ast.child(expr, i + 1));
    if (branch && *lane == Lane::float64 && made_.flow && at(*branch).lane != *lane && !isMissing(*branch))
      branch = asDouble(*branch);
    guarded_ = outer;
    if (!branch) return std::nullopt;
    if (at(*branch).lane != *lane) {
      if (!isMissing(*branch)) return std::nullopt;
      branch = missingOf(*lane, TimeUnit::micros, made_.initial[*branch].errors != nullptr);
    }
    branches[i] = *branch;
  }
  if (!sameUnits(branches[0], branches[1])) return std::nullopt;
  VectorStep step;
  step.op = VectorOp::choose;
  step.a = branches[0];
  step.b = branches[1];
  step.c = *condition;
  return emit(step, *lane, at(branches[isMissing(branches[0]) ? 1 : 0]).unit);
}

bool VectorCompiler::sameUnits(std::uint16_t& a, std::uint16_t& b) {
  if (at(a).unit == at(b).unit || isMissing(a) || isMissing(b)) return true;
  auto& changed = at(a).constant ? a : b;
  const auto wanted = at(at(a).constant ? b : a).unit;
  if (!at(changed).constant) return false;
  for (const auto& known : made_.constants) {
    if (&known->bits != made_.initial[changed].data) continue;
    auto kept = std::make_unique<VectorConstant>(*known);
    if (!timeBits(kept->kept, wanted, kept->bits)) return false;
    VectorSlot slot;
    slot.data = &kept->bits;
    made_.constants.push_back(std::move(kept));
    changed = add({at(changed).lane, wanted, true}, slot);
    return true;
  }
  return false;
}

void VectorCompiler::dropUnused() {
  std::vector<bool> used(made_.registers.size(), false);
  used[made_.root] = true;
  std::vector<VectorStep> kept;
  const auto consider = [&](const std::vector<VectorStep>& steps) {
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
      if (!used[step->out]) continue;
      for (const auto read : {step->a, step->b, step->c})
        if (read != kNoRegister) used[read] = true;
      if (step->op == VectorOp::rows && step->guard != Guard::none) used[step->guardedBy] = true;
      kept.push_back(*step);
    }
  };
  consider(made_.steps);
  consider(loads_);
  std::ranges::reverse(kept);
  made_.steps = std::move(kept);
}

std::shared_ptr<const VectorProgram> VectorCompiler::run(const TypeRef& resultType) {
  const auto root = compile(checked_.ast.root);
  if (!root) return nullptr;
  made_.root = *root;
  dropUnused();
  const auto& as = made_.rootRegister();
  if (made_.steps.empty() || made_.steps.back().op == VectorOp::rows || laneOfColumn(resultType->kind) != as.lane)
    return nullptr;
  if ((as.lane == Lane::timestamp || as.lane == Lane::duration) && as.unit != resultType->unit) return nullptr;
  constexpr std::int64_t kAffordable = 9'000'000;
  made_.longestText = kAffordable / (textSteps_ + 1);
  std::int64_t bytesARow = 8;
  for (const auto& one : made_.registers)
    if (one.lane == Lane::text) bytesARow = static_cast<std::int64_t>(sizeof(std::string_view));
  made_.bytesARow = bytesARow;
  made_.oneRow = suitsOneRow(made_);
  for (std::size_t i = 0; made_.oneRow && i < made_.registers.size(); ++i) {
    if (!made_.registers[i].constant) continue;
    const auto& slot = made_.initial[i];
    made_.oneRow = slot.data != nullptr && slot.nulls == nullptr && slot.errors == nullptr;
    if (made_.oneRow)
      made_.oneRowConstants.emplace_back(static_cast<std::uint16_t>(i), *static_cast<const std::uint64_t*>(slot.data));
  }
  return holder_;
}

std::shared_ptr<const VectorProgram> vectorise(const Program& program, const SchemaRef& schema,
                                               const TypeRef& resultType, const Value* params) {
  if (!schema || !program.checked().typesHold || schema->size() >= kNoRegister) return nullptr;
  return VectorCompiler(program, schema, params).run(resultType);
}

}  // namespace weir::cel
