// weir git-setup: has git compare and merge flows by what they say.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>

#include "apps/cli/arguments.h"
#include "apps/cli/git-program.h"
#include "engine/flow/line-diff.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAttributes = "*.flow.json diff=weir merge=weir";

struct SetupArguments {
  bool global = false, remove = false;
};

using Setting = std::pair<std::string, std::string>;

/// For a shell, as one word.
std::string shellWord(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// How git finds this program.
struct Program {
  bool byName = false;  // a shell finds it as `weir`
  std::string path;     // where it is now
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

/// Commands for a shell: `then` calls the program as "$w", `otherwise` is done where it is not found, and said.
std::string guarded(const Program& program, const std::string& then, const std::string& otherwise) {
  const auto path = shellWord(program.path);
  auto text = program.byName ? "w=weir; command -v $w >/dev/null 2>&1 || w=" + path : "w=" + path;
  text += "; if command -v \"$w\" >/dev/null 2>&1; then " + then +
          "; else echo \"weir is not at $w any more: flows are taken as lines; run weir git-setup once again\" >&2; " +
          otherwise + "; fi";
  return text;
}

std::vector<Setting> settingsFor(const Program& program) {
  // git puts words in for what begins with a %.
  const Program inDriver{program.byName, replaced(program.path, "%", "%%")};
  return {
      {"diff.weir.textconv", "f() { " + guarded(program, "\"$w\" diff --textconv \"$1\"", "cat \"$1\"") + "; }; f"},
      // What stands behind the @@ of a hunk.
      {"diff.weir.xfuncname", "^((flow|parameter|input|output|node|edge|group|note|widget|dashboard|alert) .*)$"},
      {"merge.weir.name", "flows by node and setting"},
      {"merge.weir.driver", guarded(inDriver, "\"$w\" merge --git --marker-size=%L --path=%P %O %A %B",
                                    "git merge-file --marker-size=%L %A %O %B")},
      {"difftool.weir.cmd", guarded(program, "\"$w\" diff \"$LOCAL\" \"$REMOTE\"", "diff \"$LOCAL\" \"$REMOTE\"")},
  };
}

/// Whether the first `weir` on PATH is that file.
bool isOnPath(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path == nullptr ? "" : path; !rest.empty();) {
    const auto end = std::min(rest.find(':'), rest.size());
    const auto candidate = std::string(rest.substr(0, end)) + "/weir";
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (::access(candidate.c_str(), X_OK) != 0) continue;
    std::error_code error;
    return fs::equivalent(candidate, program, error) && !error;
  }
  return false;
}

Result<Program> thisProgram() {
  std::error_code error;
  auto path = fs::read_symlink("/proc/self/exe", error);
  if (error) return fail("files.io", "cannot tell where this program is: " + error.message());
  return Program{isOnPath(path.string()), path.string()};
}

/// What git prints, without its line end; nothing if it ends with another code than 0.
Result<std::optional<std::string>> said(const std::vector<std::string>& arguments) {
  WEIR_ASSIGN(auto answer, runGit(arguments));
  if (answer.code != 0) return std::nullopt;
  if (answer.out.ends_with('\n')) answer.out.pop_back();
  return std::optional(std::move(answer.out));
}

Result<void> done(const std::vector<std::string>& arguments, const std::string& what) {
  WEIR_ASSIGN(const auto answer, runGit(arguments));
  if (answer.code == 0) return {};
  return fail("git.failed", "git could not " + what + ": " + complaintOf(answer));
}

Result<std::string> attributesFile(bool global) {
  if (!global) {
    WEIR_ASSIGN(const auto answer, runGit({"rev-parse", "--show-toplevel"}));
    if (answer.code != 0)
      return fail("git.failed", "there is no working tree of git here: " + complaintOf(answer) +
                                    "; go to the folder of one, or say --global");
    return answer.out.substr(0, answer.out.find('\n')) + "/.gitattributes";
  }
  WEIR_ASSIGN(const auto named, said({"config", "--global", "--type=path", "--get", "core.attributesFile"}));
  if (named && !named->empty()) return *named;
  const auto from = [](const char* variable) {
    const char* value = std::getenv(variable);
    return std::string(value == nullptr ? "" : value);
  };
  const auto config = from("XDG_CONFIG_HOME");
  if (!config.empty()) return config + "/git/attributes";
  if (from("HOME").empty())
    return fail("git.failed", "HOME is not set, so there is no file for attributes of all repositories; set it");
  return from("HOME") + "/.config/git/attributes";
}

bool isOurs(std::string_view line) {
  const auto end = line.find_last_not_of(" \t\r");
  return line.substr(0, end == std::string_view::npos ? 0 : end + 1) == kAttributes;
}

/// The lines of a file that may not be there.
Result<std::string> textIfThere(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::string();
  return readText(path);
}

Result<void> addAttributes(const std::string& path) {
  WEIR_ASSIGN(auto text, textIfThere(path));
  for (const auto line : flow::linesOf(text)) {
    if (!isOurs(line)) continue;
    std::printf("%s: '%s' is there already\n", printable(path).c_str(), std::string(kAttributes).c_str());
    return {};
  }
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text.append(kAttributes).append("\n");
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  WEIR_TRY(writeText(path, text));
  std::printf("%s: '%s' added\n", printable(path).c_str(), std::string(kAttributes).c_str());
  return {};
}

Result<void> removeAttributes(const std::string& path) {
  WEIR_ASSIGN(const auto text, textIfThere(path));
  std::string left;
  bool found = false;
  for (const auto line : flow::linesOf(text)) {
    if (isOurs(line)) {
      found = true;
    } else {
      left.append(line).append("\n");
    }
  }
  if (!found) {
    std::printf("%s: nothing of weir is in it\n", printable(path).c_str());
    return {};
  }
  std::error_code error;
  if (left.empty()) {
    fs::remove(path, error);
    if (error) return fail("files.io", "cannot delete '" + path + "': " + error.message());
  } else {
    WEIR_TRY(writeText(path, left));
  }
  std::printf("%s: '%s' removed\n", printable(path).c_str(), std::string(kAttributes).c_str());
  return {};
}

Result<int> setUp(bool global) {
  const std::string scope = global ? "--global" : "--local";
  WEIR_ASSIGN(const auto attributes, attributesFile(global));
  WEIR_ASSIGN(const auto program, thisProgram());
  for (const auto& [key, value] : settingsFor(program)) {
    WEIR_ASSIGN(const auto old, said({"config", scope, "--get-all", key}));
    const bool same = old && *old == value;
    if (!same) WEIR_TRY(done({"config", scope, "--replace-all", key, value}, "set " + key));
    std::printf("git config %s %s: %s%s\n", scope.c_str(), key.c_str(), printable(value).c_str(),
                same ? " (as it was)" : "");
  }
  WEIR_TRY(addAttributes(attributes));
  std::printf(
      "\nFrom now on git compares flows (git diff, git log -p, git show) and merges them by what they say;\n"
      "'git difftool -t weir' shows what 'weir diff' does.\n");
  if (!global) {
    std::printf(
        "Commit .gitattributes; whoever clones the repository runs 'weir git-setup' once, and without it\n"
        "git compares and merges lines, as ever.\n");
  }
  std::printf("Undo: weir git-setup --remove%s\n", global ? " --global" : "");
  return kDone;
}

Result<int> takeOut(bool global) {
  const std::string scope = global ? "--global" : "--local";
  WEIR_ASSIGN(const auto attributes, attributesFile(global));
  for (const auto& setting : settingsFor({})) {
    const auto& key = setting.first;
    WEIR_ASSIGN(const auto old, said({"config", scope, "--get-all", key}));
    if (old) WEIR_TRY(done({"config", scope, "--unset-all", key}, "take out " + key));
    std::printf("git config %s %s: %s\n", scope.c_str(), key.c_str(), old ? "removed" : "not set");
  }
  WEIR_TRY(removeAttributes(attributes));
  return kDone;
}

}  // namespace

void addGitSetup(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand(
      "git-setup",
      "Have git compare and merge flows by what they say.\nSets weir as git's textconv, merge driver and difftool for "
      "*.flow.json, by its\nname where a shell finds it so and by its path, and says each thing it changes.\nRun "
      "again, it changes nothing but "
      "a path that is another one now.");
  auto arguments = std::make_shared<SetupArguments>();
  command->add_flag("--global", arguments->global,
                    "For all repositories of this user; default: the one of this folder");
  command->add_flag("--remove", arguments->remove, "Take out what git-setup has put in");
  addFooter(*command, "0 done\n1 a file cannot be written\n2 git is not there, or refuses; or this is no repository",
            "weir git-setup\nweir git-setup --global\nweir git-setup --remove");
  command->callback([arguments, &exitCode] {
    finish(arguments->remove ? takeOut(arguments->global) : setUp(arguments->global), exitCode);
  });
}

}  // namespace weir::cli
