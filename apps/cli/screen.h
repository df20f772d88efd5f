// Screen: standard error, shared by the live table and by lines that pass above it.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "engine/host/log.h"

namespace weir::cli {

/// Thread-safe: a table that is drawn in place stays below all lines.
class Screen {
 public:
  /// Puts `text`, whole lines, where the last table was; on anything but a terminal it is simply written.
  void table(std::string text, bool inPlace);
  /// The table stays as it is; what comes next goes below it.
  void leaveTable();
  /// Writes whole lines above the table.
  void lines(std::string_view text);

 private:
  void write(std::string_view text);
  [[nodiscard]] std::string clearing() const;

  std::mutex mutex_;
  std::string table_;
};

/// The log of a run on the screen.
class ScreenLog final : public Log {
 public:
  explicit ScreenLog(Screen& screen, LogLevel least = LogLevel::info) : screen_(screen), least_(least) {}
  void write(LogLevel level, std::string_view node, std::string_view message) override;

 private:
  Screen& screen_;
  LogLevel least_;
};

}  // namespace weir::cli
