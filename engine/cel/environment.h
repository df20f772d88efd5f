// Environment: the variables and functions that an expression may use.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/type.h"
#include "engine/data/error.h"
#include "engine/data/value.h"

namespace weir {
class Zones;
}

namespace weir::cel {

class CallFrame;

/// The body of an overload: reads `arguments` (their kinds fit the overload's parameters), sets `out`; or calls
/// frame.fail(...) and returns false. Pure.
using FunctionBody = bool (*)(CallFrame& frame, std::span<const Value> arguments, Value& out);

struct Overload {
  std::string function;    // `contains`, `math.abs`
  bool member = false;     // receiver.contains(...): the receiver is parameters[0]
  bool variadic = false;   // the last parameter may be repeated, once or more
  bool takesNull = false;  // profile flow: called even if an argument is null
  std::vector<Type> parameters;
  Type result;
  FunctionBody body = nullptr;
  std::uint32_t typeParameters = 0;  // numbers 0..n-1 occur in parameters and result
};

/// One line of a function table. Signature: `(int, int): int` for a global function, `string.(int): string` for a
/// member; types: dyn null bool int uint double string bytes timestamp duration blob ip cidr list<T> map<K, V>
/// optional<T> type<T>, and single capitals as type parameters; `...` behind the last parameter repeats it.
struct FunctionEntry {
  std::string_view name;
  std::string_view signature;
  FunctionBody body = nullptr;
};

struct Variable {
  std::string name;  // may be qualified: `a.b`
  Type type;
};

/// Immutable while programs are compiled; programs keep what they need of it alive.
class Environment {
 public:
  /// The standard library and the extensions strings, math, encoders, lists, sets, regex, network and optional.
  Environment();

  /// Index of the new variable. A second variable of the same name replaces the first's type.
  std::uint32_t addVariable(std::string name, Type type);
  /// Bad signatures are bugs of the caller.
  void addFunctions(std::span<const FunctionEntry> entries);
  /// Where `getHours('Europe/Paris')` finds zones; without it only UTC and fixed offsets work. Must outlive programs.
  void setZones(Zones* zones) noexcept { zones_ = zones; }

  [[nodiscard]] std::span<const Variable> variables() const noexcept { return variables_; }
  /// Index of the variable with exactly this name, or -1.
  [[nodiscard]] std::int32_t findVariable(std::string_view name) const noexcept;
  /// All overloads of a function name, members and globals; empty if there is none.
  [[nodiscard]] std::span<const std::shared_ptr<const Overload>> findFunction(std::string_view name) const noexcept;
  /// The type that a name such as `int` or `google.protobuf.Timestamp` denotes, or nullptr.
  [[nodiscard]] const Type* findType(std::string_view name) const noexcept;
  [[nodiscard]] std::vector<std::string> functionNames() const;
  [[nodiscard]] Zones* zones() const noexcept { return zones_; }

 private:
  std::vector<Variable> variables_;
  std::map<std::string, std::uint32_t, std::less<>> variableByName_;
  std::map<std::string, std::vector<std::shared_ptr<const Overload>>, std::less<>> functions_;
  std::map<std::string, Type, std::less<>> types_;
  Zones* zones_ = nullptr;
};

}  // namespace weir::cel
