// weir dead-letters replay: rows that failed go through the rest of their flow again.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/dead-letters-command.h"
#include "apps/cli/driven-run.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/flow-journal.h"
#include "apps/cli/letter-feeds.h"
#include "apps/cli/place.h"
#include "apps/cli/progress.h"
#include "apps/cli/replay-plan.h"
#include "apps/cli/signal-watch.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

struct ReplayArguments {
  LetterChoice choice;
  std::string flow, secrets, events;
  std::vector<std::string> sets, mounts;
  int threads = 0;
  bool overwrite = false;
};

void tellPlan(const ReplayPlan& replay, const std::map<LetterPlace, std::int64_t>& counts) {
  for (const auto& note : replay.notes) std::fprintf(stderr, "note: %s\n", printable(note).c_str());
  for (const auto& [place, why] : replay.left) {
    std::fprintf(stderr, "note: %s of '%s' cannot be replayed and stay: %s\n", grouped(counts.at(place)).c_str(),
                 printable(place.first).c_str(), printable(why).c_str());
  }
}

Result<int> runReplay(const ReplayArguments& arguments, const Shared& shared, const std::vector<LetterFile>& files,
                      ReplayPlan replay, FileFeeds& feeds, NamedTexts mounts) {
  keepInMemory(replay.plan);
  PlaceOptions placing;
  placing.plan = &replay.plan;
  placing.projectFolder = folderOf(arguments.flow);
  placing.mounts = std::move(mounts);
  placing.threads = arguments.threads > 0 ? arguments.threads : replay.plan.limits.threads;
  WEIR_ASSIGN(placing.secrets, native::Secrets::load(arguments.secrets));
  Place place(placing);
  auto hosts = place.hosts();
  hosts.add<LetterFeeds>(feeds);
  RunOptions options;
  options.runId = newRunId(replay.plan, std::nullopt, place.clock());
  // They have failed before: nobody wants the replay to end because of that.
  options.maxErrors = INT64_MAX;
  if (replay.plan.limits.memoryBytes > 0) options.memoryLimitBytes = replay.plan.limits.memoryBytes;
  const auto say = [&place](const std::string& text) { place.screen().lines("warning: " + text + "\n"); };
  DeadLetterFiles letters(place.files(), place.clock(), "project:.weir/dead-letters", options.runId, {}, say);
  options.deadLetters = &letters;
  WEIR_ASSIGN(auto events, EventFile::open(arguments.events));
  WEIR_ASSIGN(const auto run, Run::make(replay.plan, std::move(options), hosts, place.workers()));
  const auto result = driveRun(*run, shared, place.screen(), letters, events);
  const bool well = result.outcome == Outcome::done && SignalWatch::seen() == 0 && !letters.failure();
  if (!well) letters.takeBack();
  tellEnd(result, letters, placing.projectFolder);
  if (!well) {
    std::fprintf(stderr, "the dead letters of %s are as they were\n", files.front().run.c_str());
    return SignalWatch::exitCodeOf(result);
  }
  WEIR_TRY(removeReplayed(files, replay, arguments.choice));
  return SignalWatch::exitCodeOf(result);
}

Result<int> replayLetters(const ReplayArguments& arguments, const Shared& shared) {
  auto choice = arguments.choice;
  const auto folder = lettersFolder(choice.folder.empty() ? folderOf(arguments.flow) : choice.folder);
  WEIR_ASSIGN(const auto files, filesOfRun(folder, choice.run));
  WEIR_TRY(refuseLive(files));
  WEIR_ASSIGN(const auto lock, LettersLock::take(folder));
  WEIR_ASSIGN(auto catalogue, loadCatalogue(shared));
  WEIR_ASSIGN(auto mounts, namedTexts(arguments.mounts, "--mount"));
  const auto document = readFlow(arguments.flow);
  if (!document) return kUsage;
  WEIR_ASSIGN(const auto planning, planOptions(arguments.flow, arguments.sets, arguments.mounts));
  auto plan = flow::makePlan(*document, catalogue, planning);
  if (!plan) {
    printProblems(plan.error(), arguments.flow);
    return kUsage;
  }
  WEIR_ASSIGN(const auto counts, countPlaces(files, choice));
  std::vector<LetterPlace> places;
  for (const auto& [place, count] : counts) places.push_back(place);
  WEIR_ASSIGN(auto replay, replayPlan(std::move(*plan), places, arguments.overwrite));
  tellPlan(replay, counts);
  if (replay.feeders.empty()) {
    return fail("dead_letters.nothing",
                places.empty() ? "none of the letters of " + files.front().run + " is meant by these options"
                               : "none of these letters can be replayed into '" + arguments.flow + "'");
  }
  FileFeeds feeds(files, choice);
  for (const auto& [feeder, place] : replay.feeders) feeds.add(feeder, place);
  return runReplay(arguments, shared, files, std::move(replay), feeds, std::move(mounts));
}

}  // namespace

void addLettersReplay(CLI::App& letters, Shared& shared, int& exitCode) {
  auto* command = letters.add_subcommand(
      "replay",
      "Feed dead letters into the node that failed, and run the rest of the flow.\nThose that fail again are dead "
      "letters of the new run; if it ends well, all that were replayed leave the old one.");
  auto arguments = std::make_shared<ReplayArguments>();
  arguments->choice.folder.clear();
  command->add_option("RUN", arguments->choice.run, "The run's id or how it begins; last: the newest")->required();
  command->add_option("FLOW", arguments->flow, "The flow document, as it is now")->required();
  command->add_option("--in", arguments->choice.folder, "Where the letters are, if not beside FLOW")->type_name("DIR");
  addRepeated(*command, "--code", arguments->choice.codes, "CODE", "Only letters with this error code");
  addRepeated(*command, "--node", arguments->choice.nodes, "ID", "Only letters of this node or edge");
  command->add_flag("--edited", arguments->choice.editedOnly, "Only letters whose rows were edited");
  command->add_flag("--overwrite", arguments->overwrite, "Writers replace their files by what the replay gives");
  addParameters(*command, arguments->sets);
  addRepeated(*command, "--mount", arguments->mounts, "NAME=DIR", "A folder that paths of the flow name as NAME:path");
  addNodeFolders(*command, shared);
  addThreads(*command, arguments->threads);
  command
      ->add_option("--secrets", arguments->secrets,
                   "A JSON file of mode 0600 with what ${secret:NAME} stands for; also read: WEIR_SECRET_NAME in the "
                   "environment")
      ->type_name("FILE");
  command->add_option("--events", arguments->events, "Write what happens to the run to FILE, as NDJSON")
      ->type_name("FILE");
  command->add_flag("-q,--quiet", shared.quiet, "No progress; errors are still told");
  addFooter(*command,
            "0  all went through\n1  failed: the letters are as they were\n2  wrong usage\n3  some failed again\n"
            "129, 130, 143 stopped: the letters are as they were",
            "weir dead-letters replay last orders.flow.json\nweir dead-letters replay last orders.flow.json --edited");
  command->callback([arguments, &shared, &exitCode] { finish(replayLetters(*arguments, shared), exitCode); });
}

}  // namespace weir::cli
