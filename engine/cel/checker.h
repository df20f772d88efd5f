// Checks an Ast against an Environment: resolves names, chooses overloads, gives every expression a type.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "engine/cel/ast.h"
#include "engine/cel/environment.h"
#include "engine/cel/problem.h"
#include "engine/cel/type.h"

namespace weir::cel {

/// `flow`: CEL plus two rules. In arithmetic and comparison int and uint meet double as double; null propagates
/// through operators and functions except == != in has, && and || are three-valued, a null condition gives null.
/// `strict`: CEL.
enum class Profile : std::uint8_t { flow, strict };

struct Options {
  Profile profile = Profile::flow;
  std::string container;  // the namespace that names are resolved in, such as `com.example`
  /// False: types that do not fit and names that are unknown become errors when evaluated, not problems.
  bool check = true;
};

enum class ReferenceKind : std::uint8_t {
  none,
  variable,  // ident or select that names the whole variable `index`
  field,     // select, index with a literal, or has: field `field` (-1: not declared) of variable `index`
  local,     // ident: the comprehension variable in `slot`; comprehension: its variables in `slot` and `slot2`
  constant,  // ident or select that names a type: `value`
  function,  // call or member: one of `overloads`
  // Only with check == false: fails when evaluated, with the sentence in `fieldName`.
  unknownVariable,
  unknownFunction,
  noOverload,
};

struct Reference {
  ReferenceKind kind = ReferenceKind::none;
  bool receiver = false;  // function, written a.f(b): child 0 is the first argument (else it was part of the name)
  std::uint32_t index = 0;
  std::int32_t field = -1;
  std::uint32_t slot = 0;
  std::uint32_t slot2 = 0;
  std::string fieldName;  // field, or why it cannot be evaluated
  Value value;            // constant
  /// Those that the static types allow, in declaration order; more than one only where a type is dyn.
  std::vector<std::shared_ptr<const Overload>> overloads;
};

/// What a program is made of; shared by both evaluators.
/// Conditionals of type double convert the int and uint values of their branches (profile flow).
struct Checked {
  Ast ast;
  std::vector<Type> types;            // by ExprId
  std::vector<Reference> references;  // by ExprId
  Profile profile = Profile::flow;
  std::uint32_t slotCount = 0;  // of comprehension variables alive at once
  std::vector<Variable> variables;
  Zones* zones = nullptr;
  bool typesHold = true;  // false: compiled with check == false, and it had problems

  [[nodiscard]] const Type& type(ExprId id) const noexcept { return types[id]; }
  [[nodiscard]] const Reference& reference(ExprId id) const noexcept { return references[id]; }
  [[nodiscard]] const Type& resultType() const noexcept { return types[ast.root]; }
};

/// All problems at once, at most 20.
[[nodiscard]] std::expected<Checked, std::vector<Problem>> check(Ast ast, const Environment& environment,
                                                                 const Options& options);

}  // namespace weir::cel
