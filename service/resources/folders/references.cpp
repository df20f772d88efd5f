// Looks through the settings of a document's nodes.
#include "service/resources/folders/references.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace weir::api {
namespace {

constexpr std::string_view kSecret = "${secret:", kSubflow = "subflow/";

void addOnce(std::vector<std::string>& names, std::string name) {
  if (!name.empty() && !std::ranges::contains(names, name)) names.push_back(std::move(name));
}

void eachText(const json::Value& value, const std::function<void(const std::string&)>& take) {
  if (value.isString()) return take(*value.asString());
  if (value.isArray()) {
    for (const auto& one : *value.asArray()) eachText(one, take);
  }
  if (value.isObject()) {
    for (const auto& member : *value.asObject()) eachText(member.value, take);
  }
}

/// `${name}` is what the parameter is unless a run says otherwise.
std::string withDefaults(std::string text, const flow::FlowDocument& document) {
  for (const auto& parameter : document.parameters) {
    if (!parameter.defaultValue || !parameter.defaultValue->isString()) continue;
    const auto mark = "${" + parameter.name + "}";
    const auto& value = *parameter.defaultValue->asString();
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

void addSecrets(const std::string& text, std::vector<std::string>& names) {
  for (auto at = text.find(kSecret); at != std::string::npos; at = text.find(kSecret, at + 1)) {
    const auto end = text.find('}', at);
    if (end == std::string::npos) return;
    addOnce(names, text.substr(at + kSecret.size(), end - at - kSecret.size()));
  }
}

/// The mount of `mount:path`; as short a word as one letter is none, nor is what has a slash before its colon.
std::string mountOf(const std::string& path) {
  const auto colon = path.find(':');
  if (colon == std::string::npos || colon < 2 || path.find('/') < colon) return {};
  auto name = path.substr(0, colon);
  return name == "project" ? std::string() : name;
}

class Look {
 public:
  Look(const flow::FlowDocument& document, const Catalogue& catalogue) : document_(document), catalogue_(catalogue) {}

  References all() {
    for (const auto& node : document_.nodes) take(node);
    for (const auto& parameter : document_.parameters) {
      if (parameter.defaultValue) secrets(*parameter.defaultValue);
    }
    return std::move(found_);
  }

 private:
  void take(const flow::FlowNode& node) {
    if (node.typeId.starts_with(kSubflow)) addOnce(found_.subflows, node.typeId.substr(kSubflow.size()));
    secrets(node.settings);
    const auto* type = catalogue_.find(node.typeId, node.version);
    if (type == nullptr) return;
    for (const auto& spec : type->settings) {
      const auto* value = node.settings.find(spec.name);
      if (value == nullptr) continue;
      if (spec.type == SettingType::code) addOnce(found_.codeNodes, node.id);
      const bool paths = spec.type == SettingType::path || (spec.type == SettingType::list && spec.items.size() == 1 &&
                                                            spec.items[0].type == SettingType::path);
      if (!paths) continue;
      eachText(*value,
               [this](const std::string& text) { addOnce(found_.mounts, mountOf(withDefaults(text, document_))); });
    }
  }
  void secrets(const json::Value& value) {
    eachText(value, [this](const std::string& text) { addSecrets(text, found_.secrets); });
  }

  const flow::FlowDocument& document_;
  const Catalogue& catalogue_;
  References found_;
};

}  // namespace

References referencesOf(const flow::FlowDocument& document, const Catalogue& catalogue) {
  return Look(document, catalogue).all();
}

std::vector<folders::HookClaim> hooksOf(const flow::FlowDocument& document) {
  std::vector<folders::HookClaim> claims;
  for (const auto& node : document.nodes) {
    if (node.typeId != "http/webhook" || node.bypass) continue;
    const auto* path = node.settings.find("path");
    if (path == nullptr || !path->isString()) continue;
    folders::HookClaim claim{{}, withDefaults(*path->asString(), document)};
    if (const auto* methods = node.settings.find("methods"); methods != nullptr && methods->isArray()) {
      for (const auto& method : *methods->asArray()) {
        if (method.isString()) claim.methods.push_back(*method.asString());
      }
    }
    if (claim.methods.empty()) claim.methods.emplace_back("POST");
    claims.push_back(std::move(claim));
  }
  return claims;
}

}  // namespace weir::api
