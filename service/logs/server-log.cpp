// Hands lines to targets.
#include "service/logs/server-log.h"

#include <utility>

namespace weir::logs {

void StreamTarget::take(const LogLine& line) {
  auto text = format(line, as_);
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), stream_);
  std::fflush(stream_);
}

ServerLog::ServerLog(Clock& clock, LogLevel least, metrics::Registry& registry, Redact redact)
    : clock_(clock), least_(least), redact_(std::move(redact)) {
  for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    counts_.push_back(&registry.counter("weir_log_lines_total", {std::string(nameOf(level))}));
  }
}

void ServerLog::tell(LogLine line) {
  if (!tells(line.level)) return;
  if (line.micros == 0) line.micros = clock_.nowMicros();
  if (redact_) {
    line.message = redact_(line.message);
    for (auto& field : line.fields) {
      if (auto* text = std::get_if<std::string>(&field.value)) *text = redact_(*text);
    }
  }
  counts_[static_cast<std::size_t>(line.level)]->add();
  const std::lock_guard locked(one_);
  for (auto* target : targets_) target->take(line);
}

void ServerLog::write(LogLevel level, std::string_view node, std::string_view message) {
  if (!tells(level)) return;
  LogLine line{.level = level, .part = "server", .message = std::string(message)};
  if (!node.empty()) line.fields.push_back({"node", std::string(node)});
  tell(std::move(line));
}

}  // namespace weir::logs
