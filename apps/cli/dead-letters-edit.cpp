// weir dead-letters edit: rows come back changed, and take the place of those that failed.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <set>

#include "apps/cli/arguments.h"
#include "apps/cli/dead-letters-command.h"
#include "apps/cli/edited-row.h"
#include "apps/cli/progress.h"
#include "engine/json/document.h"

namespace weir::cli {
namespace {

struct Edit {
  std::int64_t line = 0;
  std::int64_t number = 0;  // 0: by trace
  std::string traceId;
  json::Value row;
};

std::unexpected<Error> wrongLine(std::int64_t line, const std::string& what) {
  return fail("dead_letters.edit", "line " + std::to_string(line) + ": " + what);
}

Result<Edit> parseEdit(std::string_view text, std::int64_t line) {
  auto document = json::parse(text);
  if (!document) return wrongLine(line, document.error().message);
  const auto& root = document->root();
  if (root.asObject() == nullptr)
    return wrongLine(line, R"(expected an object as show prints it, such as {"number": 1, "row": {...}})");
  static const std::set<std::string, std::less<>> kNames{
      "number", "time", "nodeId", "input", "code", "message", "traceId", "recoverable", "tries", "edited", "row"};
  for (const auto& member : *root.asObject()) {
    if (!kNames.contains(member.key))
      return wrongLine(
          line, "'" + std::string(member.key) + "' is no key of a dead letter; what is to change stands in 'row'");
  }
  Edit edit;
  edit.line = line;
  if (const auto* number = root.find("number"); number != nullptr) {
    const auto* count = number->asInt64();
    if (count == nullptr || *count < 1) return wrongLine(line, "'number' is that of a letter, from 1");
    edit.number = *count;
  }
  if (const auto* trace = root.find("traceId"); trace != nullptr && trace->asString() != nullptr)
    edit.traceId = *trace->asString();
  if (edit.number == 0 && edit.traceId.empty())
    return wrongLine(line, "say which letter is meant: its number or its traceId");
  const auto* row = root.find("row");
  if (row == nullptr) return wrongLine(line, "there is no 'row'");
  edit.row = *row;
  return edit;
}

Result<std::vector<Edit>> parseEdits(std::string_view text) {
  std::vector<Edit> edits;
  std::int64_t line = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    ++line;
    if (part.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    WEIR_ASSIGN(auto edit, parseEdit(part, line));
    edits.push_back(std::move(edit));
  }
  return edits;
}

/// Which edit is meant for which letter; every one for exactly one.
Result<std::map<std::int64_t, DeadLetter>> matched(const std::vector<LetterFile>& files, std::vector<Edit> edits) {
  std::map<std::int64_t, const Edit*> byNumber;
  std::map<std::string, const Edit*, std::less<>> byTrace;
  for (const auto& edit : edits) {
    const bool fresh =
        edit.number > 0 ? byNumber.emplace(edit.number, &edit).second : byTrace.emplace(edit.traceId, &edit).second;
    if (!fresh) return wrongLine(edit.line, "this letter was there in a line before");
  }
  std::map<std::int64_t, DeadLetter> changed;
  std::map<const Edit*, std::int64_t> met;
  WEIR_TRY(visitLetters(files, [&](std::int64_t number, const DeadLetter& letter) -> Result<bool> {
    const Edit* edit = nullptr;
    if (const auto at = byNumber.find(number); at != byNumber.end()) {
      edit = at->second;
      if (!edit->traceId.empty() && edit->traceId != letter.packet.traceId)
        return wrongLine(edit->line, "letter " + std::to_string(number) + " has the traceId " + letter.packet.traceId +
                                         "; the letters have changed since they were shown: show them again");
    } else if (const auto trace = byTrace.find(letter.packet.traceId); trace != byTrace.end()) {
      edit = trace->second;
      if (const auto before = met.find(edit); before != met.end())
        return wrongLine(edit->line, "letters " + std::to_string(before->second) + " and " + std::to_string(number) +
                                         " have this traceId; say the number");
    }
    if (edit == nullptr) return true;
    met.emplace(edit, number);
    auto row = editedRow(letter.packet.row, edit->row);
    if (!row) return wrongLine(edit->line, row.error().message);
    auto made = letter;
    made.packet.row = std::move(*row);
    made.edited = true;
    changed.emplace(number, std::move(made));
    return true;
  }));
  for (const auto& edit : edits) {
    if (!met.contains(&edit)) return wrongLine(edit.line, "this run has no such letter");
  }
  return changed;
}

Result<int> editLetters(const LetterChoice& choice, const std::string& file) {
  const auto folder = lettersFolder(choice.folder);
  WEIR_ASSIGN(const auto text, readText(file));
  WEIR_ASSIGN(auto edits, parseEdits(text));
  WEIR_ASSIGN(const auto files, filesOfRun(folder, choice.run));
  WEIR_TRY(refuseLive(files));
  WEIR_ASSIGN(const auto lock, LettersLock::take(folder));
  WEIR_ASSIGN(auto changed, matched(files, std::move(edits)));
  WEIR_TRY(rewriteLetters(files, [&changed](std::int64_t number, const DeadLetter& letter) {
    const auto at = changed.find(number);
    return std::optional(at == changed.end() ? letter : at->second);
  }));
  std::printf("%s edited\n", grouped(static_cast<std::int64_t>(changed.size())).c_str());
  return kDone;
}

}  // namespace

void addLettersEdit(CLI::App& letters, int& exitCode) {
  auto* command = letters.add_subcommand(
      "edit",
      "Change the rows of dead letters.\nTakes lines as show prints them; the row of a line takes the place of the "
      "letter's. All of them are changed, or none.");
  auto choice = std::make_shared<LetterChoice>();
  auto file = std::make_shared<std::string>("-");
  command->add_option("RUN", choice->run, "The run's id or how it begins; last: the newest")->required();
  command->add_option("--in", choice->folder, "The folder of the flow")->type_name("DIR")->capture_default_str();
  command->add_option("--file", *file, "Read the lines from FILE; -: from standard input")
      ->type_name("FILE")
      ->capture_default_str();
  addFooter(*command, "0 done\n1 failed\n2 wrong usage, or a line is wrong: nothing is changed",
            "weir dead-letters show last > letters.ndjson\nweir dead-letters edit last --file letters.ndjson");
  command->callback([choice, file, &exitCode] { finish(editLetters(*choice, *file), exitCode); });
}

}  // namespace weir::cli
