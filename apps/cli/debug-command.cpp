// weir debug: breakpoints, held rows and steps in a run that goes on, by hand or from a script.
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/debug-prompt.h"
#include "apps/cli/progress.h"
#include "apps/cli/server-runs.h"
#include "engine/data/row-json.h"
#include "engine/json/writer.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

struct DebugArguments {
  ServerArguments server;
  std::string run;
  std::vector<std::string> commands;
  int waitMs = 10'000;
  bool reveal = false;
};

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? printable(*found->asString()) : std::string();
}

std::int64_t numberIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : 0;
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

/// One line a field: name, value, type.
std::string heldText(const json::Value& held) {
  std::string text = "held " + std::to_string(numberIn(held, "held")) + " on edge " + textIn(held, "edge") + " (" +
                     textIn(held, "source") + " -> " + textIn(held, "target") + "), " +
                     grouped(numberIn(held, "rowsBehind")) + " rows behind it, goes on by itself in " +
                     timeText(numberIn(held, "releaseMicros")) + "\n";
  const auto* row = held.find("row");
  if (row == nullptr || row->asObject() == nullptr) return text;
  std::size_t widest = 0;
  for (const auto& member : *row->asObject()) widest = std::max(widest, printable(member.key).size());
  for (const auto& member : *row->asObject()) {
    const auto* types = held.find("types");
    text += "  " + padded(printable(member.key), widest + 2, false) + printable(json::write(member.value)) + "  (" +
            (types != nullptr ? textIn(*types, member.key) : std::string()) + ")\n";
  }
  return text;
}

std::string breakpointsText(const json::Value& answer) {
  std::string text;
  const auto* list = answer.find("breakpoints");
  if (list == nullptr || list->asArray() == nullptr || list->asArray()->empty()) return "no breakpoints\n";
  for (const auto& each : *list->asArray()) {
    const auto node = textIn(each, "node");
    const auto edge = textIn(each, "edge");
    text += "breakpoint " + std::to_string(numberIn(each, "breakpoint")) + " at " +
            (!edge.empty()   ? "edge " + edge
             : !node.empty() ? "node " + node
                             : std::string("every source"));
    if (const auto where = textIn(each, "where"); !where.empty()) text += " if " + where;
    if (numberIn(each, "after") > 1) text += " after " + std::to_string(numberIn(each, "after"));
    if (const auto log = textIn(each, "log"); !log.empty()) text += " log '" + log + "'";
    text += ", hit " + grouped(numberIn(each, "hits")) + (numberIn(each, "hits") == 1 ? " time" : " times");
    if (const auto problem = textIn(each, "problem"); !problem.empty()) {
      text += "; not computed for " + grouped(numberIn(each, "failed")) + " rows: " + problem;
    }
    text += "\n";
  }
  return text;
}

/// Why conditions did not hold that could not be computed.
std::string problemsText(const json::Value& answer) {
  std::string text;
  const auto* list = answer.find("breakpoints");
  if (list == nullptr || list->asArray() == nullptr) return text;
  for (const auto& each : *list->asArray()) {
    const auto problem = textIn(each, "problem");
    if (problem.empty()) continue;
    text += "; the condition of breakpoint " + std::to_string(numberIn(each, "breakpoint")) +
            " could not be computed for " + grouped(numberIn(each, "failed")) + " rows: " + problem;
  }
  return text;
}

/// A person, or a script, at the debugger of one run.
class Prompt {
 public:
  Prompt(LiveRun run, const DebugArguments& arguments) : run_(std::move(run)), arguments_(arguments) {}

  Result<void> begin() {
    auto asked = json::Value::object();
    asked.set("kind", "events");
    WEIR_ASSIGN(const auto answer, run_.line->ask("subscribe", std::move(asked)));
    return tellHeld();
  }
  /// False: that was the last one.
  Result<bool> obey(std::string_view text) {
    WEIR_ASSIGN(auto line, readDebugLine(text, run_.nodes, run_.edges));
    switch (line.what) {
      case DebugLine::What::nothing:
        return true;
      case DebugLine::What::help:
        print(std::string(debugHelp()));
        return true;
      case DebugLine::What::quit:
        return false;
      case DebugLine::What::show:
        shown_ = 0;
        WEIR_TRY(tellHeld());
        if (shown_ == 0) print("no row is held\n");
        return true;
      case DebugLine::What::list: {
        WEIR_ASSIGN(const auto answer, run_.line->ask("breakpoints"));
        print(breakpointsText(answer));
        return true;
      }
      case DebugLine::What::wait:
        WEIR_TRY(awaitHeld());
        return true;
      case DebugLine::What::events:
        WEIR_TRY(news(0));
        return true;
      case DebugLine::What::request:
        WEIR_TRY(ask(std::move(line)));
        return true;
    }
    return true;
  }
  /// Takes what comes by itself: log-points and other events are said, rows that are held now are shown. Error
  /// `live.gone`.
  Result<void> news(int waitMs) {
    for (;;) {
      WEIR_ASSIGN(const auto came, run_.line->next(waitMs));
      if (!came) return {};
      waitMs = 0;
      WEIR_TRY(tell(*came));
    }
  }
  [[nodiscard]] const LiveRun& run() const { return run_; }

 private:
  struct Held {
    std::int64_t number = 0;
    std::string trace, edge, source, target;
  };

  Result<void> tell(const native::LiveNews& came) {
    if (came.message.type == "ended") return fail("live.gone", "the run is over");
    if (came.message.type != "event") return {};
    const auto kind = textIn(came.message.data, "kind");
    if (kind == "debug.held") return tellHeld();
    if (kind == "debug.released" || kind == "debug.changed" || kind == "debug.dropped") return {};
    print(textIn(came.message.data, "subject") + ": " + textIn(came.message.data, "message") + "\n");
    return {};
  }
  /// Shows the rows that are held and were not shown yet.
  Result<void> tellHeld() {
    auto data = json::Value::object();
    data.set("reveal", arguments_.reveal);
    WEIR_ASSIGN(const auto answer, run_.line->ask("held", std::move(data)));
    const auto* list = answer.find("held");
    holds_.clear();
    if (list == nullptr || list->asArray() == nullptr) return {};
    auto last = shown_;
    for (const auto& held : *list->asArray()) {
      const auto number = numberIn(held, "held");
      holds_.push_back(
          {number, textIn(held, "traceId"), textIn(held, "edge"), textIn(held, "source"), textIn(held, "target")});
      if (number <= shown_) continue;
      print(heldText(held));
      last = std::max(last, number);
    }
    shown_ = last;
    return {};
  }
  /// Until a row is held, or after a step until its row is, or that of a node which made another one of it.
  Result<void> awaitHeld(const Held* stepped = nullptr, std::string_view action = {}) {
    const bool gives = stepped == nullptr || std::ranges::find(run_.producers, stepped->target) != run_.producers.end();
    const auto meant = [&](const Held& held) {
      if (stepped == nullptr) return true;
      if (held.number <= stepped->number) return false;
      // A sink gives no row on: the next one that comes to it.
      return action == "step" && gives ? held.source == stepped->target : held.edge == stepped->edge;
    };
    const auto begun = std::chrono::steady_clock::now();
    const auto until = begun + std::chrono::milliseconds(arguments_.waitMs);
    while (std::chrono::steady_clock::now() < until && !InterruptWatch::seen()) {
      WEIR_TRY(tellHeld());
      // Behind a sink nothing comes of it, and what is held elsewhere may be what would come to it.
      const bool over = stepped != nullptr && !gives && std::chrono::steady_clock::now() - begun > kSinkWait;
      if (over && !holds_.empty()) break;
      if (const auto found = std::ranges::find_if(holds_, meant); found != holds_.end()) {
        current_ = found->trace;
        return {};
      }
      WEIR_TRY(news(20));
    }
    WEIR_ASSIGN(const auto answer, run_.line->ask("breakpoints"));
    return fail("debug.unknown",
                "no row was held within " + timeText(std::int64_t{arguments_.waitMs} * 1000) + problemsText(answer));
  }
  /// The row that a word without a number means: the one that was stepped with, else the only one.
  Result<Held> chosen() {
    WEIR_TRY(tellHeld());
    if (holds_.empty()) return fail("debug.unknown", "no row is held; 'wait' waits for one");
    if (const auto found = std::ranges::find(holds_, current_, &Held::trace); found != holds_.end()) return *found;
    if (holds_.size() == 1) return holds_.front();
    return fail("debug.unknown", "several rows are held; 'show' lists them: give the number of one, such as 'step " +
                                     std::to_string(holds_.front().number) + "'");
  }
  Result<void> ask(DebugLine line) {
    Held subject;
    if (line.ofHeld) {
      WEIR_ASSIGN(subject, chosen());
      line.data.set("held", subject.number);
    }
    if (line.rows > 0) return tap(std::move(line));
    const auto action = textIn(line.data, "action");
    WEIR_ASSIGN(const auto answer, run_.line->ask(line.type, std::move(line.data)));
    if (line.type == "break") print("breakpoint " + std::to_string(numberIn(answer, "breakpoint")) + "\n");
    if (line.type == "set") {
      shown_ = 0;
      return tellHeld();
    }
    // The row of a step may be dropped by a filter, or leave the flow here.
    if (action == "step" || action == "next") {
      auto held = awaitHeld(line.ofHeld ? &subject : nullptr, action);
      if (!held && held.error().code == "debug.unknown") print("the row was not seen again; 'wait' waits on\n");
      if (!held && held.error().code != "debug.unknown") return held;
    }
    return {};
  }
  Result<void> tap(DebugLine line) {
    line.data.set("reveal", arguments_.reveal);
    WEIR_ASSIGN(const auto answer, run_.line->ask("subscribe", std::move(line.data)));
    const auto number = static_cast<std::uint32_t>(numberIn(answer, "subscription"));
    auto left = line.rows;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(arguments_.waitMs);
    while (left > 0 && std::chrono::steady_clock::now() < until && !InterruptWatch::seen()) {
      WEIR_ASSIGN(const auto came, run_.line->next(100));
      if (came && !came->batch) WEIR_TRY(tell(*came));
      if (!came || !came->batch) continue;
      std::string text;
      for (std::int64_t row = 0; row < came->batch->rows() && left > 0; ++row, --left) {
        appendRowJson(text, *came->batch, row);
        text += "\n";
      }
      print(text);
    }
    WEIR_TRY(run_.line->ask("unsubscribe", {}, number));
    return {};
  }

  static constexpr std::chrono::milliseconds kSinkWait{500};
  LiveRun run_;
  const DebugArguments& arguments_;
  std::vector<Held> holds_;
  std::string current_;     // trace id of the row that was stepped with
  std::int64_t shown_ = 0;  // the highest number that was shown
};

/// Commands one after the other; the first that fails ends the script.
Result<int> script(Prompt& prompt, const std::vector<std::string>& commands) {
  for (const auto& command : commands) {
    const auto more = prompt.obey(command);
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
  }
  return kDone;
}

/// Lines of standard input; news of the run are said as they come.
Result<int> interactive(Prompt& prompt) {
  const bool terminal = ::isatty(STDIN_FILENO) != 0;
  const auto ready = [&] {
    if (terminal) print("(weir) ");
  };
  ready();
  std::string waiting;
  bool failed = false;
  while (!InterruptWatch::seen()) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, 50) <= 0) {
      if (auto said = prompt.news(0); !said) return std::unexpected(said.error());
      continue;
    }
    char bytes[4096];
    const auto got = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (got <= 0) break;
    waiting.append(bytes, static_cast<std::size_t>(got));
    for (auto end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n')) {
      const auto more = prompt.obey(std::string_view(waiting).substr(0, end));
      waiting.erase(0, end + 1);
      if (!more && more.error().code == "live.gone") return std::unexpected(more.error());
      if (!more) printError(more.error());
      failed = failed || !more;
      if (more && !*more) return failed && !terminal ? kFailed : kDone;
      ready();
    }
  }
  if (terminal) print("\n");
  return failed && !terminal ? kFailed : kDone;
}

Result<int> debug(const DebugArguments& arguments) {
  WEIR_ASSIGN(auto run, findRunAt(arguments.server, arguments.run));
  const InterruptWatch interrupts;
  Prompt prompt(std::move(run), arguments);
  const auto begun = prompt.begin();
  if (!begun) return std::unexpected(begun.error());
  if (arguments.commands.empty()) {
    std::fprintf(stderr, "run %s of %s; 'help' lists the words, 'quit' lets everything go on\n",
                 prompt.run().id.c_str(), printable(prompt.run().flow).c_str());
  }
  auto code = arguments.commands.empty() ? interactive(prompt) : script(prompt, arguments.commands);
  if (code || code.error().code != "live.gone") return code;
  std::fputs("the run is over\n", stderr);
  return kDone;
}

}  // namespace

void addDebug(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand(
      "debug",
      "Stop rows of a run and look at them.\nBreakpoints with conditions, held rows, changes, steps; 'help' at "
      "the prompt.");
  auto arguments = std::make_shared<DebugArguments>();
  command->add_option("RUN", arguments->run,
                      "The run's id or its beginning, or its flow; may be left out if only one goes on");
  addOptionalServer(*command, arguments->server);
  addRepeated(*command, "--command", arguments->commands, "LINE", "Do this, then the next, instead of asking");
  command->add_option("--wait", arguments->waitMs, "How many milliseconds wait, step and tap wait for a row")
      ->check(CLI::Range(1, 3'600'000).description(""))
      ->type_name("MS")
      ->capture_default_str();
  command->add_flag("--reveal", arguments->reveal, "Show fields that are marked sensitive too");
  addFooter(*command,
            "0 done, or the run ended\n1 a line of a script on standard input failed\n2 wrong usage, no such run, or a "
            "--command failed",
            "weir debug\nweir debug 3f2a --command 'break paid if row.amount > 1000' --command wait --command 'set "
            "amount=1' --command continue");
  command->callback([arguments, &exitCode] { finish(debug(*arguments), exitCode); });
}

}  // namespace weir::cli
