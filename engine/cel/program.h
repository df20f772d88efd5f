// Program: a compiled expression, evaluated row by row. (By column: engine/cel/column/.)
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/checker.h"
#include "engine/cel/environment.h"
#include "engine/data/error.h"
#include "engine/data/value.h"

namespace weir::cel {

/// Gives a program the values of its variables. Asked once per occurrence and row.
class Activation {
 public:
  virtual ~Activation() = default;
  /// The whole value of variable `variable` (its index in the environment); false if it has none.
  [[nodiscard]] virtual bool variable(std::uint32_t variable, Value& out) const = 0;
  /// One field of a variable; `field` is its index in the declared record or -1. False if the field is absent. The
  /// default asks for the whole variable and looks into the map.
  [[nodiscard]] virtual bool field(std::uint32_t variable, std::int32_t /*field*/, std::string_view name,
                                   Value& out) const {
    Value whole;
    if (!this->variable(variable, whole) || whole.kind() != ValueKind::map) return false;
    const auto* found = whole.find(name);
    if (found != nullptr) out = *found;
    return found != nullptr;
  }
};

/// Values by variable index, for tests, parameters and `weir eval`.
class ValueActivation final : public Activation {
 public:
  explicit ValueActivation(std::size_t variables) : values_(variables), bound_(variables, false) {}
  void bind(std::uint32_t variable, Value value) {
    values_[variable] = std::move(value);
    bound_[variable] = true;
  }
  [[nodiscard]] bool variable(std::uint32_t variable, Value& out) const override {
    if (variable >= values_.size() || !bound_[variable]) return false;
    out = values_[variable];
    return true;
  }

 private:
  std::vector<Value> values_;
  std::vector<bool> bound_;
};

/// What evaluations may still spend. One unit is about one operation, or ten bytes of text handled. Several
/// evaluations may share a budget; set `remaining` anew per row to bound each row.
struct Budget {
  static constexpr std::int64_t kDefault = 1'000'000;
  std::int64_t remaining = row;

  /// While one is in scope, rows have less on this thread: for questions of people whom others wait behind.
  class Less {
   public:
    explicit Less(std::int64_t units) noexcept : before_(row) { row = units < row ? units : row; }
    ~Less() { row = before_; }
    Less(const Less&) = delete;
    Less& operator=(const Less&) = delete;

   private:
    std::int64_t before_;
  };

 private:
  static constinit inline thread_local std::int64_t row = kDefault;
};

/// Which fields of one variable a program reads.
struct FieldsRead {
  bool all = false;                // it uses the variable as a whole, or a field whose name is computed
  std::vector<std::string> names;  // sorted
};

struct Plan;

class Program {
 public:
  [[nodiscard]] const Checked& checked() const noexcept { return *checked_; }
  [[nodiscard]] const Ast& ast() const noexcept { return checked_->ast; }
  [[nodiscard]] const Type& type() const noexcept { return checked_->resultType(); }
  [[nodiscard]] Profile profile() const noexcept { return checked_->profile; }

  [[nodiscard]] FieldsRead fieldsRead(std::string_view variable) const;
  /// Does it read the variable, or any field of it?
  [[nodiscard]] bool reads(std::string_view variable) const;
  [[nodiscard]] bool usesNow() const { return reads("now"); }
  /// The value if the expression reads no variable at all and does not fail, else nullptr.
  [[nodiscard]] const Value* constant() const noexcept;

  /// Safe from several threads at once (each with its own budget). Errors name the place in the source:
  /// `cel.divide_by_zero`, `cel.overflow`, `cel.no_such_key`, `cel.cost_limit`, ...
  [[nodiscard]] Result<Value> evaluate(const Activation& activation, Budget& budget) const;
  /// One part of the expression, without comprehension variables around it.
  [[nodiscard]] Result<Value> evaluatePart(ExprId part, const Activation& activation, Budget& budget) const;

  Program(std::shared_ptr<const Checked> checked, std::shared_ptr<const Plan> plan)
      : checked_(std::move(checked)), plan_(std::move(plan)) {}

 private:
  std::shared_ptr<const Checked> checked_;
  std::shared_ptr<const Plan> plan_;
};

/// Parses, checks and plans.
[[nodiscard]] std::expected<Program, std::vector<Problem>> compileWithProblems(std::string_view source,
                                                                               const Environment& environment,
                                                                               const Options& options = {});
/// The same, with all problems as one Error.
[[nodiscard]] Result<Program> compile(std::string_view source, const Environment& environment,
                                      const Options& options = {});

}  // namespace weir::cel
