// Frames to and from one engine process. It is not trusted: everything is bounded and checked.
#include "service/engines/engine-link.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "engine/data/row-json.h"
#include "engine/data/value-json.h"
#include "engine/json/writer.h"
#include "engine/node/version.h"
#include "engine/text/base64.h"

namespace weir::engines {
namespace {

/// What decoded batches of one process may take at a time.
constexpr std::int64_t kMostBatchBytes = std::int64_t{512} << 20;
/// Of one read, so that no engine keeps the others waiting.
constexpr std::size_t kReadBytes = std::size_t{1} << 20;
/// Questions for secrets of one process at a time, and the length of their parts.
constexpr std::size_t kMostAsks = 4'096, kMostAskBytes = 512;
constexpr std::int64_t kMostStepsMs = std::int64_t{1} << 40;

std::unexpected<Error> brokenRule(const std::string& what) {
  return fail("engine.protocol", "an engine process " + what + "; it was ended");
}

void writeTexts(json::Writer& out, std::string_view key, const std::vector<std::string>& texts) {
  out.key(key).beginArray();
  for (const auto& text : texts) out.value(text);
  out.endArray();
}

std::string orderJson(const EngineOrder& order) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("flow").value(order.flow).key("options").value(order.options).key("runId").value(order.run);
  out.key("outlets").beginArray();
  for (const auto& one : order.outlets) {
    out.beginObject().key("node").value(one.node).key("port").value(one.port).endObject();
  }
  out.endArray().key("files").beginArray();
  for (const auto& one : order.files) {
    out.beginObject().key("path").value(one.path).key("content").value(one.content).endObject();
  }
  out.endArray().key("mounts").beginArray();
  for (const auto& one : order.mounts) {
    out.beginObject().key("name").value(one.name).key("writes").value(one.writes).endObject();
  }
  out.endArray().key("folder").value(order.folder);
  writeTexts(out, "allow", order.allow);
  writeTexts(out, "listen", order.listen);
  out.key("replay").value(order.replay).key("letters").value(order.letters);
  out.key("epoch").value(static_cast<std::int64_t>(order.epoch));
  if (!order.keys.empty()) {
    out.key("keys").beginObject().key("journal").value(encodeBase64(order.keys.journal));
    out.key("state").value(encodeBase64(order.keys.state));
    out.key("letters").value(encodeBase64(order.keys.letters));
    out.key("rows").value(encodeBase64(order.keys.rows)).endObject();
  }
  out.endObject();
  return text;
}

std::string fieldsJson(const Schema& schema) {
  std::string text;
  json::Writer out(text);
  out.beginArray();
  for (const auto& field : schema.fields()) {
    out.beginObject()
        .key("name")
        .value(field.name)
        .key("type")
        .value(field.type ? typeName(*field.type) : std::string("any"))
        .endObject();
  }
  out.endArray();
  return text;
}

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

EngineEnd endOf(const json::Value& result) {
  EngineEnd end;
  end.outcome = textIn(result, "outcome");
  end.json = json::write(result);
  if (const auto* error = result.find("error"); error != nullptr && error->isObject()) {
    end.code = textIn(*error, "code");
    end.message = textIn(*error, "message");
    const auto* again = error->find("recoverable");
    end.recoverable = again != nullptr && again->asBool() != nullptr && *again->asBool();
  }
  return end;
}

/// What a step was at when its process ended.
struct Suspect {
  std::string node;
  std::uint32_t origin = 0, partition = 0;
  std::uint64_t sequence = 0, rows = 0;
};

/// Runs whose steps were under way.
std::map<RunNumber, Suspect> suspectsOf(const CrashBoard* board) {
  std::map<RunNumber, Suspect> suspects;
  if (board == nullptr) return suspects;
  for (const auto& thread : board->threads) {
    const auto run = thread.run.load(std::memory_order_acquire);
    if (run == 0) continue;
    const auto bytes = std::min<std::size_t>(thread.nodeBytes.load(std::memory_order_relaxed), CrashBoard::kNodeBytes);
    suspects.emplace(
        run, Suspect{std::string(thread.node, bytes), thread.origin.load(std::memory_order_relaxed),
                     thread.partition.load(std::memory_order_relaxed), thread.sequence.load(std::memory_order_relaxed),
                     thread.rows.load(std::memory_order_relaxed)});
  }
  return suspects;
}

std::string reportOf(const EngineProcess& process, const EngineEnd& end, const Suspect* suspect) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("process").value(static_cast<std::int64_t>(process.id()));
  out.key("signal").value(end.signal).key("exitCode").value(end.exitCode).key("how").value(end.message);
  out.key("suspect").value(end.suspect);
  if (suspect != nullptr && !suspect->node.empty()) out.key("node").value(suspect->node);
  if (suspect != nullptr && suspect->rows > 0) {
    const auto number = [&out](std::string_view name, std::uint64_t value) {
      out.key(name).value(static_cast<std::int64_t>(value & INT64_MAX));
    };
    out.key("rows").beginObject();
    number("source", suspect->origin);
    number("partition", suspect->partition);
    number("sequence", suspect->sequence);
    number("count", suspect->rows);
    out.endObject();
  }
  out.key("stack").beginArray();
  const auto* board = process.board();
  const auto frames = board == nullptr ? 0 : std::min<std::size_t>(board->frames.load(), CrashBoard::kFrames);
  for (std::size_t i = 0; i < frames; ++i) out.value(static_cast<std::int64_t>(board->stack[i]));
  out.endArray().endObject();
  return text;
}

}  // namespace

EngineLink::EngineLink(EngineProcess process, const EnginesOptions& options, const Sink& live, const Asking& asking,
                       std::int64_t nowMs)
    : process_(std::move(process)),
      live_(live),
      asking_(asking),
      account_(kMostBatchBytes),
      heardMs_(nowMs),
      idleSinceMs_(nowMs) {
  std::string data;
  json::Writer out(data);
  out.beginObject().key("protocol").value(kProtocol).key("version").value(kEngineVersion);
  out.key("threads").value(options.threads);
  writeTexts(out, "own", options.own);
  out.endObject();
  appendControl(out_, "begin", "", 0, data);
}

void EngineLink::order(RunNumber number, const EngineOrder& order, std::shared_ptr<RunListener> listener) {
  // Nothing of earlier runs is under way any more.
  if (runs_.empty()) lastSubscription_ = kFirstOutlet;
  Running run;
  run.listener = std::move(listener);
  run.id = order.run;
  run.first = lastSubscription_ + 1;
  for (std::size_t i = 0; i < order.outlets.size(); ++i) run.outlets.push_back(std::make_unique<Outlet>(account_));
  if (!run.outlets.empty()) subscriptions_[run.first] = number;
  lastSubscription_ += static_cast<std::uint32_t>(order.outlets.size());
  // Descriptors come no later than the frame that they belong to, in the order of the frames.
  if (!order.mounts.empty()) passing_.push_back({out_.size(), order.mounts});
  appendControl(out_, "run", std::to_string(number), run.first, orderJson(order));
  runs_.emplace(number, std::move(run));
}

void EngineLink::ask(RunNumber number, std::string_view type, std::string_view json) {
  if (runs_.contains(number)) appendControl(out_, type, std::to_string(number), 0, json);
}

void EngineLink::lease(std::int64_t untilMs) {
  appendControl(out_, "lease", "", 0, "{\"untilMs\":" + std::to_string(untilMs) + "}");
}

void EngineLink::credit(RunNumber number, std::size_t outlet, std::int64_t bytes) {
  const auto found = runs_.find(number);
  if (found == runs_.end() || outlet >= found->second.outlets.size() || bytes <= 0) return;
  found->second.outlets[outlet]->open -= bytes;
  appendControl(out_, "credit", "", found->second.first + static_cast<std::uint32_t>(outlet),
                "{\"bytes\":" + std::to_string(bytes) + "}");
}

std::int64_t EngineLink::sendSome() {
  if (passing_.empty() || passing_.front().at > sent_) {
    const auto end = passing_.empty() ? out_.size() : passing_.front().at;
    return ::send(socket(), out_.data() + sent_, end - sent_, MSG_NOSIGNAL);
  }
  std::array<int, kMostMounts> numbers{};
  const auto& mounts = passing_.front().mounts;
  const auto count = std::min(mounts.size(), numbers.size());
  for (std::size_t i = 0; i < count; ++i) numbers[i] = mounts[i].folder->descriptor();
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMostMounts)> room{};
  // Up to the next frame with descriptors: each message carries those of one.
  const auto end = passing_.size() > 1 ? passing_[1].at : out_.size();
  iovec bytes{out_.data() + sent_, end - sent_};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * count);
  std::memcpy(CMSG_DATA(header), numbers.data(), sizeof(int) * count);
  const auto sent = ::sendmsg(socket(), &message, MSG_NOSIGNAL);
  if (sent > 0) passing_.pop_front();
  return sent;
}

void EngineLink::answer(RunNumber number, const std::string& json) {
  if (asks_ > 0) --asks_;
  appendControl(out_, "secret", std::to_string(number), 0, json);
}

bool EngineLink::write() {
  while (sent_ < out_.size()) {
    const auto count = sendSome();
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    sent_ += static_cast<std::size_t>(count);
  }
  out_.clear();
  sent_ = 0;
  return true;
}

Result<void> EngineLink::read(std::int64_t nowMs) {
  char buffer[64 << 10];
  for (std::size_t taken = 0; taken < kReadBytes;) {
    const auto count = ::recv(socket(), buffer, sizeof buffer, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return {};
    if (count <= 0) return fail("engine.crashed", "the engine process is gone");
    taken += static_cast<std::size_t>(count);
    heardMs_ = nowMs;
    splitter_.feed({buffer, static_cast<std::size_t>(count)});
    for (;;) {
      WEIR_ASSIGN(auto frame, splitter_.next());
      if (!frame) break;
      WEIR_TRY(take(std::move(*frame), nowMs));
    }
    // There was no more; what comes now is told by the next poll.
    if (static_cast<std::size_t>(count) < sizeof buffer) return {};
  }
  return {};
}

Result<void> EngineLink::take(live::Frame frame, std::int64_t nowMs) {
  if (frame.header.kind == live::FrameKind::control) return takeControl(std::move(frame), nowMs);
  if (!greeted_) return brokenRule("sent rows before its greeting");
  if (frame.header.subscription >= kFirstOutlet) return takeRows(frame);
  if (live_) live_(std::move(frame));
  return {};
}

Result<void> EngineLink::takeHello(const live::Control& hello) {
  WEIR_ASSIGN(const auto protocol, live::intOf(hello.data, "protocol", 0));
  WEIR_ASSIGN(const auto version, live::textOf(hello.data, "version", ""));
  if (protocol != kProtocol || version != kEngineVersion) {
    return brokenRule("is of version " + version + " (protocol " + std::to_string(protocol) +
                      "), and this program is " + std::string(kEngineVersion) + " (" + std::to_string(kProtocol) + ")");
  }
  greeted_ = true;
  return {};
}

Result<void> EngineLink::takeControl(live::Frame frame, std::int64_t nowMs) {
  WEIR_ASSIGN(const auto told, live::readControl(frame.payload, live::kMaxFrameBytes));
  if (told.type == "hello") return takeHello(told);
  if (!greeted_) return brokenRule("said '" + told.type + "' before its greeting");
  if (told.type == "beat") {
    WEIR_ASSIGN(longestStepMs_, live::intOf(told.data, "longestStepMs", 0));
    longestStepMs_ = std::clamp<std::int64_t>(longestStepMs_, 0, kMostStepsMs);
  } else if (told.type == "run-secret") {
    return takeAsk(told);
  } else if (told.type.starts_with("run-")) {
    takeOfRun(told, nowMs);
  } else if (live_) {
    live_(std::move(frame));
  }
  return {};
}

void EngineLink::takeOfRun(const live::Control& told, std::int64_t nowMs) {
  RunNumber number = 0;
  std::from_chars(told.id.data(), told.id.data() + told.id.size(), number);
  const auto found = runs_.find(number);
  if (found == runs_.end()) return;
  auto& listener = *found->second.listener;
  if (told.type == "run-log") listener.log(json::write(told.data));
  if (told.type == "run-event") listener.event(json::write(told.data));
  if (told.type == "run-metrics") listener.metrics(json::write(told.data));
  if (told.type == "run-changed") listener.changed(json::write(told.data));
  if (told.type == "run-hooks") listener.hooks(json::write(told.data));
  if (told.type != "run-end") return;
  const auto run = std::move(found->second);
  subscriptions_.erase(run.first);
  runs_.erase(found);
  if (runs_.empty()) idleSinceMs_ = nowMs;
  run.listener->ended(endOf(told.data));
}

Result<void> EngineLink::takeAsk(const live::Control& told) {
  SecretAsk ask;
  WEIR_ASSIGN(ask.number, live::intOf(told.data, "ask", 0));
  WEIR_ASSIGN(ask.runId, live::textOf(told.data, "run", ""));
  WEIR_ASSIGN(ask.name, live::textOf(told.data, "name", ""));
  WEIR_ASSIGN(ask.nodeType, live::textOf(told.data, "nodeType", ""));
  WEIR_ASSIGN(ask.host, live::textOf(told.data, "host", ""));
  const auto longest = std::max({ask.runId.size(), ask.name.size(), ask.nodeType.size(), ask.host.size()});
  if (++asks_ > kMostAsks || longest > kMostAskBytes) return brokenRule("asks for too many secrets");
  // Only for a run that is in it; others may be of another folder.
  for (const auto& [number, run] : runs_) {
    if (run.id != ask.runId || !asking_) continue;
    ask.run = number;
    asking_(std::move(ask));
    return {};
  }
  std::string refused;
  json::Writer out(refused);
  out.beginObject().key("ask").value(ask.number).key("code").value("secret.missing");
  out.key("message").value("secret '" + ask.name + "' was asked for by no run that goes on here").endObject();
  answer(0, refused);
  return {};
}

Result<void> EngineLink::takeRows(const live::Frame& frame) {
  const auto subscription = frame.header.subscription;
  auto at = subscriptions_.upper_bound(subscription);
  if (at == subscriptions_.begin()) return {};
  --at;
  const auto found = runs_.find(at->second);
  const auto index = subscription - at->first;
  // Of a run that has ended meanwhile.
  if (found == runs_.end() || index >= found->second.outlets.size()) return {};
  auto& outlet = *found->second.outlets[index];
  if (outlet.open > kOutletCredit + live::kMaxFrameBytes) return brokenRule("sent more rows than it had credit for");
  outlet.open += costOf(frame);
  outlet.cost += costOf(frame);
  WEIR_ASSIGN(const auto batch, outlet.frames.take(frame));
  if (!batch) return {};
  if (batch->schema() != outlet.schema) {
    outlet.schema = batch->schema();
    found->second.listener->schema(index, fieldsJson(*outlet.schema));
  }
  std::string lines;
  for (std::int64_t row = 0; row < batch->rows(); ++row) {
    appendJson(lines, batch->row(row));
    lines += '\n';
  }
  found->second.listener->rows(index, std::move(lines), batch->rows(), std::exchange(outlet.cost, 0));
  return {};
}

void EngineLink::endRuns(EngineEnd end) {
  const auto suspects = end.crashed ? suspectsOf(process_.board()) : std::map<RunNumber, Suspect>();
  for (const auto& [number, run] : std::exchange(runs_, {})) {
    const auto found = suspects.find(number);
    end.suspect = suspects.empty() || found != suspects.end();
    if (end.crashed) end.report = reportOf(process_, end, found == suspects.end() ? nullptr : &found->second);
    run.listener->ended(end);
  }
  subscriptions_.clear();
}

}  // namespace weir::engines
