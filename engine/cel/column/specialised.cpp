// Compiling for a schema, and evaluating row by row.
#include "engine/cel/column/specialised.h"

#include <algorithm>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/packet.h"

namespace weir::cel {
namespace {

TypeRef columnType(const Type& type) {
  switch (type.kind) {
    case TypeKind::null:
      return weir::Type::null();
    case TypeKind::boolean:
      return weir::Type::boolean();
    case TypeKind::int64:
      return weir::Type::int64();
    case TypeKind::uint64:
      return weir::Type::uint64();
    case TypeKind::float64:
      return weir::Type::float64();
    case TypeKind::string:
      return weir::Type::string();
    case TypeKind::bytes:
      return weir::Type::bytes();
    case TypeKind::timestamp:
      return weir::Type::timestamp();
    case TypeKind::duration:
      return weir::Type::duration();
    case TypeKind::blob:
      return weir::Type::blob();
    case TypeKind::list:
      return weir::Type::list(columnType(type.parameters[0]));
    case TypeKind::record: {
      std::vector<Field> fields;
      for (const auto& field : *type.fields) fields.push_back(Field{field.name, columnType(field.type), true});
      return weir::Type::map(std::move(fields));
    }
    case TypeKind::dyn:
    case TypeKind::map:
    case TypeKind::type:
    case TypeKind::optional:
    case TypeKind::address:
    case TypeKind::range:
    case TypeKind::parameter:
      return weir::Type::any();
  }
  return weir::Type::any();
}

Type packetType() {
  return Type::record({{"schemaVersion", TypeKind::string},
                       {"traceId", TypeKind::string},
                       {"originNode", TypeKind::string},
                       {"timestamp", TypeKind::timestamp},
                       {"priority", TypeKind::int64},
                       {"sequence", TypeKind::int64}});
}

Type paramsType(const Value* params) {
  if (params == nullptr || params->kind() != ValueKind::map) return TypeKind::dyn;
  std::vector<RecordField> fields;
  for (const auto& entry : params->entries()) {
    fields.push_back(RecordField{std::string(entry.key.text()), typeOfValue(entry.value)});
  }
  return Type::record(std::move(fields));
}

Value instantValue(std::int64_t micros) {
  auto seconds = micros / 1'000'000;
  auto rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  return Value::timestamp(seconds, static_cast<std::int32_t>(rest * 1000));
}

bool mayBe(const Type& found, Kind expected) {
  if (found.kind == TypeKind::dyn || expected == Kind::any) return true;
  const auto kind = columnType(found)->kind;
  if (expected == Kind::map) return found.kind == TypeKind::map || kind == Kind::map;
  return kind == expected || kind == Kind::null || (expected == Kind::float64 && kind == Kind::int64);
}

}  // namespace

Environment flowEnvironment(const ExpressionOptions& options, const SchemaRef& schema) {
  Environment environment;
  environment.addVariable("row", schema ? Type::of(*schema) : Type(TypeKind::dyn));
  environment.addVariable("packet", packetType());
  environment.addVariable("params", paramsType(options.params));
  environment.addVariable("now", TypeKind::timestamp);
  environment.setZones(options.zones);
  return environment;
}

Result<Specialised> specialise(std::string_view source, const ExpressionOptions& options, const SchemaRef& schema) {
  const auto environment = flowEnvironment(options, schema);
  Options checking;
  checking.profile = options.profile;
  WEIR_ASSIGN(auto program, compile(source, environment, checking));
  auto type = columnType(program.type());
  if (options.expected && !mayBe(program.type(), options.expected->kind)) {
    return fail("settings.type", "expected " + typeName(*options.expected) + ", found " + describe(program.type()));
  }
  if (options.expected && type->kind == Kind::any) type = options.expected;
  auto vector = vectorise(program, schema, type, options.params);
  return Specialised{schema, std::move(program), std::move(type), std::move(vector), options.origins};
}

bool RowActivation::variable(std::uint32_t variable, Value& out) const {
  switch (static_cast<FlowVariable>(variable)) {
    case FlowVariable::row:
      out = batch_.row(logical_);
      return true;
    case FlowVariable::params:
      out = params_;
      return true;
    case FlowVariable::now:
      out = instantValue(batch_.envelope().at(physical_).timestampMicros);
      return true;
    case FlowVariable::packet: {
      std::vector<MapEntry> entries;
      for (const std::string_view name :
           {"schemaVersion", "traceId", "originNode", "timestamp", "priority", "sequence"}) {
        Value value;
        if (field(variable, -1, name, value)) entries.push_back(MapEntry{Value::string(name), std::move(value)});
      }
      out = Value::map(std::move(entries));
      return true;
    }
  }
  return false;
}

bool RowActivation::field(std::uint32_t variable, std::int32_t field, std::string_view name, Value& out) const {
  const auto& envelope = batch_.envelope();
  switch (static_cast<FlowVariable>(variable)) {
    case FlowVariable::row: {
      const auto index = field >= 0 ? field : batch_.schema()->indexOf(name);
      if (index < 0) return false;
      out = batch_.column(index).value(physical_);
      return true;
    }
    case FlowVariable::params: {
      const auto* found = params_.find(name);
      if (found != nullptr) out = *found;
      return found != nullptr;
    }
    case FlowVariable::packet:
      if (name == "timestamp") {
        out = instantValue(envelope.at(physical_).timestampMicros);
      } else if (name == "priority") {
        out = Value::int64(envelope.at(physical_).priority);
      } else if (name == "sequence") {
        out = Value::int64(static_cast<std::int64_t>(envelope.sequence(physical_)));
      } else if (name == "schemaVersion") {
        out = Value::string(batch_.schema()->version());
      } else if (name == "traceId") {
        out = Value::string(traceIdFor(origins_ != nullptr ? origins_->runHash : 0, envelope, physical_));
      } else if (name == "originNode") {
        const auto origin = std::size_t{envelope.place(physical_).origin};
        const bool known = origins_ != nullptr && origin > 0 && origin <= origins_->nodes.size();
        out = Value::string(known ? std::string_view(origins_->nodes[origin - 1]) : std::string_view());
      } else {
        return false;
      }
      return true;
    case FlowVariable::now:
      return false;
  }
  return false;
}

namespace {

/// Whether all elements of a value, written down one by one, are within the budget: a list that holds another twice,
/// again and again, is small until then.
bool takenOut(const Value& value, std::int64_t& remaining) {
  if (--remaining < 0) return false;
  const auto fits = [&remaining](const Value& element) { return takenOut(element, remaining); };
  if (value.kind() == ValueKind::list) return std::ranges::all_of(value.items(), fits);
  if (value.kind() != ValueKind::map) return true;
  return std::ranges::all_of(value.entries(),
                             [&fits](const MapEntry& entry) { return fits(entry.key) && fits(entry.value); });
}

}  // namespace

Result<Evaluated> evaluateRows(const Specialised& specialised, const Batch& batch, const Value& params) {
  RowActivation activation(batch, params, specialised.origins);
  const auto selection = batch.selection();
  std::vector<Value> values(static_cast<std::size_t>(batch.rows()));
  Evaluated out;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    const auto index = static_cast<std::size_t>(row);
    activation.at(selection.empty() ? row : selection[index], row);
    Budget budget;
    const bool less = budget.remaining < Budget::kDefault;
    auto value = specialised.program.evaluate(activation, budget);
    if (value && less && !takenOut(*value, budget.remaining)) {
      value = fail("cel.cost_limit", "The result is too large: it has more elements than a row may have here.");
    }
    if (value) {
      values[index] = std::move(*value);
    } else {
      out.errors.push_back(RowError{static_cast<std::uint32_t>(row), std::move(value.error())});
    }
  }
  auto type = specialised.resultType;
  if (type->kind == Kind::any && specialised.program.type().kind != TypeKind::dyn) {
    TypeRef common = weir::Type::null();
    for (const auto& value : values) common = commonType(common, typeOf(value));
    type = common;
  }
  WEIR_ASSIGN(out.column, columnOf(type, values, batch.account()));
  return out;
}

Result<Selected> selectedOf(Evaluated evaluated, const Batch& batch) {
  Selected out;
  WEIR_ASSIGN(out.rows, Buffer::allocate(batch.rows() * 4 + 4, batch.account()));
  auto* rows = reinterpret_cast<std::uint32_t*>(out.rows.mutableData());
  const auto selection = batch.selection();
  const auto& column = evaluated.column;
  auto failed = evaluated.errors.begin();
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    if (failed != evaluated.errors.end() && failed->row == row) {
      ++failed;
    } else if (column.isNull(row)) {
      ++out.nulls;
    } else if (column.type->kind == Kind::any
                   ? column.value(row).kind() == ValueKind::boolean && column.value(row).boolean()
                   : column.type->kind == Kind::boolean && column.boolean(row)) {
      rows[out.count++] =
          selection.empty() ? static_cast<std::uint32_t>(row) : selection[static_cast<std::size_t>(row)];
    }
  }
  out.errors = std::move(evaluated.errors);
  out.all = out.count == batch.rows();
  if (out.all) out.rows = {};
  return out;
}

}  // namespace weir::cel
