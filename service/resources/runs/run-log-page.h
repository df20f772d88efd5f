// Pages of the log of a run: of what is kept and what is only in memory yet, the newest first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/log.h"
#include "service/api/refusal.h"
#include "service/store/run-logs.h"

namespace weir::api {

/// What a page is to hold; times in milliseconds since 1970, 0 for no bound.
struct RunLogWish {
  LogLevel least = LogLevel::debug;
  std::string node{}, search{};
  std::int64_t from = 0, until = 0;  // of lines of then too
  std::int64_t limit = 1'000;
  std::optional<store::RunLogPlace> before{};
};

/// Of one page. Give it what is in memory, then what the store has, until it wants no more.
class RunLogPage {
 public:
  /// So many lines are looked at for a page, and asked of the store at a time.
  static constexpr std::int64_t kMostLooked = 10'000, kAtOnce = 1'000;

  RunLogPage(std::string run, RunLogWish wish, std::vector<store::KeptRunLog> inMemory);

  /// What to ask the store for next; nothing: the page is done.
  [[nodiscard]] std::optional<store::RunLogQuery> wants() const;
  /// The store's answer, the newest first. Lines that are in memory too count once.
  void take(std::vector<store::KeptRunLog> kept);

  /// JSON objects, the newest first.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  /// Where the next page goes on; empty: there are no more.
  [[nodiscard]] std::string next() const;

  /// `api.query` for what no next() has given.
  [[nodiscard]] static Expected<std::optional<store::RunLogPlace>> placeOf(const std::string& cursor);

 private:
  [[nodiscard]] bool fits(const std::string& json) const;

  std::string run_;
  RunLogWish wish_;
  std::vector<store::KeptRunLog> inMemory_;  // the newest first, those that were not looked at
  std::optional<store::RunLogPlace> at_;     // all behind it were looked at
  std::vector<std::string> lines_;
  std::int64_t looked_ = 0;
  bool done_ = false, more_ = false;
};

}  // namespace weir::api
