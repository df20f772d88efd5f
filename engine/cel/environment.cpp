// Environment: variables, functions and the reading of their signatures.
#include "engine/cel/environment.h"

#include <algorithm>
#include <set>

#include "engine/cel/library.h"
#include "engine/data/check.h"

namespace weir::cel {
namespace {

class SignatureReader {
 public:
  explicit SignatureReader(std::string_view text) : text_(text) {}

  void read(Overload& out) {
    if (!take('(')) {
      out.member = true;
      out.parameters.push_back(type());
      expect('.');
      expect('(');
    }
    while (!take(')')) {
      out.parameters.push_back(type());
      if (take('.')) {
        expect('.');
        expect('.');
        out.variadic = true;
      }
      (void)take(',');
    }
    expect(':');
    out.result = type();
    out.typeParameters = parameters_;
    WEIR_CHECK(at_ == text_.size());
  }

 private:
  void skipSpace() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  [[nodiscard]] bool take(char c) {
    skipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) { WEIR_CHECK(take(c)); }

  [[nodiscard]] Type type() {
    skipSpace();
    const auto begin = at_;
    while (at_ < text_.size() && ((text_[at_] >= 'a' && text_[at_] <= 'z') || (text_[at_] >= 'A' && text_[at_] <= 'Z')))
      ++at_;
    const auto word = text_.substr(begin, at_ - begin);
    if (word.size() == 1) {
      const auto number = static_cast<std::uint32_t>(word[0] - 'A');
      parameters_ = std::max(parameters_, number + 1);
      return Type::parameter(number);
    }
    Type result = named(word);
    if (!take('<')) return result;
    do result.parameters.push_back(type());
    while (take(','));
    expect('>');
    return result;
  }

  [[nodiscard]] static Type named(std::string_view word) {
    struct Name {
      std::string_view text;
      TypeKind kind;
    };
    static constexpr Name kNames[] = {
        {"dyn", TypeKind::dyn},           {"null", TypeKind::null},         {"bool", TypeKind::boolean},
        {"int", TypeKind::int64},         {"uint", TypeKind::uint64},       {"double", TypeKind::float64},
        {"string", TypeKind::string},     {"bytes", TypeKind::bytes},       {"timestamp", TypeKind::timestamp},
        {"duration", TypeKind::duration}, {"list", TypeKind::list},         {"map", TypeKind::map},
        {"type", TypeKind::type},         {"optional", TypeKind::optional}, {"blob", TypeKind::blob},
        {"ip", TypeKind::address},        {"cidr", TypeKind::range},
    };
    const auto* found =
        std::find_if(std::begin(kNames), std::end(kNames), [&](const Name& n) { return n.text == word; });
    WEIR_CHECK(found != std::end(kNames));
    return found->kind;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t parameters_ = 0;
};

using Functions = std::map<std::string, std::vector<std::shared_ptr<const Overload>>, std::less<>>;
using Types = std::map<std::string, Type, std::less<>>;

void addTo(Functions& functions, std::span<const FunctionEntry> entries) {
  for (const auto& entry : entries) {
    auto overload = std::make_shared<Overload>();
    overload->function = entry.name;
    overload->body = entry.body;
    overload->takesNull = entry.name == "or" || entry.name == "orValue";
    SignatureReader(entry.signature).read(*overload);
    functions[overload->function].push_back(std::move(overload));
  }
}

/// Signatures are read once for all environments, of which every flow has one for each expression.
const Functions& libraryFunctions() {
  static const Functions kFunctions = [] {
    Functions all;
    for (const auto table : libraryTables()) addTo(all, table);
    return all;
  }();
  return kFunctions;
}

const Types& libraryTypes() {
  static const Types kTypes = {
      {"bool", TypeKind::boolean},
      {"int", TypeKind::int64},
      {"uint", TypeKind::uint64},
      {"double", TypeKind::float64},
      {"string", TypeKind::string},
      {"bytes", TypeKind::bytes},
      {"null_type", TypeKind::null},
      {"list", Type::list(TypeKind::dyn)},
      {"map", Type::map(TypeKind::dyn, TypeKind::dyn)},
      {"type", Type::typeOf(TypeKind::dyn)},
      {"google.protobuf.Timestamp", TypeKind::timestamp},
      {"google.protobuf.Duration", TypeKind::duration},
      {"optional_type", Type::optional(TypeKind::dyn)},
      {"net.IP", TypeKind::address},
      {"net.CIDR", TypeKind::range},
  };
  return kTypes;
}

}  // namespace

// What the library has is looked for there, and stands here only where there is more of it.
Environment::Environment() = default;

std::uint32_t Environment::addVariable(std::string name, Type type) {
  const auto [at, added] = variableByName_.try_emplace(name, static_cast<std::uint32_t>(variables_.size()));
  if (added) {
    variables_.push_back({std::move(name), std::move(type)});
  } else {
    variables_[at->second].type = std::move(type);
  }
  return at->second;
}

void Environment::addFunctions(std::span<const FunctionEntry> entries) {
  const auto& library = libraryFunctions();
  for (const auto& entry : entries) {
    if (const auto at = library.find(entry.name); at != library.end()) functions_.insert(*at);
  }
  addTo(functions_, entries);
}

std::int32_t Environment::findVariable(std::string_view name) const noexcept {
  const auto at = variableByName_.find(name);
  return at == variableByName_.end() ? -1 : static_cast<std::int32_t>(at->second);
}

std::span<const std::shared_ptr<const Overload>> Environment::findFunction(std::string_view name) const noexcept {
  if (const auto at = functions_.find(name); at != functions_.end()) return at->second;
  const auto at = libraryFunctions().find(name);
  if (at == libraryFunctions().end()) return {};
  return at->second;
}

const Type* Environment::findType(std::string_view name) const noexcept {
  if (const auto at = types_.find(name); at != types_.end()) return &at->second;
  const auto at = libraryTypes().find(name);
  return at == libraryTypes().end() ? nullptr : &at->second;
}

std::vector<std::string> Environment::functionNames() const {
  std::set<std::string> names;
  for (const auto* functions : {&libraryFunctions(), &functions_}) {
    for (const auto& [name, overloads] : *functions) names.insert(name);
  }
  return {names.begin(), names.end()};
}

}  // namespace weir::cel
