// Environments: values for the parameters of a folder's flows, by the name of a purpose.
#include <algorithm>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/flow-text.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/resources/folders/folder-routes.h"
#include "service/resources/folders/keep-settings.h"
#include "service/resources/identity/change.h"
#include "service/resources/paging.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

using auth::Permission;

constexpr std::size_t kMostParameters = 500, kMostBytes = 64 << 10, kMostEnvironments = 100;

void writeEnvironment(json::Writer& out, const store::FolderRecord& record) {
  const auto environment = folders::environmentOf(record);
  out.beginObject().key("folder").value(environment.folder).key("name").value(environment.name);
  out.key("description").value(environment.description).key("parameters").raw(json::write(environment.parameters));
  out.key("changedAt").value(record.changedAt).key("changedBy").value(record.changedBy).endObject();
}

struct Asked {
  folders::FolderBook* book = nullptr;
  std::string folder, name;
};

Expected<Asked> askedOf(const Call& call, Permission permission) {
  auto book = bookOf(call);
  if (!book) return std::unexpected(std::move(book.error()));
  auto folder = folderAsked(call);
  if (!folder) return std::unexpected(std::move(folder.error()));
  if (auto may = call.mustHave(permission, {*folder, {}}, folderInWords(*folder)); !may)
    return std::unexpected(std::move(may.error()));
  auto name = settingNamed(call, "environment");
  if (!name) return std::unexpected(std::move(name.error()));
  return Asked{*book, std::move(*folder), std::move(*name)};
}

/// What is said about an environment: a message names what is wrong, and where.
Expected<folders::Environment> environmentIn(const Call& call, const Asked& asked) {
  const auto parsed = jsonOf(call.body.empty() ? std::string("{}") : call.body);
  if (!parsed) return std::unexpected(parsed.error());
  const auto& root = parsed->root();
  if (!root.isObject()) return refuse(400, "api.body", "an environment is an object with parameters and description");
  if (auto known = checkMembers(root, "parameters description"); !known)
    return std::unexpected(std::move(known.error()));
  folders::Environment environment{asked.folder, asked.name, {}, json::Value::object()};
  if (const auto* description = root.find("description")) {
    if (!description->isString() || description->asString()->size() > 1000)
      return refuse(400, "api.body", "'description' is a text of at most 1,000 bytes");
    environment.description = *description->asString();
  }
  const auto* parameters = root.find("parameters");
  if (parameters == nullptr || !parameters->isObject() || parameters->asObject()->size() > kMostParameters)
    return refuse(400, "api.body", "'parameters' is an object of names and values, 500 of them at most");
  for (const auto& member : *parameters->asObject()) {
    if (member.key.empty() || member.value.isObject() || member.value.isArray()) {
      return refuse(422, "api.body",
                    "the value of parameter '" + member.key + "' is a text, a number, true, false or null");
    }
    if (member.value.isString() && member.value.asString()->contains("${secret:"))
      return refuse(422, "api.body",
                    "the value of parameter '" + member.key +
                        "' names a secret; settings name secrets themselves: give each environment's secret a name "
                        "of its own, and the parameter that name");
  }
  environment.parameters = *parameters;
  if (json::write(environment.parameters).size() > kMostBytes)
    return refuse(413, "api.too_large", "the values of an environment have 64 KiB at most");
  return environment;
}

/// What the audit log says of it: values may be anything.
std::string namesOf(const folders::Environment& environment) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("parameters").beginArray();
  for (const auto& member : *environment.parameters.asObject()) out.value(member.key);
  out.endArray().endObject();
  return text;
}

}  // namespace

Job<Response> listEnvironments(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  const auto folder = folderAsked(call);
  if (!folder) co_return toResponse(folder.error());
  auto asked = pageAsked(call.query, "environments");
  if (!asked) co_return toResponse(asked.error());
  PageOf<store::FolderRecord> page(std::move(*asked));
  for (const auto* record : (*book)->in(*folder, folders::kEnvironment, true)) {
    if (call.permissionsAt({record->folder, {}}).has(Permission::flowRead)) page.add(placeInList(*record), *record);
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("environments").beginArray();
  page.write(out, "environments", [&out](const store::FolderRecord& record) { writeEnvironment(out, record); });
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getEnvironment(Call& call) {
  const auto asked = askedOf(call, Permission::flowRead);
  if (!asked) co_return toResponse(asked.error());
  const auto* record = asked->book->find(asked->folder, folders::kEnvironment, asked->name);
  if (record == nullptr) co_return toResponse(noSetting("environment", asked->name, asked->folder));
  std::string body;
  json::Writer out(body);
  writeEnvironment(out, *record);
  co_return jsonAnswer(std::move(body));
}

Job<Response> putEnvironment(Call& call) {
  const auto asked = askedOf(call, Permission::flowPublish);
  if (!asked) co_return toResponse(asked.error());
  const auto environment = environmentIn(call, *asked);
  if (!environment) co_return toResponse(environment.error());
  const bool made = asked->book->find(asked->folder, folders::kEnvironment, asked->name) == nullptr;
  if (made && asked->book->in(asked->folder, folders::kEnvironment, false).size() >= kMostEnvironments)
    co_return toResponse({422, "api.body", "a folder has 100 environments at most; delete one that nobody uses"});
  auto text = folders::toJson(*environment);
  std::vector<store::AuditEntry> entries;
  entries.push_back(entryOf(call, made ? "environment.created" : "environment.changed", "environment:" + asked->name,
                            namesOf(*environment), asked->folder));
  std::vector<store::FolderChange> changes;
  changes.push_back({asked->folder, std::string(folders::kEnvironment), asked->name, std::move(text),
                     call.services.clock.nowMicros() / 1000, call.principal.user});
  const auto kept = co_await keepSettings(call, *asked->book, std::move(changes), std::move(entries));
  if (!kept) co_return toResponse(kept.error());
  const auto* record = asked->book->find(asked->folder, folders::kEnvironment, asked->name);
  if (record == nullptr) co_return toResponse(noSetting("environment", asked->name, asked->folder));
  std::string body;
  json::Writer out(body);
  writeEnvironment(out, *record);
  co_return jsonAnswer(std::move(body), made ? 201 : 200);
}

Job<Response> deleteEnvironment(Call& call) {
  const auto asked = askedOf(call, Permission::flowPublish);
  if (!asked) co_return toResponse(asked.error());
  if (asked->book->find(asked->folder, folders::kEnvironment, asked->name) == nullptr)
    co_return toResponse(noSetting("environment", asked->name, asked->folder));
  std::vector<store::AuditEntry> entries;
  entries.push_back(entryOf(call, "environment.removed", "environment:" + asked->name, {}, asked->folder));
  std::vector<store::FolderChange> changes;
  changes.push_back({asked->folder, std::string(folders::kEnvironment), asked->name, std::nullopt,
                     call.services.clock.nowMicros() / 1000, call.principal.user});
  const auto kept = co_await keepSettings(call, *asked->book, std::move(changes), std::move(entries));
  if (!kept) co_return toResponse(kept.error());
  co_return Response{.status = 204};
}

Expected<std::string> parametersIn(const Services& services, const std::string& folder, const std::string& environment,
                                   const std::string& document, const std::string& parameters) {
  if (environment.empty()) return parameters;
  const auto book = bookOf(services);
  if (!book) return std::unexpected(book.error());
  const auto found = (*book)->environmentFor(folder, environment);
  if (!found) {
    std::string names;
    for (const auto& name : (*book)->environmentNamesFor(folder)) names += (names.empty() ? "" : ", ") + name;
    return refuse(
        422, "run.environment",
        folderInWords(folder) + " has no environment '" + environment +
            (names.empty() ? "', and no other; PUT /api/v1/environments/{name} makes one" : "'; there is " + names));
  }
  const auto flow = flowOf(document);
  if (!flow) return std::unexpected(flow.error());
  const auto given = json::parse(parameters.empty() ? "{}" : parameters);
  if (!given || !given->root().isObject()) return refuse(400, "api.body", "'parameters' is an object");
  auto merged = json::Value::object();
  // An environment serves all flows of its folder: what a flow does not know is not for it.
  for (const auto& parameter : flow->parameters) {
    if (const auto* value = found->parameters.find(parameter.name)) merged.set(parameter.name, *value);
  }
  for (const auto& member : *given->root().asObject()) merged.set(member.key, member.value);
  return json::write(merged);
}

}  // namespace weir::api
