// Writes items of OTLP.
#include "service/telemetry/otlp-items.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "engine/json/writer.h"
#include "engine/text/url.h"
#include "service/alerts/rule-watch.h"

namespace weir::telemetry {
namespace {

/// 64-bit numbers are texts in OTLP's JSON.
std::string nanos(std::int64_t micros, std::int64_t more = 0) { return std::to_string(micros * 1000 + more); }

void writeText(json::Writer& out, std::string_view key, std::string_view text) {
  out.beginObject().key("key").value(key).key("value").beginObject().key("stringValue").value(text);
  out.endObject().endObject();
}

void writeNumber(json::Writer& out, std::string_view key, std::int64_t number) {
  out.beginObject().key("key").value(key).key("value").beginObject().key("intValue").value(std::to_string(number));
  out.endObject().endObject();
}

int severityOf(LogLevel level) { return 5 + 4 * static_cast<int>(level); }  // 5 DEBUG, 9 INFO, 13 WARN, 17 ERROR

/// The samples of one family, in the order of the text.
struct FamilyText {
  std::string_view name, type, body;
};

std::vector<FamilyText> familiesIn(std::string_view text) {
  constexpr std::string_view kType = "# TYPE ";
  std::vector<FamilyText> families;
  for (auto at = text.find(kType); at != std::string_view::npos;) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto head = text.substr(at + kType.size(), end - at - kType.size());
    const auto space = head.find(' ');
    const auto next = text.find(kType, end);
    families.push_back({head.substr(0, space), head.substr(space + 1), text.substr(at, next - at)});
    at = next;
  }
  return families;
}

void writePoint(json::Writer& out, const alerts::Labels& labels, std::int64_t beginMicros, std::int64_t nowMicros) {
  out.beginObject().key("attributes").beginArray();
  for (const auto& [name, value] : labels) {
    if (name != "le") writeText(out, name, value);
  }
  out.endArray();
  if (beginMicros > 0) out.key("startTimeUnixNano").value(nanos(beginMicros));
  out.key("timeUnixNano").value(nanos(nowMicros));
}

struct Buckets {
  std::vector<std::pair<double, double>> upTo;  // bound, how many up to it
  double sum = 0, count = 0;
};

/// Buckets of Prometheus count all below them too; those of OTLP stand alone.
void writeHistogram(json::Writer& out, const FamilyText& family, std::int64_t beginMicros, std::int64_t nowMicros) {
  std::map<alerts::Labels, Buckets> series;
  for (const auto& sample : alerts::samplesOf(family.body, family.name)) {
    auto labels = sample.labels;
    if (sample.name.ends_with("_sum")) series[labels].sum = sample.value;
    const auto bound = labels.find("le");
    if (bound == labels.end()) continue;
    const auto text = bound->second;
    double limit = 0;
    std::from_chars(text.data(), text.data() + text.size(), limit);
    labels.erase("le");
    auto& buckets = series[labels];
    if (text == "+Inf") {
      buckets.count = sample.value;
    } else {
      buckets.upTo.emplace_back(limit, sample.value);
    }
  }
  out.key("histogram").beginObject().key("aggregationTemporality").value(2).key("dataPoints").beginArray();
  for (const auto& [labels, buckets] : series) {
    writePoint(out, labels, beginMicros, nowMicros);
    out.key("count").value(std::to_string(static_cast<std::int64_t>(buckets.count))).key("sum").value(buckets.sum);
    out.key("bucketCounts").beginArray();
    double before = 0;
    for (const auto& [bound, upTo] : buckets.upTo) {
      out.value(std::to_string(static_cast<std::int64_t>(upTo - std::exchange(before, upTo))));
    }
    out.value(std::to_string(static_cast<std::int64_t>(buckets.count - before))).endArray();
    out.key("explicitBounds").beginArray();
    for (const auto& [bound, upTo] : buckets.upTo) out.value(bound);
    out.endArray().endObject();
  }
  out.endArray().endObject();
}

void writeNumbers(json::Writer& out, const FamilyText& family, std::int64_t beginMicros, std::int64_t nowMicros) {
  const bool counts = family.type == "counter";
  out.key(counts ? "sum" : "gauge").beginObject();
  if (counts) out.key("aggregationTemporality").value(2).key("isMonotonic").value(true);
  out.key("dataPoints").beginArray();
  for (const auto& sample : alerts::samplesOf(family.body, family.name)) {
    writePoint(out, sample.labels, counts ? beginMicros : 0, nowMicros);
    out.key("asDouble").value(sample.value).endObject();
  }
  out.endArray().endObject();
}

}  // namespace

std::string spanJson(const Span& span) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("traceId").value(span.trace).key("spanId").value(span.id);
  if (!span.parent.empty()) out.key("parentSpanId").value(span.parent);
  out.key("name").value(span.name).key("kind").value(span.server ? 2 : 1);
  out.key("startTimeUnixNano").value(nanos(span.beginMicros));
  out.key("endTimeUnixNano").value(nanos(span.beginMicros, span.endNanosLater));
  out.key("attributes").beginArray();
  for (const auto& [name, value] : span.attributes) {
    if (const auto* words = std::get_if<std::string>(&value)) {
      writeText(out, name, *words);
    } else {
      writeNumber(out, name, std::get<std::int64_t>(value));
    }
  }
  out.endArray().key("status").beginObject();
  if (!span.problem.empty()) out.key("code").value(2).key("message").value(span.problem);
  out.endObject().endObject();
  return text;
}

std::string logRecordJson(const logs::LogLine& line) {
  std::string text, trace, span;
  json::Writer out(text);
  out.beginObject().key("timeUnixNano").value(nanos(line.micros)).key("observedTimeUnixNano").value(nanos(line.micros));
  out.key("severityNumber").value(severityOf(line.level)).key("severityText").value(logs::nameOf(line.level));
  out.key("body").beginObject().key("stringValue").value(line.message).endObject().key("attributes").beginArray();
  if (!line.part.empty()) writeText(out, "weir.part", line.part);
  for (const auto& field : line.fields) {
    if (const auto* words = std::get_if<std::string>(&field.value)) {
      if (field.name == "traceId") {
        trace = *words;
      } else if (field.name == "spanId") {
        span = *words;
      } else {
        writeText(out, field.name, *words);
      }
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      writeNumber(out, field.name, *number);
    } else {
      out.beginObject().key("key").value(field.name).key("value").beginObject().key("doubleValue");
      out.value(std::get<double>(field.value)).endObject().endObject();
    }
  }
  out.endArray();
  if (!trace.empty()) out.key("traceId").value(trace);
  if (!span.empty()) out.key("spanId").value(span);
  out.endObject();
  return text;
}

std::vector<std::string> metricItems(std::string_view exposition, std::int64_t beginMicros, std::int64_t nowMicros) {
  std::vector<std::string> items;
  for (const auto& family : familiesIn(exposition)) {
    std::string text;
    json::Writer out(text);
    out.beginObject().key("name").value(family.name);
    if (family.type == "histogram") {
      out.key("unit").value("s");
      writeHistogram(out, family, beginMicros, nowMicros);
    } else {
      writeNumbers(out, family, beginMicros, nowMicros);
    }
    out.endObject();
    items.push_back(std::move(text));
  }
  return items;
}

Result<std::vector<std::pair<std::string, std::string>>> namedValues(std::string_view text, std::string_view setting) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const auto one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.find_first_not_of(' ') == std::string_view::npos) continue;
    const auto equals = one.find('=');
    const auto first = one.find_first_not_of(' ');
    if (equals == std::string_view::npos || equals == first) {
      return fail("config.value",
                  "'" + std::string(setting) + "' holds something that is no NAME=VALUE; several have commas between");
    }
    WEIR_ASSIGN(auto value, percentDecoded(one.substr(equals + 1)));
    pairs.emplace_back(one.substr(first, equals - first), std::move(value));
  }
  return pairs;
}

std::string resourceJson(const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("attributes").beginArray();
  for (const auto& [name, value] : attributes) writeText(out, name, value);
  out.endArray().endObject();
  return text;
}

}  // namespace weir::telemetry
