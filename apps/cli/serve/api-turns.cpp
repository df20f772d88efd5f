// Requests of the server as exchanges of the API.
#include "apps/cli/serve/api-turns.h"

#include <algorithm>
#include <utility>

namespace weir::cli {
namespace {

class ApiTurn final : public native::HttpTurn {
 public:
  explicit ApiTurn(std::unique_ptr<api::Exchange> exchange) : exchange_(std::move(exchange)) {}
  bool takesBody() const override { return exchange_->takesBody(); }
  void body(std::string_view piece) override { exchange_->body(piece); }
  void endBody() override { exchange_->endBody(); }
  void step() override { exchange_->step(); }
  native::HttpAnswer* answer() override {
    auto* response = exchange_->answer();
    if (response == nullptr) return nullptr;
    answer_.status = response->status;
    answer_.headers.clear();
    for (auto& header : response->headers)
      answer_.headers.emplace_back(std::move(header.name), std::move(header.value));
    answer_.body = std::move(response->body);
    answer_.socket = std::move(response->socket);
    answer_.inPieces = response->stream != nullptr;
    return &answer_;
  }
  Next next(std::string& into) override {
    switch (exchange_->next(into)) {
      case api::BodyStream::Next::piece:
        return Next::piece;
      case api::BodyStream::Next::wait:
        return Next::wait;
      case api::BodyStream::Next::end:
        return Next::end;
    }
    return Next::end;
  }

 private:
  std::unique_ptr<api::Exchange> exchange_;
  native::HttpAnswer answer_;
};

}  // namespace

std::unique_ptr<native::HttpTurn> ApiTurns::begin(native::HttpRequest request, Waker waker) {
  api::Request asked;
  asked.method = std::move(request.method);
  asked.path = std::move(request.path);
  asked.query = std::move(request.query);
  asked.remote = std::move(request.remote);
  asked.secure = request.secure;
  asked.headers.reserve(request.headers.size());
  for (auto& [name, value] : request.headers) asked.headers.push_back({std::move(name), std::move(value)});
  return std::make_unique<ApiTurn>(api_->begin(std::move(asked), std::move(waker)));
}

int ApiTurns::work() {
  int wait = 1'000;
  if (live_ != nullptr) wait = std::min(wait, live_->work(api_->services().clock.steadyNanos()));
  if (supervisor_ != nullptr) wait = std::min(wait, supervisor_->work());
  for (const auto& chore : chores_) wait = std::min(wait, chore());
  const double next = api_->work(5);
  return next == 0 ? 0 : wait;
}

}  // namespace weir::cli
