// Tests of flows on a server.
#include "apps/cli/engine/engine-test.h"

#include <cstdlib>
#include <utility>

#include "engine/json/writer.h"
#include "engine/text/utf8.h"

namespace weir::cli {
namespace {

/// Of what did not pass: a row may be as long as it likes.
constexpr std::size_t kMostWhyBytes = 8 << 10;

constexpr std::int64_t kLongestNanos = 20'000'000'000;

}  // namespace

void EngineTest::stop() {
  if (!thread_.joinable()) return;
  run_->cancel();
  thread_.join();
}

Result<void> EngineTest::prepare(Plan& plan, RunOptions& options) {
  WEIR_TRY(replaceEnds(plan, test_, rows_));
  got_.takeFrom(rows_);
  options.mode = RunMode::sync;
  options.seed = test_.seed;
  return {};
}

void EngineTest::begin(Run& run, std::function<void()> over) {
  run_ = &run;
  beganNanos_ = clock_.steadyNanos();
  thread_ = std::thread([this, over = std::move(over)] {
    result_ = run_->drive();
    over();
  });
}

void EngineTest::look(std::int64_t steadyNanos) {
  if (!thread_.joinable()) return;
  const auto lasted = steadyNanos - beganNanos_;
  if (lasted > 2 * kLongestNanos) std::abort();
  if (lasted <= kLongestNanos || std::exchange(late_, true)) return;
  run_->cancel();
}

RunResult EngineTest::take() {
  thread_.join();
  return std::move(*result_);
}

std::string EngineTest::told(const std::string& result, const RunResult& of) {
  auto why = late_ ? "it takes longer than " + std::to_string(kLongestNanos / 1'000'000'000) +
                         " seconds; give rows to sources that never end"
                   : got_.difference(test_, of);
  auto text = result.substr(0, result.size() - 1) + ",\"test\":";
  json::Writer out(text);
  out.beginObject().key("passed").value(why.empty());
  if (why.size() > kMostWhyBytes) {
    why.resize(kMostWhyBytes);
    why.resize(static_cast<std::size_t>(utf8::validPrefix(why)));
    why += "…";
  }
  if (!why.empty()) out.key("why").value(why);
  out.endObject();
  return text + "}";
}

}  // namespace weir::cli
