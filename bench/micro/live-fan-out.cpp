// A server with one run and one edge, on which a row of about 200 bytes passes ten times a second: what fan-out.py
// measures. The run is made up, everything behind it is as in `weir serve`.
//   bench_live-fan-out [rows per second]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/live/batch-frames.h"
#include "engine/node/catalogue.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/server/http-server.h"
#include "service/api/api.h"
#include "service/live/live-sessions.h"
#include "service/resources/live/live-routes.h"
#include "service/resources/server.h"
#include "service/store/memory/memory-store.h"

namespace {

using namespace weir;

class NoRuns final : public api::Runner {
 public:
  std::expected<std::unique_ptr<api::FlowRun>, flow::Problems> start(api::RunOrder) override {
    flow::Problems problems;
    problems.error("run.busy", "", "nothing runs here");
    return std::unexpected(std::move(problems));
  }
};

/// Rows for every tap that is read.
class MadeUp final : public stream::Source {
 public:
  void open(stream::Stream& stream) override { tap_ = &stream; }
  void close(stream::Stream&) override { tap_ = nullptr; }
  void tell(std::int64_t nowMs) {
    if (tap_ == nullptr) return;
    const auto row = Value::map(
        {{Value::string("sentMs"), Value::int64(nowMs)}, {Value::string("note"), Value::string(std::string(90, 'x'))}});
    std::string bytes;
    live::BatchFrames frames(1, true);
    if (!frames.append(bytes, *batchOfRows(std::vector{row}, MemoryAccount::unlimited()), 0)) return;
    live::FrameSplitter splitter;
    splitter.feed(bytes);
    stream::RowParts parts;
    while (auto frame = *splitter.next()) {
      if (frame->header.kind == live::FrameKind::schema && (!schema_ || *schema_ != frame->payload)) {
        schema_ = std::make_shared<const std::string>(frame->payload);
      }
      if (frame->header.kind == live::FrameKind::batch) parts.batch = frame->payload;
    }
    parts.schema = schema_;
    tap_->addRows(std::move(parts), 1, 0);
  }

 private:
  stream::Stream* tap_ = nullptr;
  std::shared_ptr<const std::string> schema_;
};

class Turn final : public native::HttpTurn {
 public:
  explicit Turn(std::unique_ptr<api::Exchange> exchange) : exchange_(std::move(exchange)) {}
  bool takesBody() const override { return exchange_->takesBody(); }
  void body(std::string_view piece) override { exchange_->body(piece); }
  void endBody() override { exchange_->endBody(); }
  void step() override { exchange_->step(); }
  native::HttpAnswer* answer() override {
    auto* response = exchange_->answer();
    if (response == nullptr) return nullptr;
    answer_.status = response->status;
    for (auto& header : response->headers) answer_.headers.emplace_back(header.name, header.value);
    answer_.body = std::move(response->body);
    answer_.socket = std::move(response->socket);
    answer_.inPieces = response->stream != nullptr;
    return &answer_;
  }
  Next next(std::string& into) override { return static_cast<Next>(exchange_->next(into)); }

 private:
  std::unique_ptr<api::Exchange> exchange_;
  native::HttpAnswer answer_;
};

class Handler final : public native::HttpHandler {
 public:
  explicit Handler(int everyMs) : everyMs_(everyMs) {}
  std::unique_ptr<native::HttpTurn> begin(native::HttpRequest request, Waker waker) override {
    api::Request asked{std::move(request.method), std::move(request.path), std::move(request.query), {}};
    for (auto& [name, value] : request.headers) asked.headers.push_back({std::move(name), std::move(value)});
    return std::make_unique<Turn>(api_.begin(std::move(asked), std::move(waker)));
  }
  int work() override {
    const auto now = clock_.steadyNanos();
    if (now >= due_) {
      due_ = std::max(due_ + everyMs_ * 1'000'000, now);
      source_.tell(clock_.nowMicros() / 1000);
      sessions_.tick(now);
    }
    return static_cast<int>(std::max<std::int64_t>(1, (due_ - now) / 1'000'000));
  }

 private:
  std::int64_t everyMs_, due_ = 0;
  native::NativeClock clock_;
  Catalogue catalogue_;
  store::MemoryStore store_{clock_};
  NoRuns runner_;
  MadeUp source_;
  stream::Hub hub_{source_};
  stream::RunFeeds feeds_;
  api::LiveSessions sessions_{hub_, feeds_};
  api::Server server_{.live = &sessions_};
  api::RouteTable routes_{api::liveRoutes()};
  api::Api api_{api::Place{}, {},      clock_, catalogue_,
                store_,       runner_, {},     api::ApiExtras{.routes = &routes_, .gate = nullptr, .server = &server_}};
};

}  // namespace

int main(int count, char** arguments) {
  const int rate = count > 1 ? std::atoi(arguments[1]) : 10;
  Handler handler(1000 / std::max(1, rate));
  native::HttpServerOptions options;
  options.listen = "127.0.0.1:0";
  native::HttpServer server(std::move(options), handler);
  if (const auto started = server.start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    return 1;
  }
  std::printf("listening at %s\n", server.address().c_str());
  std::fflush(stdout);
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}
