// VectorCompiler: turns a checked expression into a VectorProgram (only for the files vector-compiler*.cpp).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "engine/cel/column/specialised.h"
#include "engine/cel/column/vector-program.h"

namespace weir::cel {

class VectorCompiler {
 public:
  VectorCompiler(const Program& program, const SchemaRef& schema, const Value* params)
      : program_(program), checked_(program.checked()), schema_(schema), params_(params) {
    made_.flow = program.profile() == Profile::flow;
  }
  [[nodiscard]] std::shared_ptr<const VectorProgram> run(const TypeRef& resultType);

 private:
  /// A register, or nothing: this expression cannot be part of the program at all.
  using Operand = std::optional<std::uint16_t>;
  struct Guarded {
    Guard guard = Guard::none;
    std::uint16_t by = kNoRegister;
  };

  [[nodiscard]] Operand compile(ExprId id);
  [[nodiscard]] Operand byColumns(ExprId id, const Expr& expr);
  [[nodiscard]] Operand byRows(ExprId id);
  [[nodiscard]] Operand column(std::int32_t field);
  [[nodiscard]] Operand constant(ExprId id);
  [[nodiscard]] bool isConstant(ExprId id) const;

  [[nodiscard]] Operand unary(const Expr& expr);
  [[nodiscard]] Operand binary(const Expr& expr);
  [[nodiscard]] Operand arithmetic(Operator op, std::uint16_t a, std::uint16_t b);
  [[nodiscard]] Operand times(Operator op, std::uint16_t a, std::uint16_t b);
  [[nodiscard]] Operand comparison(Operator op, std::uint16_t a, std::uint16_t b);
  [[nodiscard]] Operand nullTest(std::uint16_t of, bool negated);
  [[nodiscard]] Operand among(const Expr& expr);
  [[nodiscard]] Operand logical(const Expr& expr);
  [[nodiscard]] Operand conditional(ExprId id, const Expr& expr);
  [[nodiscard]] Operand call(ExprId id, const Expr& expr);
  [[nodiscard]] Operand conversion(std::string_view target, std::uint16_t of);
  [[nodiscard]] Operand mathematics(std::string_view name, std::span<const std::uint16_t> of);
  [[nodiscard]] Operand textCall(std::string_view name, const Expr& expr, std::span<const std::uint16_t> of);
  [[nodiscard]] Operand textTest(TextTest test, std::uint16_t a, std::uint16_t b);
  [[nodiscard]] Operand matches(std::uint16_t text, std::uint16_t pattern);

  [[nodiscard]] std::uint16_t add(VectorRegister as, const VectorSlot& slot = {});
  [[nodiscard]] std::uint16_t emit(VectorStep step, Lane lane, TimeUnit unit = TimeUnit::micros);
  [[nodiscard]] std::uint16_t applied(Unary op, std::uint16_t of, Lane lane);
  [[nodiscard]] std::uint16_t present(std::uint16_t of);
  [[nodiscard]] Operand constantOf(const Value& value);
  [[nodiscard]] std::uint16_t missingOf(Lane lane, TimeUnit unit, bool failed);
  [[nodiscard]] Operand asDouble(std::uint16_t of);
  [[nodiscard]] bool sameUnits(std::uint16_t& a, std::uint16_t& b);
  [[nodiscard]] Shape shapeOf(std::uint16_t a, std::uint16_t b) const;
  [[nodiscard]] const VectorRegister& at(std::uint16_t number) const { return made_.registers[number]; }
  [[nodiscard]] bool isMissing(std::uint16_t number) const;
  [[nodiscard]] static std::optional<Lane> laneOf(TypeKind kind);
  void dropUnused();

  const Program& program_;
  const Checked& checked_;
  const SchemaRef& schema_;
  const Value* params_;
  std::shared_ptr<VectorProgram> holder_ = std::make_shared<VectorProgram>();
  VectorProgram& made_ = *holder_;
  std::vector<VectorStep> loads_;
  std::map<std::int32_t, std::uint16_t> columns_;
  std::vector<std::int32_t> columnOf_;  // by register: the column it is, or -1
  Guarded guarded_;
  std::int64_t textSteps_ = 0;
};

}  // namespace weir::cel
