// weir validate, fmt, migrate, graph, new: what is done with a document without running it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/flow-file.h"
#include "engine/flow/format.h"
#include "engine/flow/graph.h"
#include "engine/flow/validate.h"
#include "engine/json/writer.h"

namespace weir::cli {
namespace {

struct DocumentArguments {
  std::vector<std::string> flows, sets;
  bool json = false, check = false, plan = false;
  std::string as = "text", name;
};

Result<int> validateAll(const DocumentArguments& arguments, const Shared& shared) {
  WEIR_ASSIGN(auto catalogue, loadCatalogue(shared));
  int code = kDone;
  auto list = json::Value::array();
  for (const auto& path : arguments.flows) {
    const auto document = readFlow(path, arguments.json ? &list : nullptr);
    if (!document) {
      code = kUsage;
      continue;
    }
    WEIR_ASSIGN(auto options, planOptions(path, arguments.sets));
    options.parametersOpen = true;
    options.mounts.reset();
    const auto found = flow::validate(*document, catalogue, options);
    if (arguments.json) {
      addProblems(found.problems, path, list);
    } else {
      printProblems(found.problems, path);
    }
    if (found.failed()) {
      code = kUsage;
      continue;
    }
    if (arguments.json) continue;
    std::printf("%s: valid, %zu nodes, %zu edges, %s\n", path.c_str(), document->nodes.size(), document->edges.size(),
                found.deterministic ? "deterministic" : "not deterministic:");
    for (const auto& reason : found.whyNotDeterministic) std::printf("  %s\n", reason.c_str());
    if (!document->migratedFrom.empty())
      std::printf("  written in format %s; weir migrate %s brings it to %s\n", document->migratedFrom.c_str(),
                  path.c_str(), std::string(flow::kDocumentVersion).c_str());
    if (found.branches.size() > 1) std::printf("  %zu independent branches\n", found.branches.size());
  }
  if (arguments.json) std::printf("%s\n", json::write(list, json::Layout::pretty).c_str());
  return code;
}

Result<int> formatAll(const DocumentArguments& arguments) {
  int code = kDone;
  for (const auto& path : arguments.flows) {
    WEIR_ASSIGN(const auto text, readText(path));
    const auto document = flow::parseFlow(text);
    if (!document) {
      printProblems(document.error(), path);
      code = kUsage;
      continue;
    }
    const auto formatted = flow::formatFlow(*document);
    if (path == "-") {
      std::fwrite(formatted.data(), 1, formatted.size(), stdout);
    } else if (formatted != text && arguments.check) {
      std::printf("%s is not formatted; run weir fmt %s\n", path.c_str(), path.c_str());
      code = kFailed;
    } else if (formatted != text) {
      WEIR_TRY(writeText(path, formatted));
      std::printf("%s formatted\n", path.c_str());
    }
  }
  return code;
}

Result<int> migrateAll(const DocumentArguments& arguments) {
  int code = kDone;
  const std::string current(flow::kDocumentVersion);
  for (const auto& path : arguments.flows) {
    const auto document = readFlow(path);
    if (!document) {
      code = kUsage;
      continue;
    }
    const auto& from = document->migratedFrom;
    if (path == "-") {
      const auto text = flow::formatFlow(*document);
      std::fwrite(text.data(), 1, text.size(), stdout);
    } else if (from.empty()) {
      std::printf("%s has format %s already\n", path.c_str(), current.c_str());
    } else if (arguments.check) {
      std::printf("%s has format %s; run weir migrate %s\n", path.c_str(), from.c_str(), path.c_str());
      code = kFailed;
    } else {
      WEIR_TRY(writeText(path, flow::formatFlow(*document)));
      std::printf("%s migrated from format %s to %s\n", path.c_str(), from.c_str(), current.c_str());
    }
  }
  return code;
}

Result<int> drawGraph(const DocumentArguments& arguments, const Shared& shared) {
  WEIR_ASSIGN(auto catalogue, loadCatalogue(shared));
  const auto& path = arguments.flows[0];
  const auto document = readFlow(path);
  if (!document) return kUsage;
  flow::Problems problems;
  flow::checkDrawable(*document, problems);
  if (problems.failed()) {
    problems.locate(document->source);
    printProblems(problems, path);
    return kUsage;
  }
  std::string text;
  if (arguments.plan) {
    WEIR_ASSIGN(const auto options, planOptions(path, arguments.sets));
    const auto plan = flow::makePlan(*document, catalogue, options);
    if (!plan) {
      printProblems(plan.error(), path);
      return kUsage;
    }
    text = flow::describePlan(*plan);
  } else if (arguments.as == "mermaid") {
    text = flow::mermaidGraph(*document);
  } else if (arguments.as == "dot") {
    text = flow::dotGraph(*document);
  } else {
    text = flow::textGraph(*document);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kDone;
}

constexpr std::string_view kNewFlow = R"({
  "id": "NAME",
  "version": "1.0.0",
  "metadata": { "version": "0.1.0", "description": "Makes numbers, keeps some, and shows them" },
  "parameters": [ { "name": "rows", "type": "integer", "default": 10 } ],
  "nodes": [
    { "id": "numbers", "typeId": "generate/pattern", "version": "1.0.0", "settings": { "pattern": "sequential", "rows": "${rows}" } },
    { "id": "even", "typeId": "logic/filter", "version": "1.0.0", "settings": { "condition": "row.id % 2 == 0" } },
    { "id": "double", "typeId": "logic/map", "version": "1.0.0", "settings": { "set": { "twice": "row.value * 2.0" } } },
    { "id": "show", "typeId": "debug/log", "version": "1.0.0", "settings": {} }
  ],
  "edges": [
    { "id": "e1", "source": { "node": "numbers", "port": "rows" }, "target": { "node": "even", "port": "rows" } },
    { "id": "e2", "source": { "node": "even", "port": "match" }, "target": { "node": "double", "port": "rows" } },
    { "id": "e3", "source": { "node": "double", "port": "rows" }, "target": { "node": "show", "port": "rows" } }
  ]
}
)";

Result<int> makeNew(const DocumentArguments& arguments) {
  auto name = arguments.name;
  if (name.ends_with(".flow.json")) name.resize(name.size() - 10);
  const auto id = std::filesystem::path(name).filename().string();
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  if (id.empty() || id.front() == '.' || !std::ranges::all_of(id, fits))
    return fail("flow.id", "'" + id + "' cannot be the name of a flow; use letters, digits, dashes and dots");
  const auto path = name + ".flow.json";
  std::error_code unknown;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, unknown)))
    return fail("files.exists", "'" + path + "' is there already; choose another name");
  std::string text(kNewFlow);
  text.replace(text.find("NAME"), 4, id);
  const auto document = flow::parseFlow(text);
  if (!document) {
    printProblems(document.error(), path);
    return fail("flow.id", "'" + name + "' cannot be the name of a flow; use letters, digits and dashes");
  }
  WEIR_TRY(writeText(path, flow::formatFlow(*document)));
  std::printf("%s written; run it with: weir run %s\n", path.c_str(), path.c_str());
  return kDone;
}

}  // namespace

void addValidate(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand(
      "validate", "Check flows without running them.\nAll problems at once, and whether a flow is deterministic.");
  auto arguments = std::make_shared<DocumentArguments>();
  command->add_option("FLOWS", arguments->flows, "Flow documents (NAME.flow.json)")->required();
  addParameters(*command, arguments->sets);
  addNodeFolders(*command, shared);
  command->add_flag("--json", arguments->json,
                    "Print the problems as one JSON list: file, severity, code, pointer, message, suggestion");
  addFooter(*command, "0 all are valid\n2 one is not, or cannot be read",
            "weir validate *.flow.json\nweir validate --json orders.flow.json");
  command->callback([arguments, &shared, &exitCode] { finish(validateAll(*arguments, shared), exitCode); });
}

void addFormat(CLI::App& app, Shared&, int& exitCode) {
  auto* command = app.add_subcommand("fmt", "Write flows in their canonical form.\nThe files are changed in place.");
  auto arguments = std::make_shared<DocumentArguments>();
  command->add_option("FLOWS", arguments->flows, "Flow documents; - reads standard input and writes standard output")
      ->required();
  command->add_flag("--check", arguments->check, "Write nothing; name the flows that are not formatted");
  addFooter(*command, "0 done\n1 --check found flows that are not formatted\n2 a document is not valid JSON or no flow",
            "weir fmt *.flow.json\nweir fmt --check orders.flow.json");
  command->callback([arguments, &exitCode] { finish(formatAll(*arguments), exitCode); });
}

void addMigrate(CLI::App& app, Shared&, int& exitCode) {
  auto* command =
      app.add_subcommand("migrate", "Bring flows of older formats to today's.\nThe files are changed in place.");
  auto arguments = std::make_shared<DocumentArguments>();
  command->add_option("FLOWS", arguments->flows, "Flow documents; - reads standard input and writes standard output")
      ->required();
  command->add_flag("--check", arguments->check, "Write nothing; name the flows of older formats");
  addFooter(
      *command,
      "0 done\n1 --check found flows of older formats\n2 a document is not valid JSON, no flow, or cannot be read",
      "weir migrate *.flow.json\nweir migrate --check orders.flow.json");
  command->callback([arguments, &exitCode] { finish(migrateAll(*arguments), exitCode); });
}

void addGraph(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand("graph", "Draw a flow: in the terminal, as Mermaid or DOT.\nOr show its plan.");
  auto arguments = std::make_shared<DocumentArguments>();
  command->add_option("FLOW", arguments->flows, "The flow document")->required()->expected(1);
  command->add_option("--as", arguments->as, "text, mermaid or dot")
      ->check(oneOf("text mermaid dot"))
      ->type_name("FORM")
      ->capture_default_str();
  addParameters(*command, arguments->sets);
  addNodeFolders(*command, shared);
  command->add_flag("--plan", arguments->plan,
                    "What the engine will do: fields read, filters handed to sources, bounds, spilling");
  addFooter(*command, "0 done\n2 the document is not valid, or cannot be read",
            "weir graph hello.flow.json\nweir graph hello.flow.json --as mermaid\nweir graph hello.flow.json --plan");
  command->callback([arguments, &shared, &exitCode] { finish(drawGraph(*arguments, shared), exitCode); });
}

void addNew(CLI::App& app, Shared&, int& exitCode) {
  auto* command = app.add_subcommand("new", "Write a flow to start from.\nIt is valid, formatted, and runs.");
  auto arguments = std::make_shared<DocumentArguments>();
  command->add_option("NAME", arguments->name, "The flow's name; NAME.flow.json is written")->required();
  addFooter(*command, "0 done\n1 the file cannot be written\n2 the name cannot be one, or the file is there already",
            "weir new hello && weir run hello.flow.json");
  command->callback([arguments, &exitCode] { finish(makeNew(*arguments), exitCode); });
}

}  // namespace weir::cli
