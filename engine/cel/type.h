// Type: the static type of an expression.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/schema.h"
#include "engine/data/value.h"

namespace weir::cel {

enum class TypeKind : std::uint8_t {
  dyn,  // known only when it runs
  null,
  boolean,
  int64,
  uint64,
  float64,
  string,
  bytes,
  timestamp,
  duration,
  list,      // of parameters[0]
  map,       // from parameters[0] to parameters[1]
  record,    // a map with string keys whose fields are known
  type,      // the type of a type: type<parameters[0]>
  optional,  // of parameters[0]
  blob,
  address,    // net.IP
  range,      // net.CIDR
  parameter,  // stands for one type: of an overload (`name`), or while checking (`number`)
};

struct RecordField;

struct Type {
  TypeKind kind = TypeKind::dyn;
  std::vector<Type> parameters;
  std::shared_ptr<const std::vector<RecordField>> fields;  // record
  std::uint32_t number = 0;                                // parameter

  Type() = default;
  Type(TypeKind k) : kind(k) {}  // NOLINT: a kind is a type
  Type(TypeKind k, std::vector<Type> p) : kind(k), parameters(std::move(p)) {}

  [[nodiscard]] static Type list(Type element) { return {TypeKind::list, {std::move(element)}}; }
  [[nodiscard]] static Type map(Type key, Type value) { return {TypeKind::map, {std::move(key), std::move(value)}}; }
  [[nodiscard]] static Type optional(Type held) { return {TypeKind::optional, {std::move(held)}}; }
  [[nodiscard]] static Type typeOf(Type named) { return {TypeKind::type, {std::move(named)}}; }
  [[nodiscard]] static Type record(std::vector<RecordField> fields);
  [[nodiscard]] static Type parameter(std::uint32_t number) {
    Type type(TypeKind::parameter);
    type.number = number;
    return type;
  }
  /// A record of the schema's fields; fields of type any, tensor and null are dyn.
  [[nodiscard]] static Type of(const Schema& schema);
  [[nodiscard]] static Type of(const weir::Type& type);

  /// record: index of the field, or -1.
  [[nodiscard]] std::int32_t fieldIndex(std::string_view name) const noexcept;
  [[nodiscard]] bool isNumber() const noexcept {
    return kind == TypeKind::int64 || kind == TypeKind::uint64 || kind == TypeKind::float64;
  }
};

struct RecordField {
  std::string name;
  Type type;
};

[[nodiscard]] bool operator==(const Type& a, const Type& b) noexcept;

/// For people: `int`, `list<string>`, `map<string, dyn>`, `timestamp`, `record{id, name, ...}`.
[[nodiscard]] std::string describe(const Type& type);

/// Can a value of this kind be of this type (elements not looked at)?
[[nodiscard]] bool kindFits(TypeKind type, const Value& value) noexcept;

/// The type that a value surely has; lists and maps are of dyn.
[[nodiscard]] Type typeOfValue(const Value& value);

}  // namespace weir::cel
