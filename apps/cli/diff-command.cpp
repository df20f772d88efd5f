// weir diff: what one version of a flow says otherwise than another.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/git-program.h"
#include "engine/flow/describe-diff.h"
#include "engine/flow/flow-test.h"
#include "engine/flow/format.h"
#include "engine/json/writer.h"

namespace weir::cli {
namespace {

constexpr int kSame = 0, kDifferent = 1, kTrouble = 2;

struct DiffArguments {
  std::string before, after;
  std::string format = "text", colour = "auto";
  bool all = false, textconv = false;
};

bool coloured(const std::string& asked) {
  if (asked != "auto") return asked == "always";
  const char* none = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (none == nullptr || *none == '\0') && ::isatty(STDOUT_FILENO) == 1 &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

/// A file, `-`, or `git:REVISION:PATH`.
Result<std::string> readVersion(const std::string& name) {
  if (!name.starts_with("git:")) return readText(name);
  WEIR_ASSIGN(auto answer, runGit({"show", "--no-textconv", "--no-ext-diff", name.substr(4)}));
  if (answer.code != 0) return fail("git.failed", "git has no '" + name.substr(4) + "': " + complaintOf(answer));
  return std::move(answer.out);
}

/// The file of tests as a value; nothing, and its problems printed, if it is none.
std::optional<json::Value> readTests(const std::string& text, const std::string& name) {
  if (const auto tests = flow::parseFlowTests(text); !tests) {
    printProblems(tests.error(), name);
    return std::nullopt;
  }
  auto document = json::parse(text);
  return document ? std::optional(std::move(document->root())) : std::nullopt;
}

Result<int> print(const flow::FlowDiff& diff, const DiffArguments& arguments) {
  std::string text;
  if (arguments.format == "json") {
    text = json::write(flow::toJson(diff), json::Layout::pretty) + "\n";
  } else if (arguments.format == "markdown") {
    text = flow::markdownOf(diff);
  } else {
    text = flow::textOf(diff, coloured(arguments.colour));
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return diff.empty() ? kSame : kDifferent;
}

Result<int> compare(const DiffArguments& arguments) {
  const auto& before = arguments.before;
  const auto& after = arguments.after;
  if (before == "-" && after == "-")
    return fail("cli.usage", "both are '-', and standard input can be read once only; name a file");
  WEIR_ASSIGN(const auto was, readVersion(before));
  WEIR_ASSIGN(const auto is, readVersion(after));
  if (before.ends_with(".test.json") && after.ends_with(".test.json")) {
    const auto old = readTests(was, before), now = readTests(is, after);
    return old && now ? print(flow::diffTests(*old, *now), arguments) : Result<int>(kTrouble);
  }
  const auto old = flow::parseFlow(was), now = flow::parseFlow(is);
  if (!old) printProblems(old.error(), before);
  if (!now) printProblems(now.error(), after);
  if (!old || !now) return kTrouble;
  return print(flow::diffFlows(*old, *now, {.all = arguments.all}), arguments);
}

/// What is no flow is printed as it is, so that git compares that.
Result<int> list(const std::string& path) {
  WEIR_ASSIGN(auto text, readVersion(path));
  if (const auto document = flow::parseFlow(text)) text = flow::listingOf(flow::canonicalFlow(*document));
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kSame;
}

Result<int> diff(const DiffArguments& arguments) {
  if (arguments.textconv && !arguments.after.empty())
    return fail("cli.usage",
                "--textconv takes one document, found two: '" + arguments.before + "' and '" + arguments.after + "'");
  if (!arguments.textconv && arguments.after.empty())
    return fail("cli.usage",
                "expected two documents, found only '" + arguments.before + "'; name what to compare it with");
  return arguments.textconv ? list(arguments.before) : compare(arguments);
}

}  // namespace

void addDiff(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("diff",
                                     "Say what differs between two versions of a flow.\nNodes, edges, settings, "
                                     "parameters, alerts; where things stand "
                                     "on the canvas does not count.");
  auto arguments = std::make_shared<DiffArguments>();
  command
      ->add_option("BEFORE", arguments->before,
                   "The old document: a file, - for standard input, or git:REVISION:PATH; or a file of tests "
                   "(NAME.test.json)")
      ->required();
  command->add_option("AFTER", arguments->after, "The new one, named in the same ways");
  command->add_option("--format", arguments->format, "text, markdown (for pull requests) or json")
      ->check(oneOf("text markdown json"))
      ->type_name("FORM")
      ->capture_default_str();
  command->add_flag("--all", arguments->all,
                    "Count positions, sizes, colours, times of saving and the order of lists too");
  command->add_option("--color", arguments->colour, "auto (on a terminal, unless NO_COLOR is set), always or never")
      ->check(oneOf("auto always never"))
      ->type_name("WHEN")
      ->capture_default_str();
  command->add_flag("--textconv", arguments->textconv,
                    "Print one document as lines for git to compare; what is no flow as it is");
  addFooter(*command, "0 they say the same\n1 they differ\n2 one is no flow, or cannot be read",
            "weir diff old.flow.json new.flow.json\nweir diff git:HEAD:orders.flow.json orders.flow.json\n"
            "weir diff --format markdown git:main:orders.flow.json orders.flow.json");
  command->callback([arguments, &exitCode] {
    const auto code = diff(*arguments);
    if (!code) printError(code.error());
    exitCode = code ? *code : kTrouble;
  });
}

}  // namespace weir::cli
