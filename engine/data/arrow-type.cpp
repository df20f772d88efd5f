// What Arrow's types become here, and ours there.
#include "engine/data/arrow-type.h"

#include <algorithm>
#include <charconv>

#include "engine/data/column-copy.h"

namespace weir::arrow {
namespace {

constexpr std::int64_t kMaxTensorElements = std::int64_t{1} << 24;

std::unexpected<Error> unsupported(const ArrowField& field, std::string_view what) {
  return fail("arrow.unsupported", "The field `" + field.name + "` has " + std::string(what) +
                                       ", which has no column here. Convert it before reading.");
}

bool distinctNames(std::span<const ArrowField> fields) {
  std::vector<std::string_view> names;
  for (const auto& field : fields) names.push_back(field.name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) == names.end();
}

/// The shape in `{"shape":[2,3]}`; a list of the size alone if there is none or it does not fit.
std::vector<std::int64_t> shapeOf(const ArrowField& field) {
  std::vector<std::int64_t> shape;
  std::int64_t total = 1;
  const auto text = std::string_view(field.extensionMetadata);
  auto at = text.find("\"shape\"");
  if (field.extension == kTensorExtension && at != std::string_view::npos) at = text.find('[', at);
  if (field.extension != kTensorExtension || at == std::string_view::npos) return {field.bits};
  const auto* next = text.data() + at + 1;
  const auto* const end = text.data() + text.size();
  while (next != end && *next != ']') {
    if (*next == ' ' || *next == ',') {
      ++next;
      continue;
    }
    std::int64_t size = 0;
    const auto [after, error] = std::from_chars(next, end, size);
    if (error != std::errc{} || size < 1 || size > kMaxTensorElements) return {field.bits};
    next = after;
    total *= size;
    if (total > kMaxTensorElements) return {field.bits};
    shape.push_back(size);
  }
  return total == field.bits ? shape : std::vector<std::int64_t>{field.bits};
}

Result<TypeRef> integerType(const ArrowField& field) {
  if (field.bits != 8 && field.bits != 16 && field.bits != 32 && field.bits != 64)
    return unsupported(field, "integers of " + std::to_string(field.bits) + " bits");
  return field.isSigned ? Type::int64() : Type::uint64();
}

Result<TypeRef> fixedListType(const ArrowField& field) {
  if (field.children.size() != 1 || field.bits < 0) return unsupported(field, "a fixed-size list without element type");
  const auto& child = field.children[0];
  if (child.type->kind == Kind::float64 && !child.hasDictionary && field.bits > 0 && field.bits <= kMaxTensorElements)
    return Type::tensor(shapeOf(field));
  return Type::list(child.type);
}

Result<TypeRef> structType(const ArrowField& field) {
  if (!distinctNames(field.children)) return unsupported(field, "two members of one name");
  std::vector<Field> fields;
  for (const auto& child : field.children)
    fields.push_back(
        {.name = child.name, .type = child.type, .nullable = child.nullable, .sensitive = child.sensitive});
  return Type::map(std::move(fields));
}

Result<TypeRef> typeOf(const ArrowField& field) {
  const auto fine = field.unit == kNanos ? TimeUnit::nanos : TimeUnit::micros;
  switch (field.layout) {
    case Layout::null:
      return Type::null();
    case Layout::integer:
      return integerType(field);
    case Layout::floating:
      return Type::float64();
    case Layout::binary:
      if (field.extension == kAnyExtension) return Type::any();
      return field.extension == kBlobExtension ? Type::blob() : Type::bytes();
    case Layout::largeBinary:
      return Type::bytes();
    case Layout::fixedBinary:
      if (field.bits < 0) return unsupported(field, "a negative width");
      return Type::bytes();
    case Layout::utf8:
    case Layout::largeUtf8:
      return Type::string();
    case Layout::boolean:
      return Type::boolean();
    case Layout::decimal:
      if (field.bits != 128 && field.bits != 256)
        return unsupported(field, "a decimal that is neither 128 nor 256 bits wide");
      if (field.precision < 1 || field.precision > 76 || field.scale < -76 || field.scale > 76)
        return unsupported(field, "a decimal of impossible precision or scale");
      return field.precision <= 15 && field.scale >= 0 && field.scale <= 22 ? Type::float64() : Type::string();
    case Layout::date:
      return Type::timestamp(TimeUnit::micros);
    case Layout::time:
      return Type::duration(fine);
    case Layout::timestamp:
      return Type::timestamp(fine);
    case Layout::duration:
      return Type::duration(fine);
    case Layout::list:
    case Layout::largeList:
    case Layout::map:
      if (field.children.size() != 1) return unsupported(field, "a list without element type");
      return Type::list(field.children[0].type);
    case Layout::fixedList:
      return fixedListType(field);
    case Layout::structure:
      return structType(field);
  }
  return unsupported(field, "the type number " + std::to_string(static_cast<int>(field.layout)));
}

ArrowField arrowFieldOfType(std::string name, const Type& type) {
  ArrowField field;
  field.name = std::move(name);
  switch (type.kind) {
    case Kind::null:
      break;
    case Kind::boolean:
      field.layout = Layout::boolean;
      break;
    case Kind::int64:
    case Kind::uint64:
      field.layout = Layout::integer;
      field.bits = 64;
      field.isSigned = type.kind == Kind::int64;
      break;
    case Kind::float64:
      field.layout = Layout::floating;
      field.bits = 64;
      break;
    case Kind::string:
      field.layout = Layout::utf8;
      break;
    case Kind::bytes:
      field.layout = Layout::binary;
      break;
    case Kind::blob:
    case Kind::any:
      field.layout = Layout::binary;
      field.extension = type.kind == Kind::blob ? kBlobExtension : kAnyExtension;
      break;
    case Kind::timestamp:
    case Kind::duration:
      field.layout = type.kind == Kind::timestamp ? Layout::timestamp : Layout::duration;
      field.unit = type.unit == TimeUnit::nanos ? kNanos : kMicros;
      break;
    case Kind::list:
      field.layout = Layout::list;
      field.children.push_back(arrowFieldOfType("item", *type.element));
      break;
    case Kind::map:
      field.layout = Layout::structure;
      for (const auto& member : type.fields) field.children.push_back(arrowFieldOf(member));
      break;
    case Kind::tensor: {
      field.layout = Layout::fixedList;
      field.bits = static_cast<std::int32_t>(tensorWidth(type));
      field.children.push_back(arrowFieldOfType("item", *Type::float64()));
      field.extension = kTensorExtension;
      field.extensionMetadata = "{\"shape\":[";
      for (std::size_t i = 0; i < type.shape.size(); ++i)
        field.extensionMetadata += (i == 0 ? "" : ",") + std::to_string(type.shape[i]);
      field.extensionMetadata += "]}";
      break;
    }
  }
  return field;
}

}  // namespace

Result<void> settle(ArrowField& field) {
  for (auto& child : field.children) WEIR_TRY(settle(child));
  WEIR_ASSIGN(field.type, typeOf(field));
  return {};
}

ArrowField arrowFieldOf(const Field& field) {
  auto made = arrowFieldOfType(field.name, *field.type);
  made.nullable = field.nullable || field.type->kind == Kind::null;
  made.sensitive = field.sensitive;
  return made;
}

Result<SchemaRef> schemaOf(std::span<const ArrowField> fields, std::string version) {
  if (!distinctNames(fields))
    return fail("arrow.invalid", "Two fields of the Arrow schema have one name; rename one of them before reading.");
  std::vector<Field> made;
  for (const auto& field : fields)
    made.push_back({.name = field.name, .type = field.type, .nullable = field.nullable, .sensitive = field.sensitive});
  return Schema::of(std::move(made), std::move(version));
}

}  // namespace weir::arrow
