// Screen: standard error, shared by the live table and by lines that pass above it.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "engine/host/log.h"
#include "hosts/native/secrets.h"

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
  /// `secrets`, which outlive it, are kept out of all lines.
  explicit ScreenLog(Screen& screen, LogLevel least = LogLevel::info, const native::Secrets* secrets = nullptr)
      : screen_(screen), least_(least), secrets_(secrets) {}
  void write(LogLevel level, std::string_view node, std::string_view message) override;

 private:
  Screen& screen_;
  LogLevel least_;
  const native::Secrets* secrets_;
};

}  // namespace weir::cli
