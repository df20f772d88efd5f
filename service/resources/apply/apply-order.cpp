// Reads the body of POST /apply.
#include "service/resources/apply/apply-order.h"

#include <charconv>
#include <set>

#include "engine/json/writer.h"
#include "service/api/elsewhere.h"
#include "service/api/flow-answers.h"
#include "service/api/flow-text.h"
#include "service/api/folder-name.h"

namespace weir::api {
namespace {

Expected<std::string> textOf(const json::Value& object, std::string_view name, std::string otherwise) {
  const auto* found = object.find(name);
  if (found == nullptr) return otherwise;
  if (found->isString()) return *found->asString();
  return refuse(400, "api.body", "'" + std::string(name) + "' is a text");
}

/// `"ifMatch": "\"7\""`, null for a flow that must not be there, or nothing.
Expected<Belief> beliefOf(const json::Value& object) {
  const auto* found = object.find("ifMatch");
  if (found == nullptr) return Belief{};
  if (found->isNull()) return Belief{Belief::Kind::absent, 0};
  const auto* text = found->asString();
  std::int64_t revision = 0;
  if (text != nullptr && *text == "*") return Belief{};
  if (text != nullptr && text->size() > 2 && text->front() == '"' && text->back() == '"') {
    const auto* last = text->data() + text->size() - 1;
    const auto [end, error] = std::from_chars(text->data() + 1, last, revision);
    if (error == std::errc() && end == last) return Belief{Belief::Kind::revision, revision};
  }
  return refuse(400, "api.body",
                "'ifMatch' is the ETag of a flow with its quotes, null for one that is not there yet, or left out");
}

Expected<AppliedDocument> documentOf(const json::Value& given, const std::string& base) {
  if (!given.isObject()) return refuse(400, "api.body", "it is an object with a document");
  if (auto known = checkMembers(given, "document folder ifMatch"); !known) return std::unexpected(known.error());
  const auto* document = given.find("document");
  if (document == nullptr) return refuse(400, "api.body", "it has no 'document'");
  auto flow = flowOf(document->isString() ? *document->asString() : json::write(*document));
  if (!flow) return std::unexpected(std::move(flow.error()));
  auto folder = textOf(given, "folder", base);
  if (!folder) return std::unexpected(folder.error());
  if (auto good = checkFolder(*folder); !good) return std::unexpected(good.error());
  auto belief = beliefOf(given);
  if (!belief) return std::unexpected(belief.error());
  auto change = changeOf(*flow);
  if (!change) return std::unexpected(std::move(change.error()));
  change->folder = *folder;
  return AppliedDocument{std::move(*flow), std::move(*change), std::move(*folder), *belief};
}

Expected<RemovedFlow> removedOf(const json::Value& given) {
  if (!given.isObject()) return refuse(400, "api.body", "it is an object with an id");
  if (auto known = checkMembers(given, "id ifMatch"); !known) return std::unexpected(known.error());
  auto id = textOf(given, "id", "");
  if (!id) return std::unexpected(id.error());
  if (id->empty()) return refuse(400, "api.body", "it has no 'id'");
  auto belief = beliefOf(given);
  if (!belief) return std::unexpected(belief.error());
  return RemovedFlow{std::move(*id), *belief};
}

Expected<const json::Value::Array*> listOf(const json::Value& root, std::string_view name) {
  static const json::Value::Array kNone;
  const auto* found = root.find(name);
  if (found == nullptr) return &kNone;
  if (found->asArray() == nullptr) return refuse(400, "api.body", "'" + std::string(name) + "' is a list");
  return found->asArray();
}

/// One flow is named once.
Expected<void> checkNames(const ApplyOrder& order) {
  std::set<std::string_view> names;
  const auto once = [&names](const std::string& id) -> Expected<void> {
    if (names.insert(id).second) return {};
    return refuse(422, "api.body", "the flow '" + id + "' is there twice; a flow has one document");
  };
  for (const auto& one : order.flows) {
    if (auto good = once(one.document.id); !good) return good;
  }
  for (const auto& one : order.remove) {
    if (auto good = once(one.id); !good) return good;
  }
  return {};
}

}  // namespace

Refusal inFlow(Refusal refusal, std::size_t number, std::string_view id) {
  const auto place = "flows/" + std::to_string(number);
  const auto name = id.empty() ? std::string() : "the flow '" + std::string(id) + "'";
  // Most of what is not about the document says by itself whose it is.
  const bool named = !name.empty() && refusal.problems.empty() && refusal.detail.contains(name);
  if (!named) refusal.detail = "'" + place + "'" + (name.empty() ? "" : ", " + name) + ": " + refusal.detail;
  flow::Problems moved;
  for (auto problem : refusal.problems) {
    problem.pointer = "/" + place + "/document" + problem.pointer;
    moved.add(std::move(problem));
  }
  refusal.problems = std::move(moved);
  return refusal;
}

Expected<ApplyOrder> applyOrderOf(const std::string& body, const Asker& asker) {
  const auto parsed = jsonOf(body);
  if (!parsed) return std::unexpected(parsed.error());
  const auto& root = parsed->root();
  if (auto known = checkMembers(root, "flows remove publish message folder"); !known)
    return std::unexpected(known.error());
  ApplyOrder order;
  if (const auto* publish = root.find("publish")) {
    if (publish->asBool() == nullptr) return refuse(400, "api.body", "'publish' is true or false");
    order.publish = *publish->asBool();
  }
  auto message = textOf(root, "message", "");
  if (!message) return std::unexpected(message.error());
  order.message = std::move(*message);
  const auto base = textOf(root, "folder", "");
  if (!base) return std::unexpected(base.error());
  const auto flows = listOf(root, "flows");
  if (!flows) return std::unexpected(flows.error());
  const auto remove = listOf(root, "remove");
  if (!remove) return std::unexpected(remove.error());
  if (std::ssize(**flows) + std::ssize(**remove) > kMostApplied) {
    return refuse(413, "api.too_large",
                  "there are more than " + std::to_string(kMostApplied) + " flows; apply them in parts");
  }
  for (const auto& one : **flows) {
    if (asker.gone()) return givenUp();
    auto document = documentOf(one, *base);
    if (!document) return std::unexpected(inFlow(std::move(document.error()), order.flows.size(), {}));
    order.flows.push_back(std::move(*document));
  }
  for (const auto& one : **remove) {
    auto removed = removedOf(one);
    if (!removed) {
      auto& refusal = removed.error();
      refusal.detail = "'remove/" + std::to_string(order.remove.size()) + "': " + refusal.detail;
      return std::unexpected(std::move(refusal));
    }
    order.remove.push_back(std::move(*removed));
  }
  if (auto good = checkNames(order); !good) return std::unexpected(good.error());
  return order;
}

}  // namespace weir::api
