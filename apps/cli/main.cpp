// weir: draws, checks and runs flows from a terminal.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "engine/data/check.h"
#include "engine/node/version.h"

namespace {

/// A broken promise of our own code: say where, and end with 70.
void reportBug(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "weir: bug: %s does not hold (%s:%d); please report it with the flow that led here\n", condition,
               file, line);
  std::_Exit(70);
}

/// Whether all that was printed has arrived: a full disk behind a `>` is a failure.
bool safelySaid() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  weir::cli::printError({"files.io", "cannot write to standard output; check the room on the disk"});
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  weir::setCheckReporter(reportBug);
  // A file larger than the shell's limit is an error of that write, not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app{"Weir runs flows: documents that say how rows go from sources through nodes to sinks.", "weir"};
  weir::cli::useHelpPages(app);
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Say what the program or a command takes");
  app.set_version_flag("--version", std::string(weir::kEngineVersion), "Say which version this is");
  app.footer(
      "'weir COMMAND --help' says what a command takes.\nStart with:  weir new hello && weir run hello.flow.json\n");
  weir::cli::Shared shared;
  int exitCode = weir::cli::kDone;
  weir::cli::addRun(app, shared, exitCode);
  weir::cli::addValidate(app, shared, exitCode);
  weir::cli::addFormat(app, shared, exitCode);
  weir::cli::addMigrate(app, shared, exitCode);
  weir::cli::addDiff(app, exitCode);
  weir::cli::addMerge(app, shared, exitCode);
  weir::cli::addGitSetup(app, exitCode);
  weir::cli::addPlan(app, exitCode);
  weir::cli::addApply(app, exitCode);
  weir::cli::addPull(app, exitCode);
  weir::cli::addGraph(app, shared, exitCode);
  weir::cli::addNew(app, shared, exitCode);
  weir::cli::addTest(app, shared, exitCode);
  weir::cli::addInspect(app, shared, exitCode);
  weir::cli::addConvert(app, shared, exitCode);
  weir::cli::addSeal(app, exitCode);
  weir::cli::addEval(app, shared, exitCode);
  weir::cli::addNodes(app, shared, exitCode);
  weir::cli::addBench(app, shared, exitCode);
  weir::cli::addServe(app, shared, exitCode);
  weir::cli::addSetupLink(app, exitCode);
  weir::cli::addAudit(app, exitCode);
  weir::cli::addBackup(app, exitCode);
  weir::cli::addRestore(app, exitCode);
  weir::cli::addUpgrade(app, exitCode);
  weir::cli::addEncrypt(app, exitCode);
  weir::cli::addRotateKeys(app, exitCode);
  weir::cli::addTrace(app, exitCode);
  weir::cli::addDeadLetters(app, shared, exitCode);
  weir::cli::addSchedule(app, shared, exitCode);
  weir::cli::addRecord(app, shared, exitCode);
  weir::cli::addReplay(app, shared, exitCode);
  weir::cli::addRuns(app, exitCode);
  weir::cli::addTop(app, exitCode);
  weir::cli::addTap(app, exitCode);
  weir::cli::addDebug(app, exitCode);
  weir::cli::addAlerts(app, exitCode);
  weir::cli::addEngine(app, exitCode);
  weir::cli::addCompletion(app, exitCode);
  weir::cli::addVersion(app, shared, exitCode);
  weir::cli::addHelp(app, exitCode);
  weir::cli::addManual(app, exitCode);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return weir::cli::explainMistake(app, problem);
  }
  return safelySaid() ? exitCode : weir::cli::kFailed;
}
