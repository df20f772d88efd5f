// Puts pages of the log of a run together, and answers with them.
#include "service/resources/runs/run-log-page.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/handlers.h"
#include "service/engines/supervisor.h"
#include "service/resources/runs/run-answers.h"
#include "service/resources/runs/runs-routes.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

using store::KeptRunLog;
using store::RunLogPlace;

/// A line is kept a little later than it was said, by a clock that may be set in between.
constexpr std::int64_t kSlackMs = 60'000;
constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};

LogLevel levelOf(std::string_view name) {
  if (name == "warn") return LogLevel::warning;
  const auto found = std::ranges::find(kLevels, name);
  return found == kLevels.end() ? LogLevel::info : static_cast<LogLevel>(found - kLevels.begin());
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool has(std::string_view text, std::string_view searched) {
  const auto found = std::ranges::search(text, searched, std::equal_to<>(), lower, lower);
  return searched.empty() || !found.empty();
}

std::string_view textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? std::string_view(*found->asString()) : std::string_view();
}

/// The newest first.
std::vector<KeptRunLog> inMemory(const engines::Supervisor::Told* told) {
  std::vector<KeptRunLog> lines;
  if (told == nullptr) return lines;
  lines.reserve(told->logs.size());
  for (auto line = told->logs.rbegin(); line != told->logs.rend(); ++line) {
    lines.push_back({{line->epoch, line->seq, 0}, line->json});
  }
  return lines;
}

Expected<RunLogWish> wishOf(const Call& call) {
  RunLogWish wish;
  auto before = RunLogPage::placeOf(call.query.text("cursor"));
  if (!before) return std::unexpected(std::move(before.error()));
  wish.before = *before;
  if (const auto level = call.query.text("level"); !level.empty()) wish.least = levelOf(level);
  wish.node = call.query.text("node");
  wish.search = call.query.text("search");
  wish.from = call.query.number("from", 0);
  wish.until = call.query.number("to", 0);
  if (wish.until > 0 && wish.from > wish.until) {
    return refuse(400, "api.query", "'from' is later than 'to', and so no line can fit; exchange them");
  }
  wish.limit = call.query.number("limit", RunLogPage::kAtOnce);
  return wish;
}

}  // namespace

RunLogPage::RunLogPage(std::string run, RunLogWish wish, std::vector<KeptRunLog> inMemory)
    : run_(std::move(run)), wish_(std::move(wish)), inMemory_(std::move(inMemory)), at_(wish_.before) {
  if (at_) std::erase_if(inMemory_, [this](const auto& line) { return line.place >= *at_; });
}

std::optional<store::RunLogQuery> RunLogPage::wants() const {
  if (done_) return std::nullopt;
  store::RunLogQuery query{.run = run_, .before = at_, .limit = kAtOnce};
  if (wish_.from > 0) query.from = std::max<std::int64_t>(1, wish_.from - kSlackMs);
  if (wish_.until > 0) query.until = wish_.until > INT64_MAX - kSlackMs ? 0 : wish_.until + kSlackMs;
  return query;
}

void RunLogPage::take(std::vector<KeptRunLog> kept) {
  const bool last = std::ssize(kept) < kAtOnce;
  // Of those in memory, what stands behind the store's last one; the others come with a later answer.
  auto end = inMemory_.begin();
  while (end != inMemory_.end() && (last || end->place >= kept.back().place)) ++end;
  std::vector<KeptRunLog> all;
  std::ranges::merge(std::ranges::subrange(inMemory_.begin(), end), kept, std::back_inserter(all),
                     std::ranges::greater(), &KeptRunLog::place, &KeptRunLog::place);
  inMemory_.erase(inMemory_.begin(), end);
  const auto twice = std::ranges::unique(all, {}, &KeptRunLog::place);
  all.erase(twice.begin(), twice.end());
  for (auto& line : all) {
    if (std::ssize(lines_) >= wish_.limit || looked_ >= kMostLooked) {
      done_ = more_ = true;
      return;
    }
    ++looked_;
    at_ = line.place;
    if (fits(line.json)) lines_.push_back(std::move(line.json));
  }
  done_ = last;
}

bool RunLogPage::fits(const std::string& json) const {
  const bool any = wish_.least == LogLevel::debug && wish_.node.empty() && wish_.search.empty() && wish_.from == 0 &&
                   wish_.until == 0;
  if (any) return true;
  const auto parsed = json::parse(json);
  if (!parsed) return false;
  const auto& root = parsed->root();
  const auto* said = root.find("at");
  const auto at = said != nullptr && said->asInt64() != nullptr ? *said->asInt64() : 0;
  if (at < wish_.from || (wish_.until > 0 && at > wish_.until)) return false;
  if (levelOf(textIn(root, "level")) < wish_.least) return false;
  if (!wish_.node.empty() && textIn(root, "node") != wish_.node) return false;
  return has(textIn(root, "message"), wish_.search);
}

std::string RunLogPage::next() const {
  if (!more_ || !at_) return {};
  return std::to_string(at_->epoch) + "." + std::to_string(at_->seq) + "." + std::to_string(at_->row);
}

Expected<std::optional<RunLogPlace>> RunLogPage::placeOf(const std::string& cursor) {
  if (cursor.empty()) return std::nullopt;
  std::array<std::int64_t, 3> numbers{};
  const auto* at = cursor.data();
  const auto* end = at + cursor.size();
  bool good = true;
  for (std::size_t i = 0; i < numbers.size() && good; ++i) {
    const auto [stopped, error] = std::from_chars(at, end, numbers[i]);
    good = error == std::errc() && numbers[i] >= 0 && (i == 2 ? stopped == end : stopped != end && *stopped == '.');
    if (good && i < 2) at = stopped + 1;
  }
  if (good) return RunLogPlace{numbers[0], numbers[1], numbers[2]};
  return refuse(400, "api.query",
                "the cursor '" + cursor + "' is none that a page of a log gave as its 'next'; begin without one");
}

Job<Response> getRunLogs(Call& call) {
  const auto run = co_await runAt(call, auth::Permission::dataRead);
  if (!run) co_return toResponse(run.error());
  auto wish = wishOf(call);
  if (!wish) co_return toResponse(wish.error());
  // First what is in memory: what leaves it while the store is asked is in the store by then.
  RunLogPage page(run->id, std::move(*wish), inMemory(runPartsOf(call)->supervisor.told(run->id)));
  auto* logs = call.services.server->runLogs;
  while (auto query = page.wants()) {
    std::vector<KeptRunLog> kept;
    if (logs != nullptr) {
      auto read = co_await call.of(logs->list(std::move(*query), call.waker()));
      if (!read) co_return toResponse(refusalOf(read.error()));
      kept = std::move(*read);
    }
    page.take(std::move(kept));
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("logs").beginArray();
  for (auto line = page.lines().rbegin(); line != page.lines().rend(); ++line) out.raw(*line);
  out.endArray();
  if (const auto next = page.next(); !next.empty()) out.key("next").value(next);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

}  // namespace weir::api
