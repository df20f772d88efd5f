// Runs cases of the public CEL conformance suite.
#include "engine/cel/conformance.h"

#include "engine/cel/expr-value.h"
#include "engine/cel/program.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::cel {
namespace {

[[nodiscard]] std::string textOf(const json::Value& object, std::string_view key) {
  const auto* member = object.find(key);
  return member != nullptr && member->asString() != nullptr ? *member->asString() : std::string{};
}

// The suite compares kinds too, and NaN with NaN.
[[nodiscard]] bool sameValue(const Value& a, const Value& b) noexcept {
  if (a.kind() != b.kind()) return false;
  if (a.kind() == ValueKind::float64) {
    const double x = a.float64();
    const double y = b.float64();
    return x == y || (x != x && y != y);
  }
  if (a.kind() == ValueKind::list) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.items().size(); ++i)
      if (!sameValue(a.items()[i], b.items()[i])) return false;
    return true;
  }
  if (a.kind() == ValueKind::map) {
    if (a.size() != b.size()) return false;
    for (const auto& entry : a.entries()) {
      const auto* other = b.find(entry.key);
      if (other == nullptr || !sameValue(entry.value, *other)) return false;
    }
    return true;
  }
  return equalValues(a, b);
}

struct Bindings {
  Environment environment;
  std::vector<Value> values;
};

[[nodiscard]] Result<Unit> readBindings(const json::Value& json, Bindings& out) {
  const auto* bindings = json.find("bindings");
  if (bindings == nullptr || bindings->asObject() == nullptr) return Unit{};
  for (const auto& member : *bindings->asObject()) {
    WEIR_ASSIGN(auto value, fromExprValue(member.value));
    (void)out.environment.addVariable(member.key, typeOfValue(value));
    out.values.push_back(std::move(value));
  }
  return Unit{};
}

[[nodiscard]] Result<Value> evaluate(const std::string& expression, const std::string& container,
                                     const Bindings& bindings) {
  Options options{.profile = Profile::strict, .container = container, .check = true};
  auto program = compile(expression, bindings.environment, options);
  if (!program) {
    options.check = false;
    program = compile(expression, bindings.environment, options);
  }
  if (!program) return std::unexpected(std::move(program.error()));
  ValueActivation activation(bindings.values.size());
  for (std::size_t i = 0; i < bindings.values.size(); ++i)
    activation.bind(static_cast<std::uint32_t>(i), bindings.values[i]);
  Budget budget;
  return program->evaluate(activation, budget);
}

void judge(CaseResult& result, const json::Value& json, const Result<Value>& got) {
  result.got = got ? json::write(toExprValue(*got)) : std::string(got.error().code) + ": " + got.error().message;
  const auto* expected = json.find("value");
  if (expected == nullptr) {
    result.outcome = got ? CaseOutcome::failed : CaseOutcome::passed;
    if (got) result.why = "expected an error";
    return;
  }
  const auto wanted = fromExprValue(*expected);
  if (!wanted) {
    result.outcome = CaseOutcome::skipped;
    result.why = wanted.error().message;
    return;
  }
  result.outcome = got && sameValue(*got, *wanted) ? CaseOutcome::passed : CaseOutcome::failed;
  if (result.outcome == CaseOutcome::failed) result.why = "expected " + json::write(*expected);
}

}  // namespace

CaseResult runConformanceCase(std::string_view line, Zones* zones) {
  CaseResult result;
  const auto document = json::parse(line);
  if (!document) {
    result.why = "The case is no JSON: " + document.error().message;
    return result;
  }
  const auto& json = document->root();
  result.file = textOf(json, "file");
  result.section = textOf(json, "section");
  result.name = textOf(json, "name");
  const auto* expression = json.find("expr");
  if (expression == nullptr || expression->asString() == nullptr) {
    result.why = "The case has no expression: 'expr' is missing or no string.";
    return result;
  }
  if (json.find("value") == nullptr && json.find("error") == nullptr) {
    result.why = "The case says neither 'value' nor 'error', so nothing is expected.";
    return result;
  }
  Bindings bindings;
  bindings.environment.setZones(zones);
  if (const auto read = readBindings(json, bindings); !read) {
    result.outcome = CaseOutcome::skipped;
    result.why = read.error().message;
    return result;
  }
  judge(result, json, evaluate(*expression->asString(), textOf(json, "container"), bindings));
  return result;
}

std::string conformanceLine(const CaseResult& result) {
  std::string line;
  json::Writer writer(line);
  writer.beginObject().key("file").value(result.file).key("section").value(result.section);
  writer.key("name").value(result.name).key("pass");
  if (result.outcome == CaseOutcome::skipped) {
    writer.null();
  } else {
    writer.value(result.outcome == CaseOutcome::passed);
  }
  writer.key("got").value(result.got).key("why").value(result.why).endObject();
  return line;
}

void ConformanceCount::add(const CaseResult& result) noexcept {
  passed += result.outcome == CaseOutcome::passed;
  failed += result.outcome == CaseOutcome::failed;
  skipped += result.outcome == CaseOutcome::skipped;
}

std::string ConformanceCount::text() const {
  return std::to_string(passed) + " passed, " + std::to_string(failed) + " failed, " + std::to_string(skipped) +
         " skipped";
}

}  // namespace weir::cel
