// Words of a server, for people or for programs.
#include "apps/cli/serve/server-words.h"

#include <atomic>
#include <cstdio>
#include <utility>

#include "apps/cli/command.h"
#include "engine/text/printable.h"
#include "hosts/native/native-clock.h"

namespace weir::cli {
namespace {

std::atomic<logs::LogFormat>& formatNow() {
  static std::atomic<logs::LogFormat> format{logs::LogFormat::text};
  return format;
}

logs::LogLine lineOf(LogLevel level, std::string_view message) {
  native::NativeClock clock;
  return {.level = level, .micros = clock.nowMicros(), .part = "server", .message = std::string(message)};
}

void write(const logs::LogLine& line, std::string_view more) {
  const auto text = wordsOf(formatNow(), line, more);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

void sayAs(logs::LogFormat format) { formatNow() = format; }

std::string wordsOf(logs::LogFormat format, const logs::LogLine& line, std::string_view more) {
  if (format == logs::LogFormat::text) {
    auto text = "weir: " + printable(line.message) + "\n";
    if (!more.empty()) text += "      " + printable(more) + "\n";
    return text;
  }
  auto whole = line;
  if (!more.empty()) whole.fields.push_back({"detail", std::string(more)});
  return logs::format(whole, format) + "\n";
}

void say(LogLevel level, std::string_view message, std::string_view more) { write(lineOf(level, message), more); }

void sayAll(const std::vector<std::string>& warnings) {
  for (const auto& warning : warnings) say(LogLevel::warning, warning);
}

void sayError(const Error& error) {
  if (formatNow() == logs::LogFormat::text) return printError(error);
  auto line = lineOf(LogLevel::error, error.message);
  line.fields.push_back({"code", std::string(error.code)});
  write(line, {});
}

}  // namespace weir::cli
