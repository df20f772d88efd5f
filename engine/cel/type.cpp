// Type: construction, comparison, names.
#include "engine/cel/type.h"

namespace weir::cel {

Type Type::record(std::vector<RecordField> fields) {
  Type type(TypeKind::record);
  type.fields = std::make_shared<const std::vector<RecordField>>(std::move(fields));
  return type;
}

Type Type::of(const weir::Type& type) {
  switch (type.kind) {
    case weir::Kind::boolean:
      return TypeKind::boolean;
    case weir::Kind::int64:
      return TypeKind::int64;
    case weir::Kind::uint64:
      return TypeKind::uint64;
    case weir::Kind::float64:
      return TypeKind::float64;
    case weir::Kind::string:
      return TypeKind::string;
    case weir::Kind::bytes:
      return TypeKind::bytes;
    case weir::Kind::timestamp:
      return TypeKind::timestamp;
    case weir::Kind::duration:
      return TypeKind::duration;
    case weir::Kind::blob:
      return TypeKind::blob;
    case weir::Kind::list:
      return list(type.element ? of(*type.element) : Type(TypeKind::dyn));
    case weir::Kind::map: {
      std::vector<RecordField> fields;
      for (const auto& field : type.fields) fields.push_back({field.name, of(*field.type)});
      return record(std::move(fields));
    }
    case weir::Kind::null:
    case weir::Kind::tensor:
    case weir::Kind::any:
      return TypeKind::dyn;
  }
  return TypeKind::dyn;
}

Type Type::of(const Schema& schema) {
  std::vector<RecordField> fields;
  for (const auto& field : schema.fields()) fields.push_back({field.name, of(*field.type)});
  return record(std::move(fields));
}

std::int32_t Type::fieldIndex(std::string_view name) const noexcept {
  if (fields == nullptr) return -1;
  for (std::size_t i = 0; i < fields->size(); ++i)
    if ((*fields)[i].name == name) return static_cast<std::int32_t>(i);
  return -1;
}

bool operator==(const Type& a, const Type& b) noexcept {
  if (a.kind != b.kind || a.number != b.number || a.parameters != b.parameters) return false;
  if (a.fields == b.fields) return true;
  if (a.fields == nullptr || b.fields == nullptr || a.fields->size() != b.fields->size()) return false;
  for (std::size_t i = 0; i < a.fields->size(); ++i)
    if ((*a.fields)[i].name != (*b.fields)[i].name || !((*a.fields)[i].type == (*b.fields)[i].type)) return false;
  return true;
}

namespace {

[[nodiscard]] std::string_view scalarName(TypeKind kind) noexcept {
  switch (kind) {
    case TypeKind::dyn:
      return "dyn";
    case TypeKind::null:
      return "null";
    case TypeKind::boolean:
      return "bool";
    case TypeKind::int64:
      return "int";
    case TypeKind::uint64:
      return "uint";
    case TypeKind::float64:
      return "double";
    case TypeKind::string:
      return "string";
    case TypeKind::bytes:
      return "bytes";
    case TypeKind::timestamp:
      return "timestamp";
    case TypeKind::duration:
      return "duration";
    case TypeKind::list:
      return "list";
    case TypeKind::map:
      return "map";
    case TypeKind::record:
      return "record";
    case TypeKind::type:
      return "type";
    case TypeKind::optional:
      return "optional";
    case TypeKind::blob:
      return "blob";
    case TypeKind::address:
      return "net.IP";
    case TypeKind::range:
      return "net.CIDR";
    case TypeKind::parameter:
      return "any type";
  }
  return "dyn";
}

[[nodiscard]] std::string describeRecord(const Type& type) {
  constexpr std::size_t kShown = 6;
  std::string text = "record{";
  for (std::size_t i = 0; i < type.fields->size() && i < kShown; ++i)
    text += (i == 0 ? "" : ", ") + (*type.fields)[i].name;
  return text + (type.fields->size() > kShown ? ", ...}" : "}");
}

}  // namespace

std::string describe(const Type& type) {
  if (type.kind == TypeKind::record && type.fields != nullptr) return describeRecord(type);
  if (type.kind == TypeKind::parameter && type.number < 26) return std::string(1, static_cast<char>('A' + type.number));
  std::string text(scalarName(type.kind));
  if (type.parameters.empty()) return text;
  text += "<";
  for (std::size_t i = 0; i < type.parameters.size(); ++i) text += (i == 0 ? "" : ", ") + describe(type.parameters[i]);
  return text + ">";
}

bool kindFits(TypeKind type, const Value& value) noexcept {
  switch (type) {
    case TypeKind::dyn:
    case TypeKind::parameter:
      return true;
    case TypeKind::null:
      return value.kind() == ValueKind::null;
    case TypeKind::boolean:
      return value.kind() == ValueKind::boolean;
    case TypeKind::int64:
      return value.kind() == ValueKind::int64;
    case TypeKind::uint64:
      return value.kind() == ValueKind::uint64;
    case TypeKind::float64:
      return value.kind() == ValueKind::float64;
    case TypeKind::string:
      return value.kind() == ValueKind::string;
    case TypeKind::bytes:
      return value.kind() == ValueKind::bytes;
    case TypeKind::timestamp:
      return value.kind() == ValueKind::timestamp;
    case TypeKind::duration:
      return value.kind() == ValueKind::duration;
    case TypeKind::list:
      return value.kind() == ValueKind::list;
    case TypeKind::map:
    case TypeKind::record:
      return value.kind() == ValueKind::map;
    case TypeKind::type:
      return value.kind() == ValueKind::type;
    case TypeKind::optional:
      return value.kind() == ValueKind::optional;
    case TypeKind::blob:
      return value.kind() == ValueKind::blob;
    case TypeKind::address:
      return value.kind() == ValueKind::opaque && value.opaqueKind() == OpaqueKind::networkAddress;
    case TypeKind::range:
      return value.kind() == ValueKind::opaque && value.opaqueKind() == OpaqueKind::networkRange;
  }
  return false;
}

Type typeOfValue(const Value& value) {
  switch (value.kind()) {
    case ValueKind::null:
      return TypeKind::null;
    case ValueKind::boolean:
      return TypeKind::boolean;
    case ValueKind::int64:
      return TypeKind::int64;
    case ValueKind::uint64:
      return TypeKind::uint64;
    case ValueKind::float64:
      return TypeKind::float64;
    case ValueKind::string:
      return TypeKind::string;
    case ValueKind::bytes:
      return TypeKind::bytes;
    case ValueKind::timestamp:
      return TypeKind::timestamp;
    case ValueKind::duration:
      return TypeKind::duration;
    case ValueKind::list:
      return Type::list(TypeKind::dyn);
    case ValueKind::map:
      return Type::map(TypeKind::dyn, TypeKind::dyn);
    case ValueKind::type:
      return Type::typeOf(TypeKind::dyn);
    case ValueKind::optional:
      return Type::optional(TypeKind::dyn);
    case ValueKind::blob:
      return TypeKind::blob;
    case ValueKind::opaque:
      return value.opaqueKind() == OpaqueKind::networkAddress ? TypeKind::address : TypeKind::range;
  }
  return TypeKind::dyn;
}

}  // namespace weir::cel
