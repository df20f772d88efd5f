// Compares what is declared with what was.
#include "service/api/declared-fields.h"

#include <algorithm>
#include <vector>

#include "engine/flow/document.h"

namespace weir::api {
namespace {

std::vector<std::string> declaredBy(const std::string& text) {
  // What is no flow is refused elsewhere.
  const auto document = flow::parseFlow(text);
  return document ? document->config.notSensitive : std::vector<std::string>();
}

}  // namespace

Job<Expected<Unit>> mayDeclareFields(Call& call, std::string flow, std::string folder, std::int64_t published,
                                     std::string document) {
  // Most documents declare nothing, and are not read for it.
  if (!document.contains("notSensitive")) co_return Unit{};
  const auto declared = declaredBy(document);
  if (declared.empty()) co_return Unit{};
  std::vector<std::string> before;
  if (published > 0) {
    const auto version = co_await call.of(call.services.store.readVersion(flow, published, call.waker()));
    if (!version) co_return std::unexpected(refusalOf(version.error()));
    before = declaredBy(version->document);
  }
  for (const auto& name : declared) {
    if (std::ranges::find(before, name) != before.end()) continue;
    auto may = call.mustHave(auth::Permission::secretWrite, {folder, flow},
                             "config.notSensitive, which declares the field '" + name + "' to be shown,");
    if (!may) co_return std::unexpected(std::move(may.error()));
  }
  co_return Unit{};
}

}  // namespace weir::api
