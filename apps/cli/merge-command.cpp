// weir merge: two changed versions of a flow made one, also for git.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/git-program.h"
#include "engine/flow/flow-merge.h"
#include "engine/flow/format.h"
#include "engine/json/writer.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

constexpr int kMerged = 0, kConflicts = 1, kTrouble = 2;

struct MergeArguments {
  std::string base, ours, theirs, out, favour, path;
  int markerSize = 7;
  bool json = false, git = false;
};

/// The three documents; a base without text is none.
struct Versions {
  std::optional<flow::FlowDocument> base;
  flow::FlowDocument ours, theirs;
};

/// Nothing, and its problems printed, if one is no flow.
Result<std::optional<Versions>> readVersions(const MergeArguments& arguments) {
  if ((arguments.base == "-") + (arguments.ours == "-") + (arguments.theirs == "-") > 1)
    return fail("cli.usage", "standard input ('-') can be read once only; name files");
  Versions versions;
  bool whole = true;
  const auto read = [&](const std::string& path) -> Result<std::optional<flow::FlowDocument>> {
    WEIR_ASSIGN(const auto text, readText(path));
    if (&path == &arguments.base && text.find_first_not_of(" \t\r\n") == std::string::npos) return std::nullopt;
    auto document = flow::parseFlow(text);
    if (document) return std::optional(std::move(*document));
    printProblems(document.error(), arguments.git ? arguments.path : path);
    whole = false;
    return std::nullopt;
  };
  WEIR_ASSIGN(versions.base, read(arguments.base));
  WEIR_ASSIGN(auto ours, read(arguments.ours));
  WEIR_ASSIGN(auto theirs, read(arguments.theirs));
  if (!whole) return std::optional<Versions>();
  versions.ours = std::move(*ours);
  versions.theirs = std::move(*theirs);
  return std::optional(std::move(versions));
}

void printConflict(const flow::MergeConflict& conflict, const std::string& file) {
  std::string text = file + ": conflict: " + conflict.where;
  if (!conflict.pointer.empty()) text += " (" + conflict.pointer + ")";
  text += ": " + conflict.message;
  std::fprintf(stderr, "%s\n", printable(text).c_str());
  const auto side = [](const char* name, const std::optional<json::Value>& value) {
    const auto said = value ? flow::oneLine(*value) : std::string("not there");
    constexpr std::size_t kMost = 400;
    std::fprintf(stderr, "  %-7s %s%s\n", name, printable(said.substr(0, kMost)).c_str(),
                 said.size() > kMost ? "…" : "");
  };
  if (conflict.kind == flow::ConflictKind::invalid) return;
  side("base", conflict.base);
  side("ours", conflict.ours);
  side("theirs", conflict.theirs);
}

std::string outcomeJson(const flow::FlowMerge& merge, const std::string& text) {
  auto value = flow::toJson(merge);
  value.remove("theirs");
  value.set("text", text);
  value.set("merged", merge.conflicts.empty());
  return json::write(value, json::Layout::pretty) + "\n";
}

Result<int> write(const flow::FlowMerge& merge, const MergeArguments& arguments) {
  const auto file = arguments.git ? arguments.path : arguments.ours;
  std::string text = arguments.favour == "ours"     ? merge.text
                     : arguments.favour == "theirs" ? merge.theirs
                                                    : std::string();
  if (arguments.favour.empty())
    text = flow::withMarkers(merge, {.size = static_cast<std::size_t>(arguments.markerSize)});
  for (const auto& note : merge.notes)
    std::fprintf(stderr, "%s: note: %s\n", printable(file).c_str(), printable(note).c_str());
  bool open = false;
  for (const auto& conflict : merge.conflicts) {
    printConflict(conflict, file);
    const bool settled = !arguments.favour.empty() && conflict.kind != flow::ConflictKind::invalid;
    if (settled) std::fprintf(stderr, "  settled as %s has it\n", arguments.favour.c_str());
    open = open || !settled;
  }
  const auto shown = arguments.json ? outcomeJson(merge, text) : text;
  if (!arguments.out.empty()) WEIR_TRY(writeText(arguments.out, text));
  if (arguments.out.empty() || arguments.json) std::fwrite(shown.data(), 1, shown.size(), stdout);
  return open ? kConflicts : kMerged;
}

/// As if there were no weir: git merges line by line into OURS, or leaves it as it is if that cannot be done either.
Result<int> mergeAsGit(const MergeArguments& arguments) {
  const auto size = "--marker-size=" + std::to_string(arguments.markerSize);
  WEIR_ASSIGN(const auto answer, runGit({"merge-file", size, "-L", "ours", "-L", "base", "-L", "theirs", arguments.ours,
                                         arguments.base, arguments.theirs}));
  if (answer.code > 127) {
    std::fprintf(stderr, "%s: not merged, ours is left as it is: %s\n", printable(arguments.path).c_str(),
                 printable(complaintOf(answer)).c_str());
    return kConflicts;
  }
  std::fprintf(stderr, "%s: not every version is a flow, so git merged it line by line\n",
               printable(arguments.path).c_str());
  return answer.code == 0 ? kMerged : kConflicts;
}

Result<int> merge(MergeArguments arguments, const Shared& shared) {
  if (arguments.git) {
    arguments.out = arguments.ours;
    if (arguments.path.empty()) arguments.path = arguments.ours;
  }
  WEIR_ASSIGN(const auto versions, readVersions(arguments));
  if (!versions) return arguments.git ? mergeAsGit(arguments) : Result<int>(kTrouble);
  WEIR_ASSIGN(const auto catalogue, loadCatalogue(shared));
  WEIR_ASSIGN(auto validate, planOptions(arguments.git ? arguments.path : arguments.ours, {}));
  validate.parametersOpen = true;
  validate.mounts.reset();
  const auto& base = versions->base;
  const auto merged = flow::mergeFlows(base ? &*base : nullptr, versions->ours, versions->theirs,
                                       {.catalogue = &catalogue, .validate = std::move(validate)});
  if (merged) return write(*merged, arguments);
  printProblems(merged.error(), "the merged flow");
  return arguments.git ? mergeAsGit(arguments) : Result<int>(kTrouble);
}

}  // namespace

void addMerge(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand("merge",
                                     "Make one flow of two that began as one.\nChanges of different things, and of "
                                     "different settings of one node, both "
                                     "hold; what\nconflicts is listed, and stands between markers in the result.");
  auto arguments = std::make_shared<MergeArguments>();
  command->add_option("BASE", arguments->base, "The document both began with; an empty file if there was none")
      ->required();
  command->add_option("OURS", arguments->ours, "The one version")->required();
  command->add_option("THEIRS", arguments->theirs, "The other version")->required();
  auto* out = command->add_option("-o,--out", arguments->out, "Write the result there; default: standard output")
                  ->type_name("FILE");
  command->add_option("--favor", arguments->favour, "Settle conflicts as one side has it: ours or theirs")
      ->check(oneOf("ours theirs"))
      ->type_name("SIDE");
  command->add_flag("--json", arguments->json, "Print the outcome as JSON: text, conflicts, notes, merged");
  command->add_option("--marker-size", arguments->markerSize, "How many < = > a marker has")
      ->check(CLI::Range(1, 1000).description(""))
      ->type_name("N")
      ->capture_default_str();
  auto* git = command->add_flag("--git", arguments->git,
                                "As git's merge driver: write to OURS; what is no flow is merged by git, line by line");
  git->excludes(out);
  command->add_option("--path", arguments->path, "What the file is called, for messages and for flows beside it")
      ->type_name("PATH");
  addNodeFolders(*command, shared);
  addFooter(*command, "0 merged\n1 there are conflicts\n2 a document is no flow, or cannot be read or written",
            "weir merge base.flow.json mine.flow.json theirs.flow.json -o orders.flow.json\n"
            "weir git-setup     (git merges flows with it)");
  command->callback([arguments, &shared, &exitCode] {
    const auto code = merge(*arguments, shared);
    if (!code) printError(code.error());
    exitCode = code ? *code : kTrouble;
  });
}

}  // namespace weir::cli
