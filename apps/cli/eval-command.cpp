// weir eval: an expression over rows, or the conformance cases.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/zone-files.h"
#include "engine/cel/conformance.h"
#include "engine/cel/program.h"
#include "engine/data/value-json.h"
#include "engine/time/zone.h"

namespace weir::cli {
namespace {

struct EvalOptions {
  std::string expression, input, conformance;
  bool strict = false;
};

void print(std::string_view text, std::FILE* to = stdout) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fputc('\n', to);
}

/// Standard input or a file, line by line.
class Lines {
 public:
  explicit Lines(const std::string& path) {
    if (path != "-") file_.open(path);
  }
  [[nodiscard]] bool good() { return !file_.is_open() ? true : file_.good(); }
  bool next(std::string& line) { return static_cast<bool>(std::getline(file_.is_open() ? file_ : std::cin, line)); }

 private:
  std::ifstream file_;
};

Result<int> runConformance(const std::string& path) {
  if (path != "-" && !std::ifstream(path).good())
    return fail("files.not_found", "cannot open '" + path + "'; name a file of cases, one JSON object a line");
  ZoneFiles source;
  Zones zones(source);
  cel::ConformanceCount count;
  Lines lines(path);
  std::string line;
  while (lines.next(line)) {
    if (line.empty()) continue;
    const auto result = cel::runConformanceCase(line, &zones);
    count.add(result);
    print(cel::conformanceLine(result));
  }
  print(count.text());
  return count.failed == 0 ? kDone : kFailed;
}

Result<int> evaluateRows(const EvalOptions& options) {
  ZoneFiles source;
  Zones zones(source);
  cel::Environment environment;
  const auto row = environment.addVariable("row", cel::TypeKind::dyn);
  environment.setZones(&zones);
  cel::Options compiling;
  compiling.profile = options.strict ? cel::Profile::strict : cel::Profile::flow;
  WEIR_ASSIGN(const auto program, cel::compile(options.expression, environment, compiling));
  const auto evaluate = [&](Value value, const std::string& where) -> bool {
    cel::ValueActivation activation(environment.variables().size());
    activation.bind(row, std::move(value));
    cel::Budget budget;
    auto result = program.evaluate(activation, budget);
    if (result) {
      print(toJson(*result));
    } else {
      print(where + "error: " + result.error().message + " [" + std::string(result.error().code) + "]", stderr);
    }
    return result.has_value();
  };
  if (options.input.empty()) {
    if (program.reads("row"))
      return fail("cel.unknown_variable",
                  "the expression reads 'row'; give rows with --input FILE (NDJSON, - for standard input)");
    return evaluate(Value(), {}) ? kDone : kFailed;
  }
  if (options.input != "-" && !std::ifstream(options.input).good())
    return fail("files.not_found", "cannot open '" + options.input + "'");
  Lines lines(options.input);
  std::string line;
  std::int64_t number = 0;
  std::int64_t failed = 0;
  while (lines.next(line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto value = parseJsonValue(line);
    if (!value) {
      print("line " + std::to_string(number) + ": error: " + value.error().message + " [" +
                std::string(value.error().code) + "]",
            stderr);
      ++failed;
    } else if (!evaluate(std::move(*value), "line " + std::to_string(number) + ": ")) {
      ++failed;
    }
  }
  return failed == 0 ? kDone : kDeadLetters;
}

}  // namespace

void addEval(CLI::App& app, Shared&, int& exitCode) {
  auto* command = app.add_subcommand(
      "eval", "Evaluate a CEL expression, once or for each row of a file.\nPrints each value as a line of JSON.");
  auto options = std::make_shared<EvalOptions>();
  command->add_option("EXPRESSION", options->expression,
                      "The expression, such as \"row.price * 2.0\"; behind -- if it begins with a dash");
  command->add_option("--input", options->input, "An NDJSON file whose lines are `row`; - is standard input")
      ->type_name("FILE");
  command->add_flag("--strict", options->strict, "Plain CEL: no null propagation, int and double do not meet");
  command
      ->add_option("--conformance", options->conformance,
                   "Run the cases of a file (NDJSON): a line {file, section, name, pass, got, why} for each, then the "
                   "count; instead of an expression")
      ->type_name("FILE");
  addFooter(
      *command,
      "0 done\n1 the expression fails, or a case does\n2 wrong usage, or the expression is not valid\n3 done, but "
      "it fails for some rows",
      "weir eval \"1 + 2\"\nweir eval \"row.quantity * row.price\" --input orders.ndjson");
  command->callback([options, &exitCode] {
    if (options->conformance.empty() == options->expression.empty()) {
      std::fputs("weir eval: give an expression, or --conformance FILE\n", stderr);
      exitCode = kUsage;
      return;
    }
    const auto code = options->conformance.empty() ? evaluateRows(*options) : runConformance(options->conformance);
    finish(code, exitCode);
  });
}

}  // namespace weir::cli
