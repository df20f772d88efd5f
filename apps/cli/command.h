// What every command of `weir` has: options of its own, and a body that gives the exit code.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/node/catalogue.h"

namespace CLI {
class App;
}

namespace weir::cli {

/// Options that several commands share.
struct Shared {
  std::vector<std::string> nodeFolders;  // --nodes DIR
  bool quiet = false;
};

/// Exit codes (semantics.md, A bad row).
inline constexpr int kDone = 0, kFailed = 1, kUsage = 2, kDeadLetters = 3;

/// Built-ins and the packages of --nodes; refusals are named on standard error.
[[nodiscard]] Result<Catalogue> loadCatalogue(const Shared& shared);

/// Reads a whole file, or standard input for "-".
[[nodiscard]] Result<std::string> readText(const std::string& path);
/// False too where nobody can tell.
[[nodiscard]] bool isFolder(const std::string& path);
/// Writes a whole file by a temporary name and rename; what is no file (a device, a pipe) is written as it comes.
[[nodiscard]] Result<void> writeText(const std::string& path, std::string_view text);
/// Whether writeText could write there now; leaves nothing behind. Errors as writeText's.
[[nodiscard]] Result<void> checkWritable(const std::string& path);

/// `error: sentence [code]` on standard error.
void printError(const Error& error);

/// How the program ends by it.
[[nodiscard]] int exitCodeOf(const Error& error);

/// Tells what went wrong, if anything did, and says how the program ends: an error of the machine is a failure, any
/// other one is the caller's.
void finish(const Result<int>& code, int& exitCode);

// Each adds its subcommand; the result of the chosen one goes to `exitCode`.
void addAudit(CLI::App& app, int& exitCode);
void addEval(CLI::App& app, Shared& shared, int& exitCode);
void addNodes(CLI::App& app, Shared& shared, int& exitCode);
void addVersion(CLI::App& app, Shared& shared, int& exitCode);
void addRun(CLI::App& app, Shared& shared, int& exitCode);
void addValidate(CLI::App& app, Shared& shared, int& exitCode);
void addFormat(CLI::App& app, Shared& shared, int& exitCode);
void addMigrate(CLI::App& app, Shared& shared, int& exitCode);
void addDiff(CLI::App& app, int& exitCode);
void addMerge(CLI::App& app, Shared& shared, int& exitCode);
void addGitSetup(CLI::App& app, int& exitCode);
void addPlan(CLI::App& app, int& exitCode);
void addApply(CLI::App& app, int& exitCode);
void addPull(CLI::App& app, int& exitCode);
void addGraph(CLI::App& app, Shared& shared, int& exitCode);
void addNew(CLI::App& app, Shared& shared, int& exitCode);
void addTest(CLI::App& app, Shared& shared, int& exitCode);
void addInspect(CLI::App& app, Shared& shared, int& exitCode);
void addConvert(CLI::App& app, Shared& shared, int& exitCode);
void addBench(CLI::App& app, Shared& shared, int& exitCode);
void addTrace(CLI::App& app, int& exitCode);
void addDeadLetters(CLI::App& app, Shared& shared, int& exitCode);
void addSchedule(CLI::App& app, Shared& shared, int& exitCode);
void addSeal(CLI::App& app, int& exitCode);
void addRecord(CLI::App& app, Shared& shared, int& exitCode);
void addReplay(CLI::App& app, Shared& shared, int& exitCode);
void addRuns(CLI::App& app, int& exitCode);
void addTop(CLI::App& app, int& exitCode);
void addTap(CLI::App& app, int& exitCode);
void addAlerts(CLI::App& app, int& exitCode);
void addDebug(CLI::App& app, int& exitCode);
void addBackup(CLI::App& app, int& exitCode);
void addRestore(CLI::App& app, int& exitCode);
void addUpgrade(CLI::App& app, int& exitCode);
void addEncrypt(CLI::App& app, int& exitCode);
void addRotateKeys(CLI::App& app, int& exitCode);
void addSetupLink(CLI::App& app, int& exitCode);
void addServe(CLI::App& app, Shared& shared, int& exitCode);
void addEngine(CLI::App& app, int& exitCode);
void addCompletion(CLI::App& app, int& exitCode);
void addHelp(CLI::App& app, int& exitCode);
void addManual(CLI::App& app, int& exitCode);

}  // namespace weir::cli
