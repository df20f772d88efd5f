// RowSchema: a JSON Schema made ready to check values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/error.h"
#include "engine/data/value.h"
#include "engine/json/value.h"
#include "engine/regex/regex.h"

namespace weir::nodes::validate {

/// Immutable, thread-safe.
class RowSchema {
 public:
  /// `settings.invalid` naming the pointer, for keywords that are not known or have a wrong value.
  [[nodiscard]] static Result<RowSchema> compile(const json::Value& schema, const std::string& pointer, int depth = 0);

  /// Appends a sentence for each violation, each beginning with the JSON pointer; at most kMaxReasons.
  void check(const Value& value, const std::string& pointer, std::vector<Value>& reasons) const;

  static constexpr std::size_t kMaxReasons = 20;

 private:
  static Result<void> readKeyword(RowSchema& into, const std::string& key, const json::Value& value,
                                  const std::string& pointer, int depth);
  static Result<void> readTypes(RowSchema& into, const json::Value& value, const std::string& pointer);
  static Result<void> readChildren(RowSchema& into, const std::string& key, const json::Value& value,
                                   const std::string& pointer, int depth);
  void checkObject(const Value& value, const std::string& pointer, std::vector<Value>& reasons) const;
  void checkNumber(const Value& value, const std::string& pointer, std::vector<Value>& reasons) const;
  void checkLengths(const Value& value, const std::string& pointer, std::vector<Value>& reasons) const;
  void checkCombined(const Value& value, const std::string& pointer, std::vector<Value>& reasons) const;
  /// A null of this property is a value, not a missing field.
  [[nodiscard]] bool takesNull(const std::string& name) const;
  [[nodiscard]] bool holds(const Value& value) const;

  bool never_ = false;  // the schema `false`
  std::vector<std::string> types_, required_;
  std::vector<std::pair<std::string, RowSchema>> properties_;
  std::shared_ptr<const RowSchema> additional_, items_, not_;
  std::vector<RowSchema> anyOf_, allOf_;
  std::optional<std::vector<Value>> options_;
  std::optional<Value> minimum_, maximum_, above_, below_;
  std::optional<std::int64_t> minLength_, maxLength_, minItems_, maxItems_;
  std::optional<regex::Regex> pattern_;
};

}  // namespace weir::nodes::validate
