// Executions in an engine process.
#include "service/engines/process-runner.h"

#include <deque>
#include <mutex>
#include <utility>

#include "engine/data/hash.h"
#include "engine/flow/make-plan.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/run-request.h"
#include "service/engines/engine-protocol.h"

namespace weir::engines {
namespace {

constexpr std::string_view kProcess = "execute";

/// What the engine has told and the API not taken yet.
class Inbox final : public RunListener {
 public:
  Inbox(std::size_t outlets, Waker moved, TellSent sent)
      : rows_(outlets), moved_(std::move(moved)), sent_(std::move(sent)) {}

  struct Some {
    std::string lines;
    std::int64_t rows = 0, bytes = 0;
  };
  void rows(std::size_t outlet, std::string lines, std::int64_t rows, std::int64_t bytes) override {
    {
      const std::lock_guard locked(mutex_);
      rows_[outlet].push_back({std::move(lines), rows, bytes});
    }
    moved_.wake();
  }
  void log(std::string_view) override {}
  void event(std::string_view) override {}
  void metrics(std::string_view json) override { sent_.metrics(json); }
  void ended(EngineEnd end) override {
    {
      const std::lock_guard locked(mutex_);
      end_ = std::move(end);
    }
    moved_.wake();
  }

  std::optional<Some> take(std::size_t outlet) {
    const std::lock_guard locked(mutex_);
    auto& waiting = rows_[outlet];
    if (waiting.empty()) return std::nullopt;
    auto some = std::move(waiting.front());
    waiting.pop_front();
    return some;
  }
  /// Once, when it has ended.
  std::optional<EngineEnd> takeEnd() {
    const std::lock_guard locked(mutex_);
    return std::exchange(end_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::vector<std::deque<Some>> rows_;
  std::optional<EngineEnd> end_;
  Waker moved_;
  SentBytes sent_;  // the thread's of Engines
};

class ProcessRun final : public api::FlowRun {
 public:
  ProcessRun(Engines& engines, std::string id, RunNumber number, std::shared_ptr<Inbox> inbox, std::size_t outlets)
      : engines_(engines), id_(std::move(id)), number_(number), inbox_(std::move(inbox)), owed_(outlets) {}
  ~ProcessRun() override {
    if (!end_) engines_.cancel(number_);
  }

  const std::string& id() const override { return id_; }
  double work(double) override {
    if (end_) return kFinished;
    auto told = inbox_->takeEnd();
    if (!told) return kIdle;
    code_ = std::move(told->code);
    end_ = api::RunEnd{std::move(told->outcome), std::nullopt, std::move(told->json)};
    if (!code_.empty()) end_->error = Error{code_, std::move(told->message), told->recoverable};
    return kFinished;
  }
  std::optional<Rows> read(std::size_t outlet, std::string& lines) override {
    auto some = inbox_->take(outlet);
    if (!some) return std::nullopt;
    lines += some->lines;
    return Rows{some->rows, some->bytes};
  }
  void credit(std::size_t outlet, std::int64_t bytes) override {
    owed_[outlet] += bytes;
    if (!end_ && owed_[outlet] >= kLeastCredit) engines_.credit(number_, outlet, std::exchange(owed_[outlet], 0));
  }
  void cancel() override { engines_.cancel(number_); }
  const api::RunEnd* end() const override { return end_ ? &*end_ : nullptr; }

 private:
  Engines& engines_;
  std::string id_;
  RunNumber number_;
  std::shared_ptr<Inbox> inbox_;
  std::vector<std::int64_t> owed_;  // credit, per outlet, that the engine has not been given yet
  std::string code_;                // what the error's code is a view of
  std::optional<api::RunEnd> end_;
};

std::unexpected<flow::Problems> problemOf(const Error& error) {
  flow::Problems problems;
  problems.error(error.code, "", error.message);
  return std::unexpected(std::move(problems));
}

std::string hexOf(std::uint64_t number) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4)
    text += "0123456789abcdef"[(number >> static_cast<unsigned>(shift)) & 15U];
  return text;
}

}  // namespace

std::vector<std::string> engineHosts() {
  return {"clock", "random", "files", "log", "codecs", "http", "streams", "sql", "broker", "mail", "zones"};
}

std::vector<std::string> keptHosts() {
  auto hosts = engineHosts();
  hosts.emplace_back("ingress");
  return hosts;
}

ProcessRunner::CheckedResult ProcessRunner::check(const api::RunOrder& order, const flow::FlowDocument& document) {
  auto parsed = json::parse(order.options.empty() ? "{}" : order.options);
  if (!parsed) return problemOf(parsed.error());
  if (!parsed->root().isObject()) return problemOf(api::RunRequest::of(parsed->root(), {}).error());
  // The id is each run's own, and nothing of the check.
  auto options = json::Value::object();
  for (const auto& member : *parsed->root().asObject()) {
    if (member.key != "runId") options.set(member.key, member.value);
  }
  auto text = json::write(options);
  // A JSON text has no such byte: the two parts are told apart.
  text += '\0';
  text += order.flow;
  {
    const std::lock_guard locked(lock_);
    if (auto known = recent_.find(text)) return known;
  }
  auto checked = checkAnew(document, options);
  const std::lock_guard locked(lock_);
  if (checked && seen_(text)) recent_.add(std::move(text), *checked, (*checked)->options.size() + sizeof(Checked));
  return checked;
}

ProcessRunner::CheckedResult ProcessRunner::checkAnew(const flow::FlowDocument& document,
                                                      const json::Value& options) const {
  auto asked = api::RunRequest::of(options, engineHosts());
  if (!asked) return problemOf(asked.error());
  // Nothing but what came with the request is there to be opened.
  asked->planning.mounts.emplace();
  const auto plan = flow::makePlan(document, catalogue_, asked->planning);
  if (!plan) return std::unexpected(plan.error());
  auto given = options;
  given.set("mounts", json::Value::array());
  auto limits = json::Value::object();
  limits.set("memoryBytes", mostMemoryBytes_);
  given.set("limits", std::move(limits));
  return std::make_shared<const Checked>(plan->documentHash, json::write(given));
}

std::expected<std::shared_ptr<const void>, flow::Problems> ProcessRunner::look(const api::RunOrder& order,
                                                                               const flow::FlowDocument& document) {
  return check(order, document);
}

std::expected<std::unique_ptr<api::FlowRun>, flow::Problems> ProcessRunner::start(api::RunOrder order) {
  auto checked = std::static_pointer_cast<const Checked>(order.seen);
  if (!checked) {
    const auto document = flow::parseFlow(order.flow);
    if (!document) return std::unexpected(document.error());
    auto anew = check(order, *document);
    if (!anew) return std::unexpected(std::move(anew.error()));
    checked = std::move(*anew);
  }
  if (order.runId.empty()) {
    const auto mark = static_cast<std::uint64_t>(clock_.nowMicros()) * 1'000'003U + ++started_;
    order.runId = hexOf(hash::combine(checked->documentHash, mark));
  }
  EngineOrder given;
  given.run = order.runId;
  given.flow = std::move(order.flow);
  given.options = checked->options;
  given.memoryBytes = mostMemoryBytes_;
  given.outlets = std::move(order.outlets);
  given.files = std::move(order.files);
  auto inbox = std::make_shared<Inbox>(given.outlets.size(), moved_, sent_);
  const auto outlets = given.outlets.size();
  const auto number = engines_.start(std::string(kProcess), std::move(given), inbox);
  return std::make_unique<ProcessRun>(engines_, std::move(order.runId), number, std::move(inbox), outlets);
}

}  // namespace weir::engines
