// PageApi: the HTTP API in a module: requests come and answers go as wires, runs are worked in this thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "apps/wasm/page.h"
#include "service/api/api.h"
#include "service/api/once.h"

namespace weir::wasm {

/// Runs each order with files of its own.
class PageRunner final : public api::Runner {
 public:
  explicit PageRunner(Page& page) : page_(page) {}
  [[nodiscard]] std::expected<std::unique_ptr<api::FlowRun>, flow::Problems> start(api::RunOrder order) override;

 private:
  Page& page_;
};

class PageApi {
 public:
  /// `options` is a JSON object: where, application, flows "memory" | "host" (calls answered by JavaScript),
  /// executionTimeout, readerTimeout (ms), maxConcurrentExecutions, keptExecutions, maxBodyBytes; all optional.
  [[nodiscard]] static Result<std::unique_ptr<PageApi>> make(Page& page, std::string_view options);
  PageApi(Page& page, api::Place place, api::ExecutionLimits limits, std::unique_ptr<store::Store> store);

  /// `head`: texts method, path and query, the number of headers, and name and value of each. Gives its number.
  [[nodiscard]] std::uint32_t begin(std::string_view head);
  /// False: no more of the body is wanted.
  [[nodiscard]] bool body(std::uint32_t exchange, std::string_view piece, bool last);
  /// Works executions and requests; as PageRun::work.
  [[nodiscard]] double work(double budgetMs);
  /// True once there is an answer, once: status, whether it is a stream, the number of headers, name and value of each,
  /// and the body if it is none.
  [[nodiscard]] bool answer(std::uint32_t exchange, std::string& head);
  [[nodiscard]] api::BodyStream::Next next(std::uint32_t exchange, std::string& piece);
  void end(std::uint32_t exchange) { exchanges_.erase(exchange); }

 private:
  [[nodiscard]] api::Exchange* of(std::uint32_t exchange);

  std::unique_ptr<store::Store> store_;
  PageRunner runner_;
  api::Once once_;
  api::Api api_;
  std::map<std::uint32_t, std::unique_ptr<api::Exchange>> exchanges_;
  std::uint32_t last_ = 0;
};

}  // namespace weir::wasm
