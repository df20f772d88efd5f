// Checks what is asked of a run before anything of it is done.
#include "service/api/run-options.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace weir::api {
namespace {

std::unexpected<Refusal> wrong(std::string_view member, const json::Value& given, std::string_view wanted) {
  return refuse(
      400, "api.body",
      "'" + std::string(member) + "' is " + std::string(json::nameOf(given.kind())) + "; it is " + std::string(wanted));
}

Expected<void> checkNumber(const json::Value& root, std::string_view member, std::int64_t least) {
  const auto* given = root.find(member);
  if (given == nullptr) return {};
  const auto wanted = least == std::numeric_limits<std::int64_t>::min()
                          ? std::string("a whole number")
                          : "a whole number from " + std::to_string(least);
  if (given->asInt64() == nullptr) return wrong(member, *given, wanted);
  if (*given->asInt64() >= least) return {};
  return refuse(400, "api.body",
                "'" + std::string(member) + "' is " + std::to_string(*given->asInt64()) + "; it is " + wanted);
}

Expected<void> checkMode(const json::Value& root) {
  const auto* given = root.find("mode");
  if (given == nullptr) return {};
  constexpr std::string_view kModes = "async, sync or step";
  if (!given->isString()) return wrong("mode", *given, kModes);
  const auto& mode = *given->asString();
  if (mode == "async" || mode == "sync" || mode == "step") return {};
  return refuse(400, "api.body", "'mode' is '" + mode + "'; it is " + std::string(kModes));
}

Expected<void> checkMounts(const json::Value& root) {
  const auto* given = root.find("mounts");
  if (given == nullptr) return {};
  constexpr std::string_view kWanted = "a list of names of mounts";
  const auto* list = given->asArray();
  if (list == nullptr) return wrong("mounts", *given, kWanted);
  const auto other = std::ranges::find_if(*list, [](const json::Value& name) { return !name.isString(); });
  if (other != list->end()) return wrong("mounts/" + std::to_string(other - list->begin()), *other, "a name, a text");
  return {};
}

Expected<void> checkFlows(const json::Value& root) {
  const auto* given = root.find("flows");
  if (given == nullptr) return {};
  if (!given->isObject()) return wrong("flows", *given, "an object from ids to flow documents");
  for (const auto& member : *given->asObject()) {
    if (!member.value.isObject()) return wrong("flows/" + member.key, member.value, "a flow document, an object");
  }
  return {};
}

}  // namespace

Expected<void> checkRunOptions(const json::Value& root) {
  constexpr auto kAny = std::numeric_limits<std::int64_t>::min();
  if (const auto* parameters = root.find("parameters"); parameters != nullptr && !parameters->isObject()) {
    return wrong("parameters", *parameters, "an object of names and values");
  }
  if (const auto* all = root.find("allFields"); all != nullptr && all->asBool() == nullptr) {
    return wrong("allFields", *all, "true or false");
  }
  for (const auto& [member, least] :
       {std::pair("seed", kAny), std::pair("memoryBytes", std::int64_t{1}), std::pair("maxErrors", std::int64_t{0}),
        std::pair("traceRows", std::int64_t{0})}) {
    if (auto good = checkNumber(root, member, least); !good) return good;
  }
  if (auto good = checkMode(root); !good) return good;
  if (auto good = checkMounts(root); !good) return good;
  return checkFlows(root);
}

Expected<void> checkOutlets(std::span<const PortName> outlets, const flow::FlowDocument& document,
                            const Catalogue& catalogue) {
  for (std::size_t i = 0; i < outlets.size(); ++i) {
    const auto& [name, port] = outlets[i];
    const auto where = "outlets/" + std::to_string(i) + ": ";
    const auto node = std::ranges::find(document.nodes, name, &flow::FlowNode::id);
    if (node == document.nodes.end()) {
      return refuse(422, "api.body", where + "the flow has no node '" + name + "'; name one of its nodes");
    }
    const auto* type = catalogue.find(node->typeId, node->version);
    if (type == nullptr) continue;  // the run says so
    const auto named = [&port](const PortSpec& one) {
      // Ports of a list are named by its settings.
      return one.name == port || !one.from.empty() || std::ranges::find(one.aliases, port) != one.aliases.end();
    };
    const bool has = std::ranges::any_of(type->outputs, named) || std::ranges::any_of(type->inputs, named);
    if (!has && port != "error")
      return refuse(422, "api.body", where + "the node '" + name + "' has no output '" + port + "'");
  }
  return {};
}

}  // namespace weir::api
