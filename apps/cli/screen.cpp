// Clears and redraws the table around each line.
#include "apps/cli/screen.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "engine/text/printable.h"

namespace weir::cli {

void Screen::write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string Screen::clearing() const {
  std::string text;
  for (auto lines = std::ranges::count(table_, '\n'); lines > 0; --lines) text += "\x1b[1A\x1b[2K";
  return text;
}

void Screen::table(std::string text, bool inPlace) {
  const std::lock_guard locked(mutex_);
  if (!inPlace) return write(text);
  write(clearing() + text);
  table_ = std::move(text);
}

void Screen::leaveTable() {
  const std::lock_guard locked(mutex_);
  table_.clear();
}

void Screen::lines(std::string_view text) {
  const std::lock_guard locked(mutex_);
  write(clearing().append(text).append(table_));
}

void ScreenLog::write(LogLevel level, std::string_view node, std::string_view message) {
  if (level < least_) return;
  static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
  std::string line = kNames[static_cast<int>(level)];
  if (!node.empty()) line.append(" [").append(printable(node)).append("]");
  line.append(" ")
      .append(printable(secrets_ == nullptr ? std::string(message) : secrets_->redact(message)))
      .append("\n");
  screen_.lines(line);
}

}  // namespace weir::cli
