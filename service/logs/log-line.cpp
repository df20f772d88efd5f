// Writes log lines; reads traceparent.
#include "service/logs/log-line.h"

#include <algorithm>
#include <array>

#include "engine/json/writer.h"
#include "engine/time/instant.h"

namespace weir::logs {
namespace {

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};

void appendShown(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
      continue;
    }
    out += "\\x";
    out += "0123456789abcdef"[byte >> 4U];
    out += "0123456789abcdef"[byte & 15U];
  }
}

void appendValue(std::string& out, const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    out += std::to_string(*number);
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    json::appendDouble(out, *real);
  } else {
    const auto& text = std::get<std::string>(field.value);
    const bool bare = !text.empty() && text.find_first_of(" \"=") == std::string::npos;
    if (!bare) out += '"';
    appendShown(out, text);
    if (!bare) out += '"';
  }
}

std::string timeText(std::int64_t micros) { return formatInstant(instantFromMicros(micros).value_or(Instant{})); }

std::string asText(const LogLine& line) {
  auto text = timeText(line.micros);
  const auto level = nameOf(line.level);
  text.append(" ").append(level).append(6 - level.size(), ' ');
  appendShown(text, line.part);
  text += ": ";
  appendShown(text, line.message);
  for (const auto& field : line.fields) {
    text.append(" ").append(field.name).append("=");
    appendValue(text, field);
  }
  return text;
}

std::string asJson(const LogLine& line) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("time").value(timeText(line.micros)).key("level").value(nameOf(line.level));
  out.key("part").value(line.part).key("message").value(line.message);
  for (const auto& field : line.fields) {
    out.key(field.name);
    std::visit([&out](const auto& value) { out.value(value); }, field.value);
  }
  out.endObject();
  return text;
}

bool isHex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string_view nameOf(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> levelNamed(std::string_view name) {
  if (name == "warning") return LogLevel::warning;
  const auto found = std::ranges::find(kLevels, name);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<LogLevel>(found - kLevels.begin());
}

std::optional<LogFormat> formatNamed(std::string_view name) {
  if (name == "text") return LogFormat::text;
  if (name == "json") return LogFormat::json;
  return std::nullopt;
}

std::string format(const LogLine& line, LogFormat as) {
  switch (as) {
    case LogFormat::text:
      return asText(line);
    case LogFormat::json:
      return asJson(line);
  }
  return {};
}

std::optional<TraceContext> parseTraceparent(std::string_view header) {
  // version-trace-parent-flags: 2, 32, 16 and 2 digits; later versions may add more behind a dash.
  if (header.size() < 55 || header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  const auto version = header.substr(0, 2), trace = header.substr(3, 32), parent = header.substr(36, 16),
             flags = header.substr(53, 2);
  if (!isHex(version) || !isHex(trace) || !isHex(parent) || !isHex(flags) || version == "ff") return std::nullopt;
  if (header.size() > 55 && (version == "00" || header[55] != '-')) return std::nullopt;
  const auto zeros = [](std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; };
  if (zeros(trace) || zeros(parent)) return std::nullopt;
  const auto last = flags[1];
  const auto bits = last <= '9' ? last - '0' : last - 'a' + 10;
  return TraceContext{std::string(trace), std::string(parent), (bits & 1) != 0};
}

}  // namespace weir::logs
