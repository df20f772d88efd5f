// TypeChecker: the state of one check (only for checker*.cpp).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/checker.h"

namespace weir::cel {

class TypeChecker {
 public:
  TypeChecker(Ast ast, const Environment& environment, const Options& options);
  [[nodiscard]] std::expected<Checked, std::vector<Problem>> run();

 private:
  struct Local {
    std::string name;
    std::uint32_t slot;
    Type type;
  };
  static constexpr std::size_t kMostProblems = 20;

  // checker.cpp
  Type visit(ExprId id);
  [[nodiscard]] Type visitKind(ExprId id, const Expr& expr);
  [[nodiscard]] Type visitIdent(ExprId id, const Expr& expr);
  [[nodiscard]] Type visitSelect(ExprId id, const Expr& expr);
  [[nodiscard]] Type visitHas(ExprId id, const Expr& expr);
  [[nodiscard]] Type visitIndex(ExprId id, const Expr& expr);
  [[nodiscard]] Type visitList(const Expr& expr);
  [[nodiscard]] Type visitMap(const Expr& expr);
  [[nodiscard]] Type visitConditional(const Expr& expr);
  [[nodiscard]] Type fieldOf(ExprId id, const Expr& expr, const Type& operand, const std::string& name, bool has);
  [[nodiscard]] Type indexOf(const Expr& expr, const Type& operand, const Type& index);
  [[nodiscard]] Type entry(const Expr& expr, std::uint32_t child, bool optional);

  // checker-names.cpp
  [[nodiscard]] std::string qualifiedName(ExprId id) const;
  [[nodiscard]] const Local* findLocal(std::string_view name) const noexcept;
  [[nodiscard]] std::vector<std::string> candidates(std::string_view name) const;
  [[nodiscard]] std::optional<Type> resolveName(ExprId id, const std::string& name);
  [[nodiscard]] Type unknownVariable(ExprId id, const std::string& name);
  void problem(ExprId id, std::string_view code, std::string message, std::string suggestion = {});
  void problemAt(std::uint32_t begin, std::uint32_t end, std::string_view code, std::string message,
                 std::string suggestion = {});
  void cannot(ExprId id, ReferenceKind kind, const std::string& message);

  // checker-calls.cpp
  [[nodiscard]] Type visitCall(ExprId id, const Expr& expr);
  [[nodiscard]] Type visitMember(ExprId id, const Expr& expr);
  [[nodiscard]] Type chooseOverload(ExprId id, const std::string& name, bool member, std::vector<Type> arguments);
  [[nodiscard]] Type instantiate(const Type& type, std::uint32_t base) const;
  [[nodiscard]] bool fits(const Overload& overload, std::span<const Type> arguments, Type& result);
  [[nodiscard]] Type noOverload(ExprId id, const std::string& name, bool member, std::span<const Type> arguments);

  // checker-operators.cpp
  [[nodiscard]] Type visitUnary(ExprId id, const Expr& expr);
  [[nodiscard]] Type visitBinary(ExprId id, const Expr& expr);
  [[nodiscard]] Type visitLogical(const Expr& expr);
  [[nodiscard]] Type arithmetic(ExprId id, const Expr& expr, const Type& left, const Type& right);
  [[nodiscard]] bool comparable(const Type& left, const Type& right) const;
  [[nodiscard]] bool equatable(const Type& left, const Type& right);
  [[nodiscard]] Type badOperands(ExprId id, const Expr& expr, const Type& left, const Type& right);
  void wantBool(ExprId id, const Type& found, std::string_view what);

  // checker-macros.cpp
  [[nodiscard]] Type visitComprehension(ExprId id, const Expr& expr);
  [[nodiscard]] Type comprehensionResult(const Expr& expr, const Type& first, const Type& body);
  [[nodiscard]] bool elementTypes(const Expr& expr, const Type& range, Type& first, Type& second);
  [[nodiscard]] std::uint32_t pushLocal(const std::string& name, Type type);

  // checker-types.cpp
  [[nodiscard]] Type fresh();
  [[nodiscard]] Type prune(Type type) const;
  [[nodiscard]] Type resolved(const Type& type) const;
  [[nodiscard]] bool unify(const Type& to, const Type& from);
  [[nodiscard]] bool bindParameter(const Type& parameter, const Type& type);
  [[nodiscard]] bool occurs(std::uint32_t number, const Type& type) const;
  [[nodiscard]] bool nullFits(const Type& other) const noexcept;
  [[nodiscard]] std::optional<Type> join(const Type& a, const Type& b);
  [[nodiscard]] std::string show(const Type& type) const { return describe(resolved(type)); }
  [[nodiscard]] bool flow() const noexcept { return options_.profile == Profile::flow; }

  const Environment& environment_;
  const Options& options_;
  Checked out_;
  std::vector<Problem> problems_;
  std::vector<std::optional<Type>> bindings_;  // by parameter number - kFirstFresh
  std::vector<Local> locals_;
  static constexpr std::uint32_t kFirstFresh = 64;
};

}  // namespace weir::cel
