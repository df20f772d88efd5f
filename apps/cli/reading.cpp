// Runs of one reader.
#include "apps/cli/reading.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "apps/cli/memory-nodes.h"
#include "engine/json/document.h"
#include "engine/node/settings-check.h"

namespace weir::cli {
namespace {

std::string absolutePath(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

std::string readPath(const std::string& path) { return path == "-" ? path : absolutePath(path); }

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return text;
}

bool endsWithAny(const std::string& name, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
}

/// Whether a setting of this type is the text itself, whatever it looks like: `field=007` is no number.
bool takesText(SettingType type) {
  constexpr std::array kTexts{SettingType::string,     SettingType::text, SettingType::enumeration,
                              SettingType::expression, SettingType::path, SettingType::secret,
                              SettingType::code};
  return std::ranges::contains(kTexts, type);
}

/// A setting's text as the JSON it stands for; a text that is no JSON is itself.
json::Value settingValue(const Catalogue& catalogue, const std::string& typeId, const std::string& name,
                         const std::string& text) {
  if (const auto* type = catalogue.newestOf(typeId); type != nullptr) {
    const auto spec = std::ranges::find(type->settings, name, &SettingSpec::name);
    if (spec != type->settings.end() && takesText(spec->type)) return text;
  }
  auto parsed = json::parse(text);
  return parsed ? parsed->root() : json::Value(text);
}

std::string suggestionText(const std::string& suggestion) {
  if (suggestion.empty()) return {};
  return suggestion.contains(' ') ? " " + suggestion : "; did you mean '" + suggestion + "'?";
}

Result<PlannedNode> nodeOf(const std::string& typeId, json::Value settings, const Catalogue& catalogue) {
  const auto* type = catalogue.newestOf(typeId);
  if (type == nullptr) return fail("flow.unknown_type", "this engine has no node '" + typeId + "'");
  const auto problems = checkSettings(type->settings, settings);
  if (!problems.empty()) {
    return fail("settings.invalid",
                problems[0].pointer + ": " + problems[0].message + suggestionText(problems[0].suggestion));
  }
  PlannedNode node;
  node.type = type;
  node.settings = completed(type->settings, settings);
  node.inputs = type->inputs;
  node.outputs = type->outputs;
  node.needed.assign(type->outputs.size(), FieldSet::everything());
  node.acceptedFilter.assign(type->outputs.size(), -1);
  return node;
}

bool hasSetting(const Catalogue& catalogue, const std::string& typeId, std::string_view name) {
  const auto* type = catalogue.newestOf(typeId);
  return type != nullptr &&
         std::ranges::any_of(type->settings, [&](const SettingSpec& spec) { return spec.name == name; });
}

}  // namespace

namespace {

/// Empty if the name does not say it.
std::string formatOfName(const std::string& path) {
  auto name = lower(std::filesystem::path(path).filename().string());
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.resize(name.size() - packed.size());
  }
  if (endsWithAny(name, {".csv", ".tsv", ".psv"})) return "csv";
  if (endsWithAny(name, {".json", ".ndjson", ".jsonl", ".geojson"})) return "json";
  if (endsWithAny(name, {".arrow", ".arrows", ".feather", ".ipc"})) return "arrow";
  if (endsWithAny(name, {".log", ".txt", ".text", ".md"})) return "text";
  return {};
}

}  // namespace

Result<std::string> writtenFormatOf(const std::string& path, const std::string& asked) {
  if (!asked.empty()) return formatOf(path, asked);
  auto format = formatOfName(path);
  if (!format.empty()) return format;
  return fail("format.unknown", "the name '" + path + "' does not say its format; give --to csv, json, arrow or text");
}

std::string formatOf(const std::string& path, const std::string& asked) {
  if (!asked.empty()) return asked == "ndjson" ? "json" : asked;
  auto named = formatOfName(path);
  if (!named.empty()) return named;
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(path, unknown)) return "text";  // opening a pipe would wait for its writer
  std::ifstream file(path, std::ios::binary);
  std::array<char, 512> head{};
  file.read(head.data(), head.size());
  const std::string_view bytes(head.data(), static_cast<std::size_t>(file.gcount()));
  if (bytes.starts_with("ARROW1") || bytes.starts_with("\xff\xff\xff\xff")) return "arrow";
  const auto first = bytes.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && (bytes[first] == '{' || bytes[first] == '[')) return "json";
  const auto line = bytes.substr(0, bytes.find('\n'));
  if (line.find_first_of(",;\t") != std::string_view::npos) return "csv";
  return "text";
}

Result<PlannedNode> readerOf(const std::string& format, const std::vector<std::string>& paths,
                             const std::vector<std::pair<std::string, std::string>>& settings,
                             const Catalogue& catalogue) {
  if (format != "csv" && format != "json" && format != "arrow" && format != "text") {
    return fail("format.unknown", "no reader for the format '" + format + "'; there are csv, json, arrow and text");
  }
  const auto typeId = "files/" + format + "-read";
  auto values = json::Value::object();
  if (paths.size() == 1) {
    values.set("path", readPath(paths[0]));
  } else {
    auto& list = values.set("path", json::Value::array());
    for (const auto& path : paths) list.push(readPath(path));
  }
  if (hasSetting(catalogue, typeId, "strict")) values.set("strict", true);
  for (const auto& [name, text] : settings) values.set(name, settingValue(catalogue, typeId, name, text));
  return nodeOf(typeId, std::move(values), catalogue);
}

Result<PlannedNode> writerOf(const std::string& format, const std::string& path,
                             const std::vector<std::pair<std::string, std::string>>& settings,
                             const Catalogue& catalogue) {
  const auto typeId = "files/" + format + "-write";
  if (catalogue.newestOf(typeId) == nullptr) {
    return fail("format.unknown", "no writer for the format '" + format + "'; there are csv, json, arrow and text");
  }
  auto values = json::Value::object();
  values.set("path", absolutePath(path));
  for (const auto& [name, text] : settings) values.set(name, settingValue(catalogue, typeId, name, text));
  return nodeOf(typeId, std::move(values), catalogue);
}

PlannedEdge plainEdge(std::int32_t from, Port port, std::int32_t to) {
  PlannedEdge edge;
  edge.id = "e" + std::to_string(from) + "-" + std::to_string(port) + "-" + std::to_string(to);
  edge.source = from;
  edge.sourcePort = port;
  edge.target = to;
  return edge;
}

Result<RunResult> readThrough(PlannedNode reader, const ReadHandlers& handlers, const std::string& projectFolder) {
  Plan plan;
  reader.id = "read";
  const auto errors = reader.type->errorPort();
  plan.nodes.push_back(std::move(reader));
  for (const char* id : {"rows", "errors"}) {
    PlannedNode node;
    node.id = id;
    node.type = &collectorType();
    node.inputs = node.type->inputs;
    node.outputs = node.type->outputs;
    node.depth = 1;
    plan.nodes.push_back(std::move(node));
  }
  plan.edges.push_back(plainEdge(0, 0, 1));
  plan.edges.push_back(plainEdge(0, errors, 2));
  PlaceOptions placing;
  placing.plan = &plan;
  placing.projectFolder = projectFolder;
  Place place(placing);
  MemoryRows rows;
  rows.onBatch([&handlers](const std::string& node, const Batch& batch) {
    if (node == "rows") return handlers.rows(batch);
    for (std::int64_t row = 0; row < batch.rows(); ++row) handlers.errors(errorPacketOf(batch, row));
    return true;
  });
  auto hosts = place.hosts();
  hosts.add<MemoryRows>(rows);
  WEIR_ASSIGN(const auto run, Run::make(std::move(plan), RunOptions{}, hosts, place.workers()));
  return run->drive();
}

}  // namespace weir::cli
