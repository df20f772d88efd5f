// Hands requests to the sessions of runs, and keeps what failed and what was logged.
#include "engine/live/relay.h"

#include <algorithm>
#include <utility>

#include "engine/data/row-json.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/time/instant.h"

namespace weir::live {
namespace {

constexpr std::size_t kMostNotes = 1000;
constexpr std::size_t kMostNoteBytes = 1 << 20;
constexpr std::size_t kMostRowBytes = 16 << 10;
/// Beyond it notes wait: the service takes nothing.
constexpr std::size_t kMostWaiting = 4 << 20;

std::string jsonOf(const ErrorPacket& packet) {
  std::string text;
  appendJson(text, packet);
  if (text.size() <= kMostRowBytes) return text;
  // Who watches wants to know that it failed; the row itself is in the dead letters.
  auto small = packet;
  small.row = Value::string("(too large to be shown here)");
  text.clear();
  appendJson(text, small);
  return text;
}

std::string_view levelText(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

}  // namespace

void Relay::Notes::add(Note note) {
  ++total;
  bytes += note.whole.size() + note.masked.size();
  kept.push_back(std::move(note));
  while (kept.size() > kMostNotes || (bytes > kMostNoteBytes && kept.size() > 1)) {
    bytes -= kept.front().whole.size() + kept.front().masked.size();
    kept.pop_front();
  }
}

void Relay::add(Run& run, About about) {
  auto made = std::make_unique<Watched>();
  made->about = std::move(about);
  made->sensitive = run.plan().sensitive;
  ++lastSession_;
  made->session = std::make_unique<Session>(run, made->about, lastSession_,
                                            made->about.run + "-" + std::to_string(lastSession_), made->saved);
  const Locked locked(lock_);
  runs_[made->about.run] = std::move(made);
}

void Relay::end(const std::string& run, std::string_view outcome, std::int64_t nowNanos) {
  const auto at = runs_.find(run);
  if (at == runs_.end()) return;
  const bool asked = at->second->asked;
  if (asked) {
    tellNotes(*at->second);
    at->second->session->end(outcome, nowNanos);
    outgoing_ += at->second->session->outgoing();
  }
  {
    const Locked locked(lock_);
    runs_.erase(at);
  }
  if (!asked) return;
  Control told{"live-ended", ""};
  told.data.set("run", run);
  told.data.set("outcome", outcome);
  send(told);
}

void Relay::send(const Control& control) {
  FrameHeader header;
  header.subscription = control.subscription.value_or(0);
  appendFrame(outgoing_, header, writeControl(control));
}

void Relay::receive(const Control& control, std::int64_t nowNanos) {
  const auto answered = answer(control, nowNanos);
  if (!answered || control.id.empty()) return;
  if (!*answered) return send(errorReply(control.id, answered->error()));
  std::string text;
  json::Writer out(text);
  out.beginObject().key("v").value(1).key("type").value("ok").key("id").value(control.id);
  out.key("data").raw(**answered).endObject();
  appendFrame(outgoing_, FrameHeader{}, text);
}

std::optional<Relay::Answer> Relay::answer(const Control& control, std::int64_t nowNanos) {
  const auto run = textOf(control.data, "run", "");
  if (!run) return std::unexpected(run.error());
  const auto ask = textOf(control.data, "ask", "");
  if (!ask) return std::unexpected(ask.error());
  const auto at = runs_.find(*run);
  if (at == runs_.end()) return fail("run.not_found", "this process has no run '" + *run + "' under way");
  at->second->asked = true;
  Control inner{*ask, control.id};
  if (const auto number = intOf(control.data, "subscription", 0); number && *number > 0) {
    inner.subscription = static_cast<std::uint32_t>(*number);
  }
  if (const auto* data = control.data.find("data")) inner.data = *data;
  if (auto answered = notesAnswer(*at->second, inner)) return answered;
  Frame frame;
  frame.payload = writeControl(inner);
  auto& session = *at->second->session;
  auto received = session.receive(frame, nowNanos);
  outgoing_ += std::exchange(session.outgoing(), {});
  if (!received) return std::unexpected(std::move(received.error()));
  return std::nullopt;
}

std::optional<Relay::Answer> Relay::notesAnswer(Watched& watched, const Control& inner) {
  if (inner.type == "unsubscribe" && inner.subscription && watched.watches.erase(*inner.subscription) > 0) return "{}";
  if (inner.type != "subscribe") return std::nullopt;
  const auto kind = textOf(inner.data, "kind", "");
  if (!kind || (*kind != "errors" && *kind != "logs")) return std::nullopt;
  if (!inner.subscription) return fail("live.control", "a subscription of a service has a number");
  const auto after = intOf(inner.data, "after", 0);
  if (!after) return std::unexpected(after.error());
  const auto reveal = boolOf(inner.data, "reveal", false);
  if (!reveal) return std::unexpected(reveal.error());
  watched.watches[*inner.subscription] = {*kind == "errors" ? Kind::errors : Kind::logs, *reveal,
                                          static_cast<std::uint64_t>(std::max<std::int64_t>(0, *after))};
  return "{\"subscription\":" + std::to_string(*inner.subscription) + "}";
}

void Relay::tellNotes(Watched& watched) {
  const Locked locked(lock_);
  for (auto& [number, watch] : watched.watches) {
    const bool errors = watch.kind == Kind::errors;
    const auto& notes = errors ? watched.errors : watched.logs;
    const auto first = notes.total - notes.kept.size();
    watch.told = std::max(watch.told, first);
    while (watch.told < notes.total && outgoing_.size() < kMostWaiting) {
      const auto& note = notes.kept[static_cast<std::size_t>(watch.told - first)];
      ++watch.told;
      std::string text;
      json::Writer out(text);
      out.beginObject().key("v").value(1).key("type").value(errors ? "node-execution-error" : "log");
      out.key("subscription").value(std::int64_t{number}).key("data");
      out.raw(watch.reveal || note.masked.empty() ? note.whole : note.masked).endObject();
      FrameHeader header;
      header.subscription = number;
      header.sequence = watch.told;
      appendFrame(outgoing_, header, text);
    }
  }
}

void Relay::tick(std::int64_t nowNanos) {
  for (auto& [id, watched] : runs_) {
    if (!watched->watches.empty()) tellNotes(*watched);
    if (!watched->session->subscribed()) continue;
    watched->session->tick(nowNanos);
    outgoing_ += std::exchange(watched->session->outgoing(), {});
  }
}

bool Relay::watched() const {
  return std::ranges::any_of(
      runs_, [](const auto& run) { return !run.second->watches.empty() || run.second->session->subscribed(); });
}

void Relay::failed(std::string_view run, std::span<const ErrorPacket> packets) {
  const Locked locked(lock_);
  const auto at = runs_.find(run);
  if (at == runs_.end()) return;
  // More would be gone before anybody could have seen them.
  if (packets.size() > kMostNotes) {
    at->second->errors.total += packets.size() - kMostNotes;
    at->second->errors.kept.clear();
    at->second->errors.bytes = 0;
    packets = packets.last(kMostNotes);
  }
  for (const auto& packet : packets) {
    Note note{jsonOf(packet), {}};
    if (!at->second->sensitive.empty()) {
      auto hidden = packet;
      hidden.row = masked(packet.row, at->second->sensitive);
      note.masked = jsonOf(hidden);
    }
    at->second->errors.add(std::move(note));
  }
}

void Relay::logged(std::string_view run, std::int64_t atMicros, LogLevel level, std::string_view node,
                   std::string_view message) {
  std::string text;
  json::Writer out(text);
  const auto instant = instantFromMicros(atMicros);
  out.beginObject().key("at").value(instant ? formatInstant(*instant) : std::string());
  out.key("level").value(levelText(level)).key("node").value(node);
  out.key("message").value(message.substr(0, RunEvents::kMostMessageBytes)).endObject();
  const Locked locked(lock_);
  if (const auto at = runs_.find(run); at != runs_.end()) at->second->logs.add({std::move(text), {}});
}

}  // namespace weir::live
