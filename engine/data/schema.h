// Schema: the ordered fields of a batch, interned, so that "same schema" is one pointer comparison.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/type.h"

namespace weir {

class Schema;
/// Two refs are equal if and only if the schemas are the same (interned).
using SchemaRef = std::shared_ptr<const Schema>;

class Schema {
 public:
  /// The one schema with these fields. Thread-safe; an unused schema is forgotten. Names are unique: a second field of
  /// the same name is a bug of the caller.
  [[nodiscard]] static SchemaRef of(std::vector<Field> fields, std::string version = {});
  [[nodiscard]] static const SchemaRef& empty();

  [[nodiscard]] std::span<const Field> fields() const noexcept { return fields_; }
  [[nodiscard]] std::int64_t size() const noexcept { return static_cast<std::int64_t>(fields_.size()); }
  [[nodiscard]] const Field& field(std::int64_t index) const noexcept {
    return fields_[static_cast<std::size_t>(index)];
  }
  /// Index of the field, or -1.
  [[nodiscard]] std::int64_t indexOf(std::string_view name) const noexcept;
  [[nodiscard]] const std::string& version() const noexcept { return version_; }
  /// `{id: int, name: string?}` for messages.
  [[nodiscard]] std::string describe() const;

  struct Private;
  Schema(const Private&, std::vector<Field> fields, std::string version);

 private:
  std::vector<Field> fields_;
  std::string version_;
  std::vector<std::int32_t> byName_;  // indices sorted by name
};

}  // namespace weir
