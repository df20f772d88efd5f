// Slicing columns, and reading single values out of them.
#include "engine/data/column.h"

#include "engine/data/column-copy.h"
#include "engine/data/value-codec.h"

namespace weir {
namespace {

Value textValue(ValueKind kind, const Column& column, std::int64_t row) {
  const auto& owner = column.dictionary ? column.children[0].owner : column.owner;
  const auto text = column.text(row);
  if (owner) return Value::shared(kind, text, owner);
  return kind == ValueKind::string ? Value::string(text)
                                   : (kind == ValueKind::bytes ? Value::bytes(text) : Value::blob(text));
}

Value timeValue(const Column& column, std::int64_t row) {
  const std::int64_t perSecond = column.type->unit == TimeUnit::nanos ? 1'000'000'000 : 1'000'000;
  const auto at = column.ints()[static_cast<std::size_t>(row)];
  auto seconds = at / perSecond;
  auto rest = at % perSecond;
  if (rest < 0) {
    rest += perSecond;
    --seconds;
  }
  const auto nanos = static_cast<std::int32_t>(rest * (1'000'000'000 / perSecond));
  return column.type->kind == Kind::timestamp ? Value::timestamp(seconds, nanos) : Value::duration(seconds, nanos);
}

Value listValue(const Column& column, std::int64_t row) {
  const auto [first, last] = column.listRange(row);
  std::vector<Value> items;
  items.reserve(static_cast<std::size_t>(last - first));
  for (auto i = first; i < last; ++i) items.push_back(column.children[0].value(i));
  return Value::list(std::move(items));
}

Value mapValue(const Column& column, std::int64_t row) {
  const auto& fields = column.type->fields;
  std::vector<MapEntry> entries;
  entries.reserve(fields.size());
  for (std::size_t f = 0; f < fields.size(); ++f)
    entries.push_back({Value::string(fields[f].name), column.children[f].value(column.offset + row)});
  return Value::mapOf(std::move(entries), {});
}

/// Nested lists, one level a dimension.
Value tensorValue(const Column& values, std::span<const std::int64_t> shape, std::int64_t& next) {
  if (shape.empty()) return values.value(next++);
  std::vector<Value> items;
  for (std::int64_t i = 0; i < shape.front(); ++i) items.push_back(tensorValue(values, shape.subspan(1), next));
  return Value::list(std::move(items));
}

}  // namespace

void Column::narrow(std::int64_t from, std::int64_t count) noexcept {
  if (type->kind == Kind::null || nullCount == length) {
    nullCount = count;
  } else if (nullCount != 0 && count != length) {
    nullCount = -1;
  }
  if (nullCount == 0 && validity != nullptr) {
    validity = nullptr;
    validityOwner = {};
  }
  offset += from;
  length = count;
}

Column Column::slice(std::int64_t from, std::int64_t count) const {
  auto part = *this;
  part.narrow(from, count);
  return part;
}

Value Column::value(std::int64_t row) const {
  if (isNull(row)) return {};
  const auto at = static_cast<std::size_t>(row);
  switch (type->kind) {
    case Kind::null:
      return {};
    case Kind::boolean:
      return Value::boolean(boolean(row));
    case Kind::int64:
      return Value::int64(ints()[at]);
    case Kind::uint64:
      return Value::uint64(uints()[at]);
    case Kind::float64:
      return Value::float64(doubles()[at]);
    case Kind::string:
      return textValue(ValueKind::string, *this, row);
    case Kind::bytes:
      return textValue(ValueKind::bytes, *this, row);
    case Kind::blob:
      return textValue(ValueKind::blob, *this, row);
    case Kind::timestamp:
    case Kind::duration:
      return timeValue(*this, row);
    case Kind::list:
      return listValue(*this, row);
    case Kind::map:
      return mapValue(*this, row);
    case Kind::tensor: {
      auto next = (offset + row) * tensorWidth(*type);
      return tensorValue(children[0], type->shape, next);
    }
    // Columns from outside are checked when they are read, so this decodes what we encoded.
    case Kind::any:
      return decodeWholeValue(text(row)).value_or(Value());
  }
  return {};
}

std::int64_t Column::logicalBytes() const noexcept {
  const auto bitmap = validity != nullptr ? (length + 7) / 8 : 0;
  switch (type->kind) {
    case Kind::null:
      return 0;
    case Kind::boolean:
      return bitmap + (length + 7) / 8;
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::duration:
      return bitmap + length * 8;
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any:
      if (dictionary) {
        const auto& entries = children[0];
        const auto each = entries.length > 0 ? entries.logicalBytes() : 0;
        // A few rows of a big dictionary count what they would take as plain text, about.
        return bitmap + length * 4 + (entries.length <= length ? each : each / entries.length * length);
      }
      return bitmap + length * 4 + (offsets[offset + length] - offsets[offset]);
    case Kind::list: {
      const auto first = offsets[offset];
      return bitmap + length * 4 + children[0].slice(first, offsets[offset + length] - first).logicalBytes();
    }
    case Kind::map: {
      auto total = bitmap;
      for (std::size_t f = 0; f < type->fields.size(); ++f) total += children[f].slice(offset, length).logicalBytes();
      return total;
    }
    case Kind::tensor:
      return bitmap + length * tensorWidth(*type) * 8;
  }
  return 0;
}

}  // namespace weir
