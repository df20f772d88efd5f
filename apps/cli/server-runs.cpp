// One WebSocket to a server; requests of a run's socket in the words of the server.
#include "apps/cli/server-runs.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <semaphore>
#include <utility>

#include "engine/live/batch-frames.h"
#include "engine/text/url.h"
#include "hosts/native/network/native-network.h"

namespace weir::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kAnswer{20'000};
/// So much is taken before credit is given again: half of what a subscription begins with.
constexpr std::int64_t kCreditBytes = 128 << 10;
constexpr std::int64_t kMostMessage = std::int64_t{64} << 20;

struct Bell final : WakeTarget {
  std::counting_semaphore<> rung{0};
  void wake() override { rung.release(); }
};

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

std::vector<std::string> textsIn(const json::Value& value, std::string_view key, std::string_view member) {
  std::vector<std::string> texts;
  const auto* list = value.find(key);
  if (list == nullptr || list->asArray() == nullptr) return texts;
  for (const auto& each : *list->asArray()) texts.push_back(textIn(each, member));
  return texts;
}

class ServerLine final : public native::RunLine {
 public:
  ServerLine(ServerPlace place, std::string run)
      : run_(std::move(run)),
        url_(place.url),
        target_(targetOf(place)),
        network_(std::move(place.network), native::IngressOptions{}) {}
  ~ServerLine() override {
    if (stream_ >= 0) network_.streams().close(stream_);
  }
  ServerLine(const ServerLine&) = delete;
  ServerLine& operator=(const ServerLine&) = delete;

  Result<void> open() {
    auto opening = network_.streams().open(target_, Waker(bell_));
    if (!await(opening, kAnswer)) return gone("does not answer");
    WEIR_ASSIGN(const auto opened, opening.take());
    stream_ = opened.stream;
    return {};
  }

  Result<json::Value> ask(std::string_view type, json::Value data, std::optional<std::uint32_t> subscription) override {
    live::Control request{std::string(type), std::to_string(++lastId_), subscription, std::move(data)};
    // What a row that is held is to do is a request of its own on a server.
    if (type == "act") {
      request.type = textIn(request.data, "action");
      request.data.remove("action");
    }
    request.data.remove("reveal");  // rights say what is shown
    if (type != "unsubscribe") request.data.set("run", run_);
    WEIR_TRY(send(request));
    const auto until = steady_clock::now() + kAnswer;
    while (steady_clock::now() < until) {
      for (auto at = answers_.begin(); at != answers_.end(); ++at) {
        if (at->id != request.id) continue;
        auto answer = std::move(*at);
        answers_.erase(at);
        if (answer.type == "error") return std::unexpected(live::errorOf(answer.data));
        // A request that is a route is answered with status and body.
        if (auto* body = answer.data.find("body")) return std::move(*body);
        return std::move(answer.data);
      }
      WEIR_TRY(receive(milliseconds(100)));
    }
    return gone("does not answer");
  }

  Result<std::optional<native::LiveNews>> next(int waitMs) override {
    if (news_.empty()) WEIR_TRY(receive(milliseconds(waitMs)));
    for (auto& [subscription, bytes] : taken_) {
      if (bytes < kCreditBytes) continue;
      live::Control credit{"credit", "", subscription};
      credit.data.set("bytes", std::exchange(bytes, 0));
      // Whoever is gone needs none; what came before is still to be taken.
      if (!send(credit)) break;
    }
    if (news_.empty()) return std::nullopt;
    auto first = std::move(news_.front());
    news_.pop_front();
    // Of a subscription that the run refused, or whose right has ended.
    if (first.message.type == "error" || first.message.type == "closed") {
      return std::unexpected(live::errorOf(first.message.data));
    }
    return first;
  }

 private:
  static StreamTarget targetOf(const ServerPlace& place) {
    StreamTarget target{.url = "ws" + place.url.substr(std::string_view("http").size()) + "/api/v1/live"};
    if (!place.token.empty()) target.headers.push_back({"Authorization", "Bearer " + place.token});
    target.caFile = place.caFile;
    target.idleTimeoutMs = 60'000;
    target.maxMessageBytes = kMostMessage;
    return target;
  }
  [[nodiscard]] std::unexpected<Error> gone(std::string_view why) const {
    return fail("live.gone", "'" + url_ + "' " + std::string(why));
  }
  template <class T>
  bool await(const Operation<T>& operation, milliseconds wait) {
    const auto until = steady_clock::now() + wait;
    while (!operation.ready()) {
      if (!bell_->rung.try_acquire_until(until)) return operation.ready();
    }
    return true;
  }
  Result<void> send(const live::Control& control) {
    std::vector<StreamPiece> pieces;
    pieces.push_back({live::writeControl(control), true});
    auto writing = network_.streams().write(stream_, std::move(pieces), Waker(bell_));
    if (!await(writing, kAnswer)) return gone("takes nothing");
    if (auto written = writing.take(); !written) return std::unexpected(written.error());
    return {};
  }
  /// What is there, waiting up to `wait` for it.
  Result<void> receive(milliseconds wait) {
    if (!reading_.active()) reading_ = network_.streams().read(stream_, Waker(bell_));
    if (!await(reading_, wait)) return {};
    WEIR_ASSIGN(const auto pieces, reading_.take());
    if (pieces.empty()) return gone("closed the connection");
    for (const auto& piece : pieces) WEIR_TRY(piece.text ? sort(piece.bytes) : takeRows(piece.bytes));
    return {};
  }
  Result<void> sort(const std::string& text) {
    WEIR_ASSIGN(auto control, live::readControl(text, kMostMessage));
    if (control.subscription) taken_[*control.subscription] += std::ssize(text);
    if (!control.id.empty() && (control.type == "ok" || control.type == "error")) {
      answers_.push_back(std::move(control));
      return {};
    }
    news_.push_back({control.subscription.value_or(0), 0, std::move(control), {}});
    return {};
  }
  Result<void> takeRows(std::string_view bytes) {
    live::Frame frame;
    WEIR_ASSIGN(frame.header, live::readHeader(bytes));
    frame.payload = bytes.substr(live::kHeaderBytes);
    const auto number = frame.header.subscription;
    taken_[number] += std::ssize(bytes);
    const auto at = assemblers_.try_emplace(number, MemoryAccount::unlimited()).first;
    WEIR_ASSIGN(auto batch, at->second.take(frame));
    if (batch) news_.push_back({number, frame.header.rowsShed, {}, std::move(batch)});
    return {};
  }

  std::string run_, url_;
  StreamTarget target_;
  std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  native::NativeNetwork network_;
  StreamId stream_ = -1;
  Operation<std::vector<StreamPiece>> reading_;
  std::map<std::uint32_t, live::BatchAssembler> assemblers_;
  std::map<std::uint32_t, std::int64_t> taken_;  // bytes since the last credit
  std::deque<native::LiveNews> news_;
  std::deque<live::Control> answers_;
  std::int64_t lastId_ = 0;
};

}  // namespace

Result<LiveRun> findServerRun(const ServerArguments& server, const std::string& name) {
  WEIR_ASSIGN(const auto client, ServerClient::make(server));
  WEIR_ASSIGN(const auto list, client->get("/runs?state=running&limit=500"));
  std::vector<std::pair<std::string, std::string>> names;
  const auto ids = textsIn(list.root(), "runs", "id");
  const auto flows = textsIn(list.root(), "runs", "flow");
  for (std::size_t i = 0; i < ids.size(); ++i) names.emplace_back(ids[i], flows[i]);
  if (names.empty()) {
    return fail("run.not_found", "on '" + client->url() + "' no run goes on that this token may see");
  }
  WEIR_ASSIGN(const auto chosen, chooseRun(names, name));
  const auto& id = names[chosen].first;
  // Its nodes and edges, as its figures have them.
  WEIR_ASSIGN(const auto told, client->get("/runs/" + percentEncoded(id) + "/metrics"));
  const auto* metrics = told.root().find("metrics");
  const json::Value none;
  const auto& figures = metrics != nullptr ? *metrics : none;
  WEIR_ASSIGN(auto place, placeOf(server));
  auto line = std::make_unique<ServerLine>(std::move(place), id);
  WEIR_TRY(line->open());
  LiveRun run;
  run.id = id;
  run.flow = names[chosen].second;
  run.nodes = textsIn(figures, "nodes", "id");
  run.edges = textsIn(figures, "edges", "id");
  run.producers = textsIn(figures, "edges", "source");
  run.line = std::move(line);
  return run;
}

Result<LiveRun> findRunAt(const ServerArguments& server, const std::string& name) {
  return server.url.empty() ? findRun(name) : findServerRun(server, name);
}

}  // namespace weir::cli
