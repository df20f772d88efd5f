// A place for tests of the API: a clock that is set, two kinds of nodes, and runs that do what the test says.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/check.h"
#include "engine/json/writer.h"
#include "service/api/api.h"
#include "service/store/memory/memory-store.h"

namespace weir::api {

struct SetClock final : Clock {
  std::int64_t nowMicros() override { return 1'700'000'000'000'000 + nanos / 1000; }
  std::int64_t steadyNanos() override { return nanos; }
  void passMs(std::int64_t ms) { nanos += ms * 1'000'000; }
  std::int64_t nanos = 0;
};

/// What a run of the test gives, and what was asked of it.
struct Script {
  std::deque<std::string> batches;  // NDJSON, read from outlet 0
  std::string outcome = "done";
  std::optional<Error> error{};
  bool endless = false;  // goes on until it is cancelled
  std::int64_t credited = 0;
  bool cancelled = false;
};

class ScriptedRun final : public FlowRun {
 public:
  ScriptedRun(std::string id, std::shared_ptr<Script> script) : id_(std::move(id)), script_(std::move(script)) {}

  const std::string& id() const override { return id_; }
  double work(double) override {
    if (script_->cancelled) return ended("cancelled");
    if (script_->endless || !script_->batches.empty()) return kIdle;
    return ended(script_->outcome);
  }
  std::optional<Rows> read(std::size_t outlet, std::string& lines) override {
    if (outlet != 0 || script_->batches.empty()) return std::nullopt;
    const auto batch = script_->batches.front();
    script_->batches.pop_front();
    lines += batch;
    return Rows{std::ranges::count(batch, '\n'), std::ssize(batch)};
  }
  void credit(std::size_t, std::int64_t bytes) override { script_->credited += bytes; }
  void cancel() override { script_->cancelled = true; }
  const RunEnd* end() const override { return end_ ? &*end_ : nullptr; }

 private:
  double ended(const std::string& outcome) {
    end_ = RunEnd{outcome, script_->error, R"({"outcome":")" + outcome + "\"}"};
    return kFinished;
  }
  std::string id_;
  std::shared_ptr<Script> script_;
  std::optional<RunEnd> end_;
};

class ScriptedRunner final : public Runner {
 public:
  std::expected<std::unique_ptr<FlowRun>, flow::Problems> start(RunOrder order) override {
    orders.push_back(order);
    auto script = scripts.empty() ? std::make_shared<Script>() : scripts.front();
    if (!scripts.empty()) scripts.pop_front();
    const auto id = order.runId.empty() ? "run-" + std::to_string(orders.size()) : order.runId;
    return std::make_unique<ScriptedRun>(id, std::move(script));
  }
  /// For the next run.
  Script& next() {
    scripts.push_back(std::make_shared<Script>());
    kept.push_back(scripts.back());
    return *scripts.back();
  }
  std::deque<std::shared_ptr<Script>> scripts;
  std::vector<std::shared_ptr<Script>> kept;
  std::vector<RunOrder> orders;
};

inline Catalogue twoNodes() {
  Catalogue catalogue;
  const auto add = [&catalogue](const std::string& id, const std::string& hosts, const std::string& rest) {
    const auto text =
        R"({"id": ")" + id + R"(", "version": "1.0.0", "compatibility": {"minRuntime": "1.0.0", "hosts": [)" + hosts +
        R"(]}, "category": "Test", "name": "Test", "description": "For tests", "touches": "nothing", )" + rest + "}";
    WEIR_CHECK(catalogue.addPackage(text, "test").has_value());
  };
  const std::string out = R"("outputs": [{"name": "rows", "type": "rows"}])";
  add("test/source", R"("server", "browser")",
      R"("kind": "source", "cardinality": "source", "ports": {"inputs": [], )" + out + R"(}, "settings": [])");
  add("test/sink", R"("browser")",
      R"("kind": "io", "cardinality": "sink", "ports": {"inputs": [{"name": "rows", "type": "rows", "required": true}], "outputs": []}, "settings": [])");
  return catalogue;
}

/// A flow of one source, with its description and tags.
inline std::string flowText(const std::string& id, const std::string& description = "", const std::string& tags = "") {
  return R"({"id": ")" + id + R"(", "version": "1.0.0", "metadata": {"version": "1.4.0", "description": ")" +
         description + R"(", "tags": [)" + tags +
         R"(]}, "nodes": [{"id": "a", "typeId": "test/source", "version": "1.0.0", "settings": {}}], "edges": []})";
}

struct FakePlace {
  SetClock clock;
  Catalogue catalogue = twoNodes();
  store::MemoryStore store{clock};
  ScriptedRunner runner;
  Api api;

  explicit FakePlace(ExecutionLimits limits = {}, std::int64_t mostBodyBytes = 10 << 20)
      : api(placeOf(mostBodyBytes), limits, clock, catalogue, store, runner) {}

  static Place placeOf(std::int64_t mostBodyBytes) {
    Place place;
    place.where = "a test";
    place.mostBodyBytes = mostBodyBytes;
    place.mostNodes = 3;
    return place;
  }

  /// Sends a request whole; `target` is path and query.
  std::unique_ptr<Exchange> send(std::string method, std::string_view target, std::string_view body = {},
                                 std::vector<Header> headers = {}) {
    const auto mark = std::min(target.find('?'), target.size());
    Request request{std::move(method), std::string(target.substr(0, mark)),
                    std::string(target.substr(std::min(mark + 1, target.size()))), std::move(headers)};
    auto exchange = api.begin(std::move(request));
    if (exchange->takesBody()) {
      exchange->body(body);
      exchange->endBody();
    }
    return exchange;
  }
};

/// A whole answer.
struct Answer {
  int status = 0;
  std::vector<Header> headers;
  std::string text;
  json::Document json;

  [[nodiscard]] std::string header(std::string_view name) const {
    const auto* found = headerOf(headers, name);
    return found == nullptr ? "" : *found;
  }
  [[nodiscard]] std::string at(std::string_view pointer) const {
    const auto* found = json.root().findPointer(pointer);
    if (found == nullptr) return "(nothing)";
    return found->isString() ? *found->asString() : json::write(*found);
  }
};

inline Answer answerOf(Exchange& exchange) {
  exchange.step();
  WEIR_CHECK(exchange.answer() != nullptr);
  auto& response = *exchange.answer();
  Answer answer{response.status, response.headers, response.body, {}};
  if (auto parsed = json::parse(answer.text)) answer.json = std::move(*parsed);
  return answer;
}

inline Answer ask(FakePlace& place, std::string method, std::string_view target, std::string_view body = {},
                  std::vector<Header> headers = {}) {
  const auto exchange = place.send(std::move(method), target, body, std::move(headers));
  return answerOf(*exchange);
}

}  // namespace weir::api
