// weir dead-letters list, show, discard: the rows that runs have set aside.
#include "apps/cli/dead-letters-command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/progress.h"
#include "engine/data/value-json.h"
#include "engine/json/writer.h"
#include "engine/text/printable.h"
#include "engine/time/instant.h"

namespace weir::cli {
namespace {

std::string timeOf(std::int64_t micros) {
  const auto instant = micros == 0 ? std::nullopt : instantFromMicros(micros);
  return instant ? formatInstant(*instant) : std::string();
}

std::string ageText(std::int64_t micros) {
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  const auto hours = (now - micros) / 3'600'000'000;
  if (hours >= 48) return std::to_string(hours / 24) + " days ago";
  return timeText(std::max<std::int64_t>(0, now - micros)) + " ago";
}

/// All letters of one run, counted.
struct RunLetters {
  std::string run;
  std::vector<LetterFile> files;
  std::int64_t letters = 0, edited = 0, bytes = 0, newestMicros = 0;
  bool live = false, unfinished = false;
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;  // node, code
  std::optional<Error> damage;
};

RunLetters countRun(std::string run, std::vector<LetterFile> files) {
  RunLetters out;
  out.run = std::move(run);
  out.files = std::move(files);
  for (const auto& file : out.files) {
    out.bytes += file.bytes;
    out.newestMicros = std::max(out.newestMicros, file.modifiedMicros);
    out.live |= file.live;
    out.unfinished |= file.part && !file.live;
  }
  auto read = visitLetters(out.files, [&out](std::int64_t, const DeadLetter& letter) -> Result<bool> {
    ++out.letters;
    out.edited += letter.edited ? 1 : 0;
    ++out.counts[{letter.packet.nodeId, letter.packet.code}];
    return true;
  });
  if (!read) out.damage = std::move(read.error());
  return out;
}

std::string jsonOf(const RunLetters& run) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("run").value(run.run).key("letters").value(run.letters).key("edited").value(run.edited);
  out.key("bytes").value(run.bytes).key("newest").value(timeOf(run.newestMicros));
  out.key("state").value(run.live ? "live" : run.unfinished ? "unfinished" : "whole");
  if (run.damage) out.key("damage").value(run.damage->message);
  out.key("counts").beginArray();
  for (const auto& [what, count] : run.counts) {
    out.beginObject().key("nodeId").value(what.first).key("code").value(what.second).key("letters").value(count);
    out.endObject();
  }
  out.endArray().endObject();
  return text + "\n";
}

void print(const RunLetters& run) {
  std::printf("%s  %s letter%s  %s  %s%s%s\n", printable(run.run).c_str(), grouped(run.letters).c_str(),
              run.letters == 1 ? "" : "s", bytesText(run.bytes).c_str(), ageText(run.newestMicros).c_str(),
              run.live         ? "  (its run goes on)"
              : run.unfinished ? "  (its run ended without a word)"
                               : "",
              run.edited > 0 ? ("  " + grouped(run.edited) + " edited").c_str() : "");
  for (const auto& [what, count] : run.counts) {
    std::printf("  %10s  %s  %s\n", grouped(count).c_str(), printable(what.first).c_str(),
                printable(what.second).c_str());
  }
  if (run.damage) printError(*run.damage);
}

Result<int> list(const std::string& folder, bool asJson) {
  WEIR_ASSIGN(const auto files, letterFiles(lettersFolder(folder)));
  std::vector<RunLetters> runs;
  for (auto at = files.begin(); at != files.end();) {
    const auto end = std::find_if(at, files.end(), [&](const LetterFile& file) { return file.run != at->run; });
    runs.push_back(countRun(at->run, {at, end}));
    at = end;
  }
  std::ranges::stable_sort(runs, {}, &RunLetters::newestMicros);
  for (const auto& run : runs) {
    if (asJson) {
      std::fputs(jsonOf(run).c_str(), stdout);
    } else {
      print(run);
    }
  }
  if (runs.empty() && !asJson) std::printf("no dead letters in %s\n", printable(lettersFolder(folder)).c_str());
  const bool damaged = std::ranges::any_of(runs, [](const RunLetters& run) { return run.damage.has_value(); });
  return damaged ? kFailed : kDone;
}

Result<int> show(const LetterChoice& choice, std::int64_t limit) {
  WEIR_ASSIGN(const auto files, filesOfRun(lettersFolder(choice.folder), choice.run));
  std::int64_t shown = 0;
  WEIR_TRY(visitLetters(files, [&](std::int64_t number, const DeadLetter& letter) -> Result<bool> {
    if (limit >= 0 && shown >= limit) return false;
    if (!choice.takes(number, letter)) return true;
    ++shown;
    const auto line = letterLine(number, letter);
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size())
      return fail("files.io", "cannot write to standard output; check the room on the disk");
    return true;
  }));
  return kDone;
}

Result<int> discard(const LetterChoice& choice) {
  const auto folder = lettersFolder(choice.folder);
  WEIR_ASSIGN(const auto files, filesOfRun(folder, choice.run));
  WEIR_TRY(refuseLive(files));
  WEIR_ASSIGN(const auto lock, LettersLock::take(folder));
  std::int64_t gone = 0, kept = 0;
  WEIR_TRY(rewriteLetters(files, [&](std::int64_t number, const DeadLetter& letter) -> std::optional<DeadLetter> {
    if (choice.takes(number, letter)) {
      ++gone;
      return std::nullopt;
    }
    ++kept;
    return letter;
  }));
  std::printf("%s discarded, %s left\n", grouped(gone).c_str(), grouped(kept).c_str());
  return kDone;
}

void addFolder(CLI::App& command, std::string& folder) {
  command.add_option("--in", folder, "The folder of the flow")->type_name("DIR")->capture_default_str();
}

}  // namespace

bool LetterChoice::takes(std::int64_t number, const DeadLetter& letter) const {
  if (!numbers.empty() && !std::ranges::contains(numbers, number)) return false;
  if (!codes.empty() && !std::ranges::contains(codes, letter.packet.code)) return false;
  if (!nodes.empty() && !std::ranges::contains(nodes, letter.packet.nodeId)) return false;
  return letter.edited || !editedOnly;
}

void addLetterChoice(CLI::App& command, LetterChoice& choice) {
  command.add_option("RUN", choice.run, "The run's id or how it begins; last: the newest")->required();
  addFolder(command, choice.folder);
  addRepeated(command, "--code", choice.codes, "CODE", "Only letters with this error code");
  addRepeated(command, "--node", choice.nodes, "ID", "Only letters of this node or edge");
}

std::string letterLine(std::int64_t number, const DeadLetter& letter) {
  const auto& packet = letter.packet;
  std::string text, row;
  json::Writer out(text);
  out.beginObject().key("number").value(number).key("time").value(timeOf(letter.timeMicros));
  out.key("nodeId").value(packet.nodeId);
  if (packet.input > 0) out.key("input").value(static_cast<int>(packet.input));
  out.key("code").value(packet.code).key("message").value(packet.message).key("traceId").value(packet.traceId);
  out.key("recoverable").value(packet.recoverable).key("tries").value(packet.tries);
  out.key("edited").value(letter.edited).key("row");
  appendJson(row, packet.row);
  out.raw(row).endObject();
  return text + "\n";
}

Result<void> refuseLive(const std::vector<LetterFile>& files) {
  if (std::ranges::none_of(files, &LetterFile::live)) return {};
  return fail("dead_letters.live", "run " + files.front().run + " goes on and writes its dead letters; end it first");
}

void addDeadLetters(CLI::App& app, Shared& shared, int& exitCode) {
  auto* letters = app.add_subcommand(
      "dead-letters",
      "See, mend, replay or discard rows that failed.\nThey lie in .weir/dead-letters beside the flow.");
  letters->alias("dl");
  letters->require_subcommand(1);

  auto* lister = letters->add_subcommand("list", "Say which runs have dead letters: how many, of which node and code.");
  auto folder = std::make_shared<std::string>(".");
  auto asJson = std::make_shared<bool>(false);
  addFolder(*lister, *folder);
  lister->add_flag("--json", *asJson, "One JSON object a run");
  addFooter(*lister, "0 done\n1 a file is damaged\n2 wrong usage", "weir dead-letters list\nweir dl list --in flows");
  lister->callback([folder, asJson, &exitCode] { finish(list(*folder, *asJson), exitCode); });

  auto* shower = letters->add_subcommand("show", "Print dead letters, one JSON object a line.");
  auto shown = std::make_shared<LetterChoice>();
  auto limit = std::make_shared<std::int64_t>(-1);
  addLetterChoice(*shower, *shown);
  shower->add_option("--limit", *limit, "At most so many")->type_name("N");
  addFooter(*shower, "0 done\n1 a file is damaged\n2 wrong usage, or there is no such run",
            "weir dead-letters show last --code cel.divide_by_zero --limit 5");
  shower->callback([shown, limit, &exitCode] { finish(show(*shown, *limit), exitCode); });

  addLettersEdit(*letters, exitCode);
  addLettersReplay(*letters, shared, exitCode);

  auto* discarder = letters->add_subcommand("discard", "Remove dead letters for good.");
  auto discarded = std::make_shared<LetterChoice>();
  addLetterChoice(*discarder, *discarded);
  addFooter(*discarder, "0 done\n1 failed\n2 wrong usage, or there is no such run",
            "weir dead-letters discard last --code csv.field_count");
  discarder->callback([discarded, &exitCode] { finish(discard(*discarded), exitCode); });
}

}  // namespace weir::cli
