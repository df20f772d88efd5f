// Types: constants for the scalar ones, counted nodes for the others, and their comparison.
#include "engine/data/type.h"

#include <memory>

#include "engine/data/check.h"

namespace weir {
namespace {

constinit const Type nullType{.kind = Kind::null};
constinit const Type booleanType{.kind = Kind::boolean};
constinit const Type int64Type{.kind = Kind::int64};
constinit const Type uint64Type{.kind = Kind::uint64};
constinit const Type float64Type{.kind = Kind::float64};
constinit const Type stringType{.kind = Kind::string};
constinit const Type bytesType{.kind = Kind::bytes};
constinit const Type timestampMicrosType{.kind = Kind::timestamp};
constinit const Type timestampNanosType{.kind = Kind::timestamp, .unit = TimeUnit::nanos};
constinit const Type durationMicrosType{.kind = Kind::duration};
constinit const Type durationNanosType{.kind = Kind::duration, .unit = TimeUnit::nanos};
constinit const Type blobType{.kind = Kind::blob};
constinit const Type anyType{.kind = Kind::any};

TypeRef counted(std::unique_ptr<Type> type) {
  type->refs.store(1, std::memory_order_relaxed);
  return TypeRef(type.release());
}

}  // namespace

void TypeRef::drop(const Type* type) noexcept {
  if (type->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) std::unique_ptr<const Type>{type}.reset();
}

bool TypeRef::same(const TypeRef& a, const TypeRef& b) noexcept {
  if (a.type_ == b.type_) return true;
  if (a.type_ == nullptr || b.type_ == nullptr || a->kind != b->kind) return false;
  switch (a->kind) {
    case Kind::timestamp:
    case Kind::duration:
      return a->unit == b->unit;
    case Kind::list:
      return a->element == b->element;
    case Kind::map:
      return a->fields == b->fields;
    case Kind::tensor:
      return a->shape == b->shape;
    case Kind::null:
    case Kind::boolean:
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any:
      return true;
  }
  return false;
}

TypeRef Type::null() { return TypeRef(&nullType); }
TypeRef Type::boolean() { return TypeRef(&booleanType); }
TypeRef Type::int64() { return TypeRef(&int64Type); }
TypeRef Type::uint64() { return TypeRef(&uint64Type); }
TypeRef Type::float64() { return TypeRef(&float64Type); }
TypeRef Type::string() { return TypeRef(&stringType); }
TypeRef Type::bytes() { return TypeRef(&bytesType); }
TypeRef Type::timestamp(TimeUnit unit) {
  return TypeRef(unit == TimeUnit::nanos ? &timestampNanosType : &timestampMicrosType);
}
TypeRef Type::duration(TimeUnit unit) {
  return TypeRef(unit == TimeUnit::nanos ? &durationNanosType : &durationMicrosType);
}
TypeRef Type::blob() { return TypeRef(&blobType); }
TypeRef Type::any() { return TypeRef(&anyType); }

TypeRef Type::list(TypeRef element) {
  WEIR_CHECK(element);
  auto type = std::make_unique<Type>();
  type->kind = Kind::list;
  type->element = std::move(element);
  return counted(std::move(type));
}

TypeRef Type::map(std::vector<Field> fields) {
  auto type = std::make_unique<Type>();
  type->kind = Kind::map;
  type->fields = std::move(fields);
  return counted(std::move(type));
}

TypeRef Type::tensor(std::vector<std::int64_t> shape) {
  auto type = std::make_unique<Type>();
  type->kind = Kind::tensor;
  type->shape = std::move(shape);
  return counted(std::move(type));
}

}  // namespace weir
