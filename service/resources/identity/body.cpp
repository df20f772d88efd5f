// Reads members of bodies.
#include "service/resources/identity/body.h"

#include <utility>

#include "service/api/flow-text.h"

namespace weir::api {

Body::Body(const Call& call, std::string_view known) {
  auto parsed = jsonOf(call.body.empty() ? "{}" : call.body);
  if (!parsed) {
    refused_ = std::move(parsed.error());
    return;
  }
  // jsonOf has seen to it that it is an object.
  if (auto members = checkMembers(parsed->root(), known); !members) refused_ = std::move(members.error());
  document_ = std::move(*parsed);
}

const json::Value* Body::find(std::string_view name) const {
  return document_ ? document_->root().find(name) : nullptr;
}

bool Body::has(std::string_view name) const { return find(name) != nullptr; }

void Body::refuseOnce(std::string detail) {
  if (!refused_) refused_ = Refusal{400, "api.body", std::move(detail)};
}

std::string Body::text(std::string_view name, std::string otherwise) {
  const auto* found = find(name);
  if (found == nullptr) return otherwise;
  if (found->isString() && !found->asString()->contains('\0')) return *found->asString();
  refuseOnce("'" + std::string(name) + "' is no text");
  return otherwise;
}

std::string Body::needed(std::string_view name) {
  auto given = text(name);
  if (given.empty()) refuseOnce("the body needs '" + std::string(name) + "', a text that is not empty");
  return given;
}

bool Body::flag(std::string_view name, bool otherwise) {
  const auto* found = find(name);
  if (found == nullptr) return otherwise;
  if (found->asBool() != nullptr) return *found->asBool();
  refuseOnce("'" + std::string(name) + "' is neither true nor false");
  return otherwise;
}

std::int64_t Body::number(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  const auto* found = find(name);
  if (found == nullptr) return otherwise;
  if (const auto* given = found->asInt64(); given != nullptr && *given >= least && *given <= most) return *given;
  refuseOnce("'" + std::string(name) + "' is no whole number from " + std::to_string(least) + " to " +
             std::to_string(most));
  return otherwise;
}

std::vector<std::string> Body::texts(std::string_view name) {
  std::vector<std::string> texts;
  const auto* found = find(name);
  if (found == nullptr) return texts;
  if (found->asArray() == nullptr || found->count() > 1000) {
    refuseOnce("'" + std::string(name) + "' is no list of at most 1000 texts");
    return texts;
  }
  for (const auto& one : *found->asArray()) {
    if (one.isString() && !one.asString()->contains('\0')) {
      texts.push_back(*one.asString());
    } else {
      refuseOnce("'" + std::string(name) + "' holds something that is no text");
    }
  }
  return texts;
}

}  // namespace weir::api
