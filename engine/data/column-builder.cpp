// Appending values to a growing column.
#include "engine/data/column-builder.h"

#include <bit>
#include <cstring>

#include "engine/data/bits.h"
#include "engine/data/column-copy.h"
#include "engine/data/value-codec.h"

namespace weir {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;

}  // namespace

std::string FieldPath::text() const {
  if (parent == nullptr) return std::string(name);
  return parent->text() + "." + std::string(name);
}

ColumnBuilder::ColumnBuilder(TypeRef type, bool nullable) : type_(std::move(type)), nullable_(nullable) {
  if (type_->kind == Kind::list) children_.emplace_back(type_->element, true);
  if (type_->kind == Kind::tensor) children_.emplace_back(Type::float64(), true);
  for (const auto& field : type_->fields) children_.emplace_back(field.type, field.nullable);
}

std::int64_t ColumnBuilder::bytes() const noexcept {
  auto total = static_cast<std::int64_t>(present_.size() / 8 + words_.size() * 8 + flags_.size() / 8 + text_.size() +
                                         ends_.size() * 4);
  for (const auto& child : children_) total += child.bytes();
  return total;
}

std::unexpected<Error> ColumnBuilder::mismatch(const Value& value, const FieldPath& path) const {
  auto found = std::string(value.isNull() ? "null" : value.typeText());
  return fail("schema.mismatch", "Field `" + path.text() + "`: expected " + typeName(*type_) +
                                     (nullable_ ? " or null" : "") + ", found " + found +
                                     ". Convert the value, or change the field's type.");
}

void ColumnBuilder::appendPresent() {
  ++rows_;
  if (!present_.empty()) present_.push_back(1);
}

void ColumnBuilder::appendAbsent() {
  if (present_.empty()) present_.assign(static_cast<std::size_t>(rows_), 1);
  present_.push_back(0);
  ++rows_;
  ++nulls_;
  switch (type_->kind) {
    case Kind::null:
      break;
    case Kind::boolean:
      flags_.push_back(0);
      break;
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::duration:
      words_.push_back(0);
      break;
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any:
      ends_.push_back(static_cast<std::int32_t>(text_.size()));
      break;
    case Kind::list:
      ends_.push_back(static_cast<std::int32_t>(children_[0].rows_));
      break;
    case Kind::map:
      for (auto& child : children_) child.appendAbsent();
      break;
    case Kind::tensor:
      for (auto n = tensorWidth(*type_); n > 0; --n) children_[0].appendAbsent();
      break;
  }
}

Result<void> ColumnBuilder::append(const Value& value, const FieldPath& path) {
  if (value.isNull() && type_->kind != Kind::any) {
    if (!nullable_ && type_->kind != Kind::null) return mismatch(value, path);
    appendAbsent();
    return {};
  }
  if (value.isNull()) {
    appendAbsent();
    return {};
  }
  WEIR_TRY(appendPresentValue(value, path));
  appendPresent();
  return {};
}

Result<void> ColumnBuilder::appendPresentValue(const Value& value, const FieldPath& path) {
  const auto kind = value.kind();
  switch (type_->kind) {
    case Kind::null:
      break;
    case Kind::boolean:
      if (kind != ValueKind::boolean) break;
      flags_.push_back(value.boolean() ? 1 : 0);
      return {};
    case Kind::int64:
      if (kind != ValueKind::int64) break;
      words_.push_back(static_cast<std::uint64_t>(value.int64()));
      return {};
    case Kind::uint64:
      if (kind != ValueKind::uint64) break;
      words_.push_back(value.uint64());
      return {};
    case Kind::float64:
      if (kind == ValueKind::float64) {
        words_.push_back(std::bit_cast<std::uint64_t>(value.float64()));
      } else if (kind == ValueKind::int64) {
        words_.push_back(std::bit_cast<std::uint64_t>(static_cast<double>(value.int64())));
      } else if (kind == ValueKind::uint64) {
        words_.push_back(std::bit_cast<std::uint64_t>(static_cast<double>(value.uint64())));
      } else {
        break;
      }
      return {};
    case Kind::string:
      if (kind != ValueKind::string) break;
      return appendText(value.text(), path);
    case Kind::bytes:
      if (kind != ValueKind::bytes) break;
      return appendText(value.text(), path);
    case Kind::blob:
      if (kind != ValueKind::blob) break;
      return appendText(value.text(), path);
    case Kind::any: {
      WEIR_TRY(encodeValue(value, text_));
      return appendText({}, path);
    }
    case Kind::timestamp:
      if (kind != ValueKind::timestamp) break;
      return appendTime(value, path);
    case Kind::duration:
      if (kind != ValueKind::duration) break;
      return appendTime(value, path);
    case Kind::list:
      if (kind != ValueKind::list) break;
      return appendList(value, path);
    case Kind::map:
      if (kind != ValueKind::map) break;
      return appendMap(value, path);
    case Kind::tensor:
      if (kind != ValueKind::list) break;
      return appendTensor(value, path);
  }
  return mismatch(value, path);
}

Result<void> ColumnBuilder::appendText(std::string_view text, const FieldPath& path) {
  text_ += text;
  if (static_cast<std::int64_t>(text_.size()) > kMaxColumnTextBytes)
    return fail("batch.too_large",
                "Field `" + path.text() + "` would hold more than 1 GiB of text in one batch. Use smaller batches.");
  ends_.push_back(static_cast<std::int32_t>(text_.size()));
  return {};
}

Result<void> ColumnBuilder::appendTime(const Value& value, const FieldPath& path) {
  const bool nanos = type_->unit == TimeUnit::nanos;
  std::int64_t at = 0;
  std::int64_t fraction = value.nanos();
  if (!nanos) {
    if (fraction % 1000 != 0)
      return fail("schema.mismatch", "Field `" + path.text() + "`: the value has nanoseconds, which " +
                                         typeName(*type_) + " cannot hold. Declare it as " + typeName(*type_) +
                                         "[ns], or round it.");
    fraction /= 1000;
  }
  // Negative seconds with a fraction: start one second later, so that the least value does not overflow on the way.
  auto seconds = value.seconds();
  const std::int64_t perSecond = nanos ? kNanosPerSecond : kMicrosPerSecond;
  if (seconds < 0 && fraction > 0) {
    ++seconds;
    fraction -= perSecond;
  }
  if (__builtin_mul_overflow(seconds, perSecond, &at) || __builtin_add_overflow(at, fraction, &at))
    return fail("schema.mismatch", "Field `" + path.text() + "`: the value is out of the range of " + typeName(*type_) +
                                       ". Use microseconds, or keep it as text.");
  words_.push_back(static_cast<std::uint64_t>(at));
  return {};
}

Result<void> ColumnBuilder::appendList(const Value& value, const FieldPath& path) {
  auto& child = children_[0];
  const FieldPath inside{.parent = &path, .name = "[]"};
  for (const auto& item : value.items()) WEIR_TRY(child.append(item, inside));
  if (child.rows_ > 0x7fffffff)
    return fail("batch.too_large",
                "Field `" + path.text() + "` would hold more than 2^31 elements. Use smaller batches.");
  ends_.push_back(static_cast<std::int32_t>(child.rows_));
  return {};
}

Result<void> ColumnBuilder::appendMap(const Value& value, const FieldPath& path) {
  std::size_t known = 0;
  for (std::size_t f = 0; f < children_.size(); ++f) {
    const auto& field = type_->fields[f];
    const FieldPath inside{.parent = &path, .name = field.name};
    const auto* member = value.find(field.name);
    if (member != nullptr) ++known;
    WEIR_TRY(children_[f].append(member != nullptr ? *member : Value(), inside));
  }
  if (known == value.entries().size()) return {};
  for (const auto& entry : value.entries()) {
    bool found = false;
    for (const auto& field : type_->fields)
      found = found || (entry.key.kind() == ValueKind::string && entry.key.text() == field.name);
    if (found) continue;
    const auto key = entry.key.kind() == ValueKind::string
                         ? std::string(entry.key.text())
                         : "(a key of type " + std::string(entry.key.typeText()) + ")";
    return fail("schema.mismatch", "Field `" + path.text() + "`: expected " + typeName(*type_) +
                                       ", found the unknown key `" + key + "`. Remove it, or add it to the type.");
  }
  return {};
}

Result<void> ColumnBuilder::tensorElements(const Value& value, const FieldPath& path, std::size_t dimension) {
  if (dimension == type_->shape.size()) return children_[0].append(value, path);
  if (value.kind() != ValueKind::list || value.size() != type_->shape[dimension]) return mismatch(value, path);
  for (const auto& item : value.items()) WEIR_TRY(tensorElements(item, path, dimension + 1));
  return {};
}

Result<void> ColumnBuilder::appendTensor(const Value& value, const FieldPath& path) {
  const auto items = value.items();
  const bool flat = static_cast<std::int64_t>(items.size()) == tensorWidth(*type_) &&
                    (items.empty() || items[0].kind() != ValueKind::list);
  if (!flat) return tensorElements(value, path, 0);
  for (const auto& item : items) WEIR_TRY(children_[0].append(item, path));
  return {};
}

Result<void> ColumnBuilder::appendFrom(const Column& column, std::int64_t row, const FieldPath& path) {
  if (column.isNull(row)) {
    appendAbsent();
    return {};
  }
  switch (type_->kind) {
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::duration:
      words_.push_back(column.uints()[static_cast<std::size_t>(row)]);
      break;
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any:
      WEIR_TRY(appendText(column.text(row), path));
      break;
    case Kind::boolean:
      flags_.push_back(column.boolean(row) ? 1 : 0);
      break;
    case Kind::null:
    case Kind::list:
    case Kind::map:
    case Kind::tensor:
      return append(column.value(row), path);
  }
  appendPresent();
  return {};
}

void ColumnBuilder::truncate(std::int64_t rows) {
  const auto keep = static_cast<std::size_t>(rows);
  if (present_.size() > keep) {
    for (auto i = keep; i < present_.size(); ++i) nulls_ -= present_[i] == 0 ? 1 : 0;
    present_.resize(keep);
  }
  if (words_.size() > keep) words_.resize(keep);
  if (flags_.size() > keep) flags_.resize(keep);
  if (ends_.size() > keep) ends_.resize(keep);
  rows_ = rows;
  const auto end = ends_.empty() ? 0 : ends_.back();
  switch (type_->kind) {
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any:
      text_.resize(static_cast<std::size_t>(end));
      break;
    case Kind::list:
      children_[0].truncate(end);
      break;
    case Kind::map:
      for (auto& child : children_) child.truncate(rows);
      break;
    case Kind::tensor:
      children_[0].truncate(rows * tensorWidth(*type_));
      break;
    case Kind::null:
    case Kind::boolean:
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::duration:
      break;
  }
}

}  // namespace weir
