// weir top: a run's nodes as a live table, like a process monitor.
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/server-runs.h"
#include "apps/cli/top-table.h"

namespace weir::cli {
namespace {

struct TopArguments {
  ServerArguments server;
  std::string run, sort = "flow";
  bool once = false;
  int everyMs = 1000;
};

constexpr std::array<std::pair<std::string_view, TopSort>, 6> kSorts{{{"flow", TopSort::flow},
                                                                      {"rate", TopSort::rate},
                                                                      {"busy", TopSort::busy},
                                                                      {"queue", TopSort::queue},
                                                                      {"errors", TopSort::errors},
                                                                      {"name", TopSort::name}}};

/// Single keys without Enter, on a terminal, as long as it lives.
class Keys {
 public:
  Keys() {
    if (::isatty(STDIN_FILENO) == 0 || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    changed_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  }
  ~Keys() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  [[nodiscard]] char pressed() const {
    char key = 0;
    return changed_ && ::read(STDIN_FILENO, &key, 1) == 1 ? key : '\0';
  }

 private:
  termios before_{};
  bool changed_ = false;
};

/// Draws over what it has drawn before, on a terminal; else one table below the other.
class Drawing {
 public:
  explicit Drawing(bool inPlace) : inPlace_(inPlace) {}
  void draw(const Figures& now, const Figures* before, TopSort sort) {
    winsize size{};
    const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
    auto text = topTable(now, before, sort, known ? size.ws_col - 1 : 140);
    if (inPlace_) {
      const auto by = std::ranges::find(kSorts, sort, &std::pair<std::string_view, TopSort>::second);
      text += "q quit   s sort (by " + std::string(by->first) + ")\n";
      const auto rows = known ? static_cast<std::int64_t>(size.ws_row) - 1 : 40;
      for (auto lines = std::ranges::count(text, '\n'); lines > std::max<std::int64_t>(rows, 3); --lines) {
        text.erase(text.rfind('\n', text.size() - 2) + 1);
      }
    }
    std::string clear;
    for (; inPlace_ && drawn_ > 0; --drawn_) clear += "\x1b[1A\x1b[2K";
    std::fputs((clear + text).c_str(), stdout);
    std::fflush(stdout);
    drawn_ = std::ranges::count(text, '\n');
  }

 private:
  bool inPlace_;
  std::int64_t drawn_ = 0;
};

TopSort sortNamed(std::string_view name) {
  return std::ranges::find(kSorts, name, &std::pair<std::string_view, TopSort>::first)->second;
}

TopSort after(TopSort sort) { return static_cast<TopSort>((static_cast<std::size_t>(sort) + 1) % kSorts.size()); }

Result<int> top(const TopArguments& arguments) {
  WEIR_ASSIGN(auto run, findRunAt(arguments.server, arguments.run));
  json::Value asked;
  asked.set("kind", "metrics");
  WEIR_TRY(run.line->ask("subscribe", std::move(asked)));
  const InterruptWatch interrupts;
  const bool live = ::isatty(STDOUT_FILENO) != 0 && !arguments.once;
  const Keys keys;
  Drawing drawing(live);
  auto sort = sortNamed(arguments.sort);
  std::optional<Figures> before, shown;
  const auto everyMicros = std::int64_t{arguments.everyMs} * 1000;
  bool ended = false;
  while (!ended && !InterruptWatch::seen()) {
    auto news = run.line->next(50);
    const char key = live ? keys.pressed() : '\0';
    if (key == 'q') return kDone;
    if (key == 's') sort = after(sort);
    if (!news && news.error().code != "live.gone") return std::unexpected(news.error());
    if (!news) break;
    if (!*news) continue;
    ended = (*news)->message.type == "ended";
    if ((*news)->message.type != "metrics") continue;
    auto now = figuresOf((*news)->message.data);
    if (key != 's' && before && now.elapsedMicros - before->elapsedMicros < everyMicros) {
      shown = std::move(now);  // what is drawn if the run ends now
      continue;
    }
    const bool first = !before;
    if (!first || live) drawing.draw(now, before ? &*before : nullptr, sort);
    if (!first && arguments.once) return kDone;
    before = std::move(now);
    shown.reset();
  }
  if (shown) drawing.draw(*shown, before ? &*before : nullptr, sort);
  if (ended) std::fputs("the run is over\n", stderr);
  return InterruptWatch::seen() ? kInterrupted : kDone;
}

}  // namespace

void addTop(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand(
      "top", "Watch a run's nodes.\nRows a second in and out, queues, how busy each is, what it waits for.");
  auto arguments = std::make_shared<TopArguments>();
  command->add_option("RUN", arguments->run,
                      "The run's id or its beginning, or its flow; may be left out if only one goes on");
  addOptionalServer(*command, arguments->server);
  command->add_option("--sort", arguments->sort, "flow (as drawn), rate, busy, queue, errors or name")
      ->check(oneOf("flow rate busy queue errors name"))
      ->type_name("BY")
      ->capture_default_str();
  command->add_option("--every", arguments->everyMs, "Milliseconds between two tables")
      ->check(CLI::Range(100, 3'600'000).description(""))
      ->type_name("MS")
      ->capture_default_str();
  command->add_flag("--once", arguments->once, "One table, then end");
  addFooter(*command, "0   done, or the run ended\n2   wrong usage, no such run\n130 stopped by Ctrl-C",
            "weir top\nweir top 3f2a --sort busy\nweir top --once --every 500\nweir top orders --server "
            "https://weir.example.com");
  command->callback([arguments, &exitCode] { finish(top(*arguments), exitCode); });
}

}  // namespace weir::cli
