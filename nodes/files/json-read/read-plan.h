// ReadPlan: the columns of one run, learned from samples and then fixed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/field-set.h"
#include "engine/data/schema.h"
#include "engine/data/value.h"
#include "nodes/files/json-read/read-options.h"

namespace weir::nodes::json_read {

struct PlanColumn {
  std::string name;
  TypeRef type;
  bool dictionary = false;  // few different texts
  bool rawText = false;     // nested too deep for a value: the JSON text itself
};

class ReadPlan {
 public:
  explicit ReadPlan(const ReadOptions& options);

  /// Learns from the text of one row, of a list or a line; what is wrong is left to the reader to tell.
  void learn(std::string_view row, bool ofList);
  [[nodiscard]] std::int64_t learned() const noexcept { return objects_ + others_; }
  /// No more samples: fixes the columns that are read.
  void settle(const FieldSet& needed);

  /// Rows are not (all) objects: each is its only column, `value`.
  [[nodiscard]] bool valueRows() const noexcept { return valueRows_; }
  [[nodiscard]] const std::vector<PlanColumn>& columns() const noexcept { return emitted_; }
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  /// Of all columns, also those that are not read.
  [[nodiscard]] const std::vector<std::string>& allNames() const noexcept { return allNames_; }
  /// Rows or the person said what the columns are.
  [[nodiscard]] bool known() const noexcept { return learned() > 0 || !options_.schema.empty(); }
  [[nodiscard]] const SchemaRef& schema() const noexcept { return schema_; }
  /// All columns are read, so that a field that is none of them is news.
  [[nodiscard]] bool complete() const noexcept { return complete_; }
  [[nodiscard]] const ReadOptions& options() const noexcept { return options_; }

 private:
  struct Learned {
    std::string name;
    TypeRef type;  // empty: only nulls so far
    bool given = false, mixed = false, deep = false;
    std::int64_t texts = 0;
    std::vector<std::string> distinct{};
  };
  void learnField(Learned& field, const Value& value);
  [[nodiscard]] PlanColumn settled(const Learned& field) const;

  const ReadOptions& options_;
  std::vector<Learned> fields_;
  Learned value_{.name = "value", .type = {}};
  std::int64_t objects_ = 0, others_ = 0, othersOfLists_ = 0;
  bool valueRows_ = false, complete_ = false;
  std::vector<PlanColumn> emitted_;
  std::vector<std::string> names_, allNames_;
  SchemaRef schema_;
};

/// Whole numbers that neither int64 nor a double holds become texts, digit for digit, where the type allows anything.
void keepDigits(const Type& type, json::Value& value);

/// Makes a value fit a nested type: whole numbers become doubles, missing fields null, texts times. False if it cannot.
/// Keys that a map type does not have are left out; `dropped` then names one.
[[nodiscard]] bool coerce(const Type& type, Value& value, std::string& dropped, int depth = 0);

}  // namespace weir::nodes::json_read
