// weir tap and weir runs: rows of an edge while they pass, and which runs there are.
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/progress.h"
#include "apps/cli/row-table.h"
#include "apps/cli/server-runs.h"
#include "engine/data/row-json.h"
#include "engine/json/writer.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

struct TapArguments {
  ServerArguments server;
  std::vector<std::string> names;
  std::string where, format;
  std::int64_t limit = 0;
  double rate = 1000;
  bool reveal = false;
};

int columnsOf(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col - 1 : 0;
}

/// Prints batches and counts rows.
class Printer {
 public:
  Printer(bool json, std::int64_t limit) : json_(json), limit_(limit), table_(columnsOf(STDOUT_FILENO)) {}
  /// False: that was the last row that is wanted, or nobody takes them any more.
  bool print(const Batch& batch) {
    auto rows = batch;
    if (limit_ > 0 && rows.rows() > limit_ - shown_) rows = rows.slice(0, limit_ - shown_);
    std::string text;
    if (json_) {
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        appendRowJson(text, rows, row);
        text += "\n";
      }
    } else {
      text = table_.of(rows);
    }
    shown_ += rows.rows();
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    return written && (limit_ == 0 || shown_ < limit_);
  }
  [[nodiscard]] std::int64_t shown() const { return shown_; }

 private:
  bool json_;
  std::int64_t limit_, shown_ = 0;
  RowTable table_;
};

std::int64_t countIn(const json::Value& counts, std::string_view key) {
  const auto* found = counts.find(key);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : 0;
}

/// Why the condition could not be computed for rows; null: it could, for all of them.
const std::string* problemOf(const json::Value& counts) {
  const auto* problem = counts.find("problem");
  return problem == nullptr ? nullptr : problem->asString();
}

void tellProblem(const json::Value& counts, const std::string& problem) {
  std::fprintf(stderr, "warning: the condition could not be computed for %s of %s rows: %s\n",
               grouped(countIn(counts, "failed")).c_str(), grouped(countIn(counts, "seen")).c_str(),
               printable(problem).c_str());
}

/// What was counted may be older than the last rows, or nobody may have said it.
void tellCounts(const json::Value& counts, std::int64_t shown) {
  if (countIn(counts, "matched") < shown) {
    std::fprintf(stderr, "showing %s rows\n", grouped(shown).c_str());
  } else {
    std::fprintf(stderr, "showing %s of %s matches in %s seen, %s passed\n", grouped(shown).c_str(),
                 grouped(countIn(counts, "matched")).c_str(), grouped(countIn(counts, "seen")).c_str(),
                 grouped(countIn(counts, "passed")).c_str());
  }
  if (const auto* problem = problemOf(counts)) tellProblem(counts, *problem);
}

Result<int> tap(const TapArguments& arguments) {
  const auto& edge = arguments.names.back();
  const auto name = arguments.names.size() > 1 ? arguments.names.front() : std::string();
  WEIR_ASSIGN(auto run, findRunAt(arguments.server, name));
  json::Value asked;
  asked.set("kind", "tap");
  asked.set("edge", edge);
  asked.set("where", arguments.where);
  asked.set("rowsPerSecond", arguments.rate);
  asked.set("reveal", arguments.reveal);
  const InterruptWatch interrupts;
  WEIR_ASSIGN(const auto subscribed, run.line->ask("subscribe", std::move(asked)));
  const auto* whole = subscribed.find("allFields");
  if (whole != nullptr && whole->asBool() != nullptr && !*whole->asBool()) {
    std::fputs("note: fields that no node reads are left out; a run begun with --all-fields has them\n", stderr);
  }
  const bool json = arguments.format.empty() ? ::isatty(STDOUT_FILENO) == 0 : arguments.format == "json";
  Printer printer(json, arguments.limit);
  std::optional<json::Value> counts;
  bool wanted = true, ended = false, warned = false;
  while (wanted && !InterruptWatch::seen()) {
    auto news = run.line->next(200);
    if (!news && news.error().code != "live.gone") return std::unexpected(news.error());
    ended = !news || (*news && (*news)->message.type == "ended");
    if (ended) break;
    if (!*news) continue;
    if ((*news)->batch) {
      wanted = printer.print(*(*news)->batch);
    } else if ((*news)->message.type == "tapped") {
      counts = std::move((*news)->message.data);
      // Who waits for rows that cannot come is told so at once; later rows may have what the condition asks for.
      const auto* problem = problemOf(*counts);
      if (problem != nullptr && !std::exchange(warned, true)) tellProblem(*counts, *problem);
    }
  }
  if (!ended) {
    const auto number = static_cast<std::uint32_t>(countIn(subscribed, "subscription"));
    auto last = run.line->ask("unsubscribe", {}, number);
    if (last && last->find("seen") != nullptr) counts = std::move(*last);
  }
  if (counts || printer.shown() > 0) tellCounts(counts.value_or(json::Value()), printer.shown());
  return InterruptWatch::seen() ? kInterrupted : kDone;
}

Result<int> listRuns(bool json) {
  WEIR_ASSIGN(const auto runs, liveRuns());
  std::string text;
  json::Writer out(text, json::Layout::pretty);
  if (json) out.beginArray();
  for (const auto& run : runs) {
    if (json) {
      out.beginObject().key("run").value(run.id).key("flow").value(run.flow).key("version").value(run.version);
      out.key("file").value(run.file).key("process").value(run.process).key("elapsedMicros").value(run.elapsedMicros);
      out.endObject();
    } else {
      const auto version = run.version.empty() ? std::string() : " " + printable(run.version);
      text += run.id + "  " + padded(timeText(run.elapsedMicros), 12, false) + printable(run.flow) + version +
              "  process " + std::to_string(run.process) + "\n";
    }
  }
  if (json) {
    out.endArray();
    text += "\n";
  } else if (runs.empty()) {
    text = "no run goes on\n";
  }
  std::fputs(text.c_str(), stdout);
  return kDone;
}

CLI::Validator moreThanNothing() {
  return {[](std::string& text) { return std::string(text.starts_with('-') || text == "0" ? "it is at least 1" : ""); },
          ""};
}

}  // namespace

void addRuns(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("runs", "List the runs that go on.\nThose of this user on this machine.");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "One JSON list");
  addFooter(*command, "0 done", "weir runs");
  command->callback([json, &exitCode] { finish(listRuns(*json), exitCode); });
}

void addTap(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand(
      "tap",
      "Show rows of an edge while they pass.\nThe newest that match, within a budget; the run is not slowed down.");
  auto arguments = std::make_shared<TapArguments>();
  command
      ->add_option(
          "EDGE", arguments->names,
          "[RUN] EDGE: the edge's id; in front of it the run's id or its beginning, or its flow, if several go on")
      ->required()
      ->expected(1, 2);
  command
      ->add_option("--where", arguments->where, "Only rows for which this expression holds, such as 'row.amount > 100'")
      ->type_name("CEL");
  command->add_option("--limit", arguments->limit, "End after so many rows; default: with the run, or with Ctrl-C")
      ->check(moreThanNothing())
      ->type_name("N");
  command->add_option("--rate", arguments->rate, "The most rows a second that are shown, the newest first")
      ->check(moreThanNothing())
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--format", arguments->format, "table, or json, a line a row; default: table on a terminal")
      ->check(oneOf("table json"))
      ->type_name("FORMAT");
  command->add_flag("--reveal", arguments->reveal, "Show fields that are marked sensitive too");
  addOptionalServer(*command, arguments->server);
  addFooter(*command, "0   done, or the run ended\n2   wrong usage, no such run or edge\n130 stopped by Ctrl-C",
            "weir tap paid --where 'row.amount > 1000'\nweir tap 3f2a paid --limit 10 --format json\nweir tap orders "
            "paid --server https://weir.example.com");
  command->callback([arguments, &exitCode] { finish(tap(*arguments), exitCode); });
}

}  // namespace weir::cli
