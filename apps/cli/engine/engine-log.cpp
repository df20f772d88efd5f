// What a run says of itself: its lines to the front, and its rows that failed.
#include <string>
#include <string_view>
#include <utility>

#include "apps/cli/engine/engine-run.h"
#include "engine/json/writer.h"

namespace weir::cli {
namespace {

constexpr std::size_t kMostLogBytes = std::size_t{1} << 20;

std::string_view nameOf(LogLevel level) {
  constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

}  // namespace

void EngineLog::write(LogLevel level, std::string_view node, std::string_view message) {
  const auto now = parts_.clock.nowMicros();
  const auto said = parts_.secrets.redact(message);
  std::string text;
  json::Writer out(text);
  out.beginObject().key("at").value(now / 1000).key("level").value(nameOf(level));
  out.key("node").value(node).key("message").value(said).endObject();
  if (relay_ != nullptr) relay_->logged(run_, now, level, node, said);
  {
    const std::lock_guard locked(mutex_);
    if (bytes_ + text.size() > kMostLogBytes) {
      ++dropped_;
      return;
    }
    bytes_ += text.size();
    lines_.push_back(std::move(text));
  }
  wake_();
}

std::vector<std::string> EngineLog::take() {
  const std::lock_guard locked(mutex_);
  auto lines = std::exchange(lines_, {});
  bytes_ = 0;
  if (dropped_ > 0) {
    std::string text;
    json::Writer out(text);
    out.beginObject()
        .key("at")
        .value(parts_.clock.nowMicros() / 1000)
        .key("level")
        .value("warning")
        .key("node")
        .value("");
    out.key("message").value(std::to_string(dropped_) + " lines came too fast and are left out").endObject();
    lines.push_back(std::move(text));
    dropped_ = 0;
  }
  return lines;
}

Result<void> EngineLetters::add(std::span<const ErrorPacket> packets) {
  relay_.failed(run_, packets);
  return files_ != nullptr ? files_->add(packets) : Result<void>();
}

}  // namespace weir::cli
