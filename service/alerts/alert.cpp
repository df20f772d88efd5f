// Alerts as JSON.
#include "service/alerts/alert.h"

#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::alerts {

std::string jsonOf(const Alert& alert, std::int64_t silencedUntil) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("number").value(alert.number).key("state").value(alert.clearedAt ? "cleared" : "raised");
  out.key("name").value(alert.name).key("severity").value(nameOf(alert.severity));
  out.key("message").value(alert.message).key("value").value(alert.value);
  out.key("folder").value(alert.folder).key("flow").value(alert.flow);
  if (!alert.rule.empty()) out.key("rule").value(alert.rule);
  out.key("key").value(alert.key).key("labels").beginObject();
  for (const auto& [name, value] : alert.labels) out.key(name).value(value);
  out.endObject().key("raisedAt").value(alert.raisedAt);
  if (alert.clearedAt) out.key("clearedAt").value(*alert.clearedAt);
  if (alert.acknowledgedAt) {
    out.key("acknowledgedAt").value(*alert.acknowledgedAt).key("acknowledgedBy").value(alert.acknowledgedBy);
  }
  if (silencedUntil > 0) out.key("silencedUntil").value(silencedUntil);
  out.endObject();
  return text;
}

Result<Alert> alertOf(std::string_view text) {
  WEIR_ASSIGN(const auto document, json::parse(text));
  const auto& root = document.root();
  if (!root.isObject()) return fail("storage.corrupt", "an alert of the store is no object");
  const auto textAt = [&root](std::string_view key) {
    const auto* found = root.find(key);
    return found != nullptr && found->isString() ? *found->asString() : std::string();
  };
  const auto numberAt = [&root](std::string_view key) -> std::optional<std::int64_t> {
    const auto* found = root.find(key);
    if (found == nullptr || found->asInt64() == nullptr) return std::nullopt;
    return *found->asInt64();
  };
  Alert alert;
  alert.number = numberAt("number").value_or(0);
  alert.key = textAt("key");
  alert.name = textAt("name");
  alert.message = textAt("message");
  alert.rule = textAt("rule");
  alert.folder = textAt("folder");
  alert.flow = textAt("flow");
  alert.severity = severityNamed(textAt("severity")).value_or(Severity::warning);
  if (const auto* value = root.find("value")) static_cast<void>(value->toDouble(alert.value));
  alert.raisedAt = numberAt("raisedAt").value_or(0);
  alert.clearedAt = numberAt("clearedAt");
  alert.acknowledgedAt = numberAt("acknowledgedAt");
  alert.acknowledgedBy = textAt("acknowledgedBy");
  if (const auto* labels = root.find("labels"); labels != nullptr && labels->isObject()) {
    for (const auto& member : *labels->asObject()) {
      if (member.value.isString()) alert.labels[member.key] = *member.value.asString();
    }
  }
  return alert;
}

}  // namespace weir::alerts
