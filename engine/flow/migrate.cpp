// The steps between versions of the document.
#include "engine/flow/migrate.h"

#include <charconv>
#include <utility>

#include "engine/flow/document.h"

namespace weir::flow {
namespace {

using json::Value;

void rename(Value& object, std::string_view from, std::string_view to) {
  auto* members = object.asObject();
  if (members == nullptr || object.find(to) != nullptr) return;
  for (auto& member : *members) {
    if (member.key == from) member.key = to;
  }
}

// "node.port", with the port from behind the last dot.
void splitEnd(Value& edge, std::string_view from, std::string_view to) {
  rename(edge, from, to);
  auto* end = edge.find(to);
  if (end == nullptr || !end->isString()) return;
  const auto text = *end->asString();
  const auto dot = text.rfind('.');
  auto split = Value::object();
  split.set("node", text.substr(0, dot));
  split.set("port", dot == std::string::npos ? std::string("rows") : text.substr(dot + 1));
  split.setOffset(end->offset());
  *end = std::move(split);
}

// 0.9 had `links` with `from` and `to`, nodes with `type`, `options`, and `x` and `y` beside the id.
void from09(Value& root) {
  rename(root, "links", "edges");
  if (auto* nodes = root.find("nodes"); nodes != nullptr && nodes->asArray() != nullptr) {
    for (auto& node : *nodes->asArray()) {
      rename(node, "type", "typeId");
      rename(node, "options", "settings");
      const auto* x = node.find("x");
      const auto* y = node.find("y");
      if (x == nullptr || y == nullptr) continue;
      auto position = Value::object();
      position.set("x", *x);
      position.set("y", *y);
      node.remove("x");
      node.remove("y");
      node.set("position", std::move(position));
    }
  }
  if (auto* edges = root.find("edges"); edges != nullptr && edges->asArray() != nullptr) {
    for (auto& edge : *edges->asArray()) {
      splitEnd(edge, "from", "source");
      splitEnd(edge, "to", "target");
    }
  }
}

constexpr DocumentMigration kSteps[] = {{"0.9.0", "1.0.0", &from09}};

}  // namespace

bool readVersion(std::string_view text, DocumentVersion& version) {
  version = {};
  int* const parts[] = {&version.major, &version.minor, &version.patch};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int i = 0; i < 3; ++i) {
    const auto [next, wrong] = std::from_chars(at, end, *parts[i]);
    if (wrong != std::errc() || *parts[i] < 0) return false;
    at = next;
    if (at == end) return true;
    if (*at++ != '.') return false;
  }
  return false;
}

std::span<const DocumentMigration> documentMigrations() { return kSteps; }

std::string migrateDocument(json::Value& root, Problems& problems) {
  const auto* given = root.find("version");
  if (given == nullptr || !given->isString()) return {};  // the check of the form says so
  const std::string original = *given->asString();
  DocumentVersion have, current;
  if (!readVersion(original, have)) {
    problems.error("flow.version", "/version", "'" + original + "' is no version of the document format.",
                   "Write \"" + std::string(kDocumentVersion) + "\"; the flow's own version goes to metadata.version.");
    return {};
  }
  static_cast<void>(readVersion(kDocumentVersion, current));
  if (have > current) {
    problems.error(
        "flow.newer", "/version",
        "the document has format " + original + ", this engine reads up to " + std::string(kDocumentVersion) + ".",
        "Use a newer weir.");
    return {};
  }
  if (have == current) return {};
  while (have < current) {
    bool moved = false;
    for (const auto& step : kSteps) {
      DocumentVersion from, to;
      if (!readVersion(step.from, from) || !readVersion(step.to, to) || from != have) continue;
      step.apply(root);
      root.set("version", std::string(step.to));
      have = to;
      moved = true;
      break;
    }
    if (!moved) {
      problems.error("flow.no_migration", "/version",
                     "there is no way from format " + original + " to " + std::string(kDocumentVersion) + ".",
                     "Formats that can be migrated: 0.9.0.");
      return {};
    }
  }
  return original;
}

std::int64_t migrateNodes(json::Value& root, std::span<const SettingsMigration> steps) {
  auto* nodes = root.find("nodes");
  if (nodes == nullptr || nodes->asArray() == nullptr) return 0;
  std::int64_t changed = 0;
  for (auto& node : *nodes->asArray()) {
    bool touched = false;
    for (std::size_t round = 0; round <= steps.size(); ++round) {
      const auto* type = node.find("typeId");
      const auto* version = node.find("version");
      if (type == nullptr || version == nullptr || !type->isString() || !version->isString()) break;
      const SettingsMigration* fit = nullptr;
      for (const auto& step : steps) {
        if (step.typeId == *type->asString() && step.from == *version->asString()) fit = &step;
      }
      if (fit == nullptr) break;
      const auto* settings = node.find("settings");
      auto made = fit->apply(settings != nullptr ? *settings : Value::object());
      node.set("settings", std::move(made));
      node.set("version", std::string(fit->to));
      touched = true;
    }
    changed += touched ? 1 : 0;
  }
  return changed;
}

}  // namespace weir::flow
