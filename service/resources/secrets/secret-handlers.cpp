// What is said about a secret, checked; and what is told of it, never its value.
#include <optional>
#include <string>
#include <utility>

#include "engine/json/writer.h"
#include "engine/text/host-name.h"
#include "engine/text/secret-reference.h"
#include "service/api/auditor.h"
#include "service/api/flow-text.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/resources/secrets/secrets.h"
#include "service/resources/server.h"
#include "service/store/secrets.h"

namespace weir::api {
namespace {

using auth::Permission;

constexpr std::size_t kLeastValueBytes = 4, kMostValueBytes = 64 << 10, kMostItems = 64, kMostItemBytes = 253;

Expected<store::Secrets*> secretsOf(const Call& call) {
  const auto* server = call.services.server;
  if (server != nullptr && server->secrets != nullptr) return server->secrets;
  return refuse(503, "storage.unavailable", "this server keeps no secrets; it was started without a data folder");
}

Expected<std::string> folderOf(const Call& call) {
  auto folder = call.query.text("folder");
  if (auto good = checkFolder(folder); !good) return std::unexpected(std::move(good.error()));
  return folder;
}

/// The folder and the name, and that the caller may do it there.
struct Asked {
  store::Secrets* secrets = nullptr;
  std::string folder, name;
};

Expected<Asked> askedOf(const Call& call, Permission permission) {
  auto secrets = secretsOf(call);
  if (!secrets) return std::unexpected(std::move(secrets.error()));
  auto folder = folderOf(call);
  if (!folder) return std::unexpected(std::move(folder.error()));
  if (auto may = call.mustHave(permission, {*folder, {}}, folderInWords(*folder)); !may)
    return std::unexpected(std::move(may.error()));
  const auto& name = call.parameters.front();
  if (!store::isSecretName(name)) {
    return refuse(422, "storage.invalid",
                  "'" + name + "' is no name of a secret: a letter or _, then letters, digits, _ - . up to 128");
  }
  return Asked{*secrets, std::move(*folder), name};
}

Expected<std::optional<std::vector<std::string>>> listOf(const json::Value& body, std::string_view key) {
  const auto* given = body.find(key);
  if (given == nullptr) return std::nullopt;
  const auto bad = [&] {
    return refuse(422, "api.body",
                  "'" + std::string(key) + "' is a list of at most 64 texts, none of them empty or longer than 253");
  };
  if (!given->isArray() || given->asArray()->size() > kMostItems) return bad();
  std::vector<std::string> items;
  for (const auto& item : *given->asArray()) {
    const auto* text = item.asString();
    if (text == nullptr || text->empty() || text->size() > kMostItemBytes || text->contains('\0')) return bad();
    items.push_back(*text);
  }
  return items;
}

Expected<std::optional<std::string>> textOf(const json::Value& body, std::string_view key) {
  const auto* given = body.find(key);
  if (given == nullptr) return std::nullopt;
  if (!given->isString()) return refuse(422, "api.body", "'" + std::string(key) + "' is a text");
  return *given->asString();
}

/// Hosts that some request could be sent to, and types of nodes that there are.
Expected<void> checkUse(const Catalogue& catalogue, const store::SecretChange& change) {
  for (const auto& host : change.hosts.value_or(std::vector<std::string>())) {
    const auto name = host.starts_with("*.") ? std::string_view(host).substr(2) : std::string_view(host);
    if (isHostName(name) || (name.size() == host.size() && isHostWithPort(name))) continue;
    return refuse(422, "api.body",
                  "'hosts' has '" + host +
                      "', which no request is sent to; write a name such as api.example.com, with a port if only that "
                      "one is meant, *.example.com for all below it, or [::1], and no scheme or path");
  }
  for (const auto& type : change.nodeTypes.value_or(std::vector<std::string>())) {
    if (catalogue.newestOf(type) != nullptr) continue;
    const auto nearest = catalogue.nearest(type);
    return refuse(422, "api.body",
                  "'nodeTypes' has '" + type + "', and there is no such node." +
                      (nearest.empty() ? std::string() : " Did you mean '" + std::string(nearest) + "'?"));
  }
  return {};
}

/// A message never quotes what was sent: the value may be in it.
Expected<store::SecretChange> changeOf(const Call& call) {
  const auto document = jsonOf(call.body);
  if (!document || !document->root().isObject()) {
    return refuse(400, "api.body",
                  "a secret is a JSON object with value or reference, hosts, and nodeTypes; what was sent is none");
  }
  const auto& body = document->root();
  if (auto known = checkMembers(body, "value reference hosts nodeTypes"); !known)
    return std::unexpected(std::move(known.error()));
  store::SecretChange change;
  change.by = call.principal.user;
  auto value = textOf(body, "value"), reference = textOf(body, "reference");
  if (!value) return std::unexpected(std::move(value.error()));
  if (!reference) return std::unexpected(std::move(reference.error()));
  if (*value && *reference) return refuse(422, "api.body", "a secret has a value or a reference, not both");
  if (*value && (*value)->size() > kMostValueBytes) {
    return refuse(
        422, "storage.too_large",
        "the value of the secret has " + std::to_string((*value)->size()) + " bytes; it has from 4 bytes to 64 KiB");
  }
  if (*value && (*value)->size() < kLeastValueBytes) {
    return refuse(422, "secret.short",
                  "the value of a secret has from 4 bytes to 64 KiB: a shorter one could not be kept out of logs");
  }
  if (*reference) {
    if (auto good = parseSecretReference(**reference); !good)
      return refuse(422, good.error().code, good.error().message);
  }
  change.value = std::move(*value);
  change.reference = std::move(*reference);
  auto hosts = listOf(body, "hosts"), nodeTypes = listOf(body, "nodeTypes");
  if (!hosts) return std::unexpected(std::move(hosts.error()));
  if (!nodeTypes) return std::unexpected(std::move(nodeTypes.error()));
  change.hosts = std::move(*hosts);
  change.nodeTypes = std::move(*nodeTypes);
  if (auto good = checkUse(call.services.catalogue, change); !good) return std::unexpected(std::move(good.error()));
  return change;
}

/// A vault knows one caller, the server, and no folders: whose a place in it is, its path says.
bool isPlaceOf(const std::string& folder, std::string_view text) {
  const auto reference = parseSecretReference(text);
  const auto own = "weir/" + (folder.empty() ? std::string() : folder + "/");
  return reference && reference->path.starts_with(own) && reference->path.size() > own.size();
}

/// Any place of a vault is for who looks after the server; others have those of their folder. What holds the first kind
/// is theirs to change too: who could change its hosts could have it sent to their own.
Job<Expected<Unit>> checkPlace(Call& call, const Asked& asked, const store::SecretChange& change) {
  if (call.permissionsAt({asked.folder, {}}).has(Permission::serverAdmin)) co_return Unit{};
  const auto own = "vault:MOUNT/weir/" + (asked.folder.empty() ? std::string() : asked.folder + "/") + "…";
  if (change.reference && !isPlaceOf(asked.folder, *change.reference)) {
    co_return refuse(403, "auth.denied",
                     "'" + *change.reference + "' is no place of " + folderInWords(asked.folder) + ", which has " +
                         own + " and aws-sm:" + own.substr(own.find("weir/")) +
                         "; any other reference is set by who has server.admin");
  }
  if (change.value || change.reference) co_return Unit{};
  const auto head = co_await call.of(asked.secrets->head(asked.folder, asked.name, call.waker()));
  if (head && !head->reference.empty() && !isPlaceOf(asked.folder, head->reference)) {
    co_return refuse(403, "auth.denied",
                     "the secret '" + asked.name + "' is kept in a place of the vault that is not of " +
                         folderInWords(asked.folder) + "; its hosts and node types are set by who has server.admin");
  }
  co_return Unit{};
}

void writeTexts(json::Writer& out, std::string_view key, const std::vector<std::string>& texts) {
  out.key(key).beginArray();
  for (const auto& text : texts) out.value(text);
  out.endArray();
}

void writeSecret(json::Writer& out, const store::SecretHead& head) {
  out.beginObject().key("folder").value(head.folder).key("name").value(head.name);
  writeTexts(out, "hosts", head.hosts);
  writeTexts(out, "nodeTypes", head.nodeTypes);
  if (!head.reference.empty()) out.key("reference").value(head.reference);
  out.key("createdAt").value(head.createdAt).key("changedAt").value(head.changedAt);
  if (!head.changedBy.empty()) out.key("changedBy").value(head.changedBy);
  out.endObject();
}

Job<Response> tell(Call& call, Asked asked, int status) {
  const auto head = co_await call.of(asked.secrets->head(asked.folder, asked.name, call.waker()));
  if (!head) co_return toResponse(refusalOf(head.error()));
  std::string body;
  json::Writer out(body);
  writeSecret(out, *head);
  co_return jsonAnswer(std::move(body), status);
}

Job<Response> putSecret(Call& call) {
  auto asked = askedOf(call, Permission::secretWrite);
  if (!asked) co_return toResponse(std::move(asked.error()));
  auto change = changeOf(call);
  if (!change) co_return toResponse(std::move(change.error()));
  if (const auto may = co_await checkPlace(call, *asked, *change); !may) co_return toResponse(may.error());
  noteChange(call);
  const auto made = co_await call.of(asked->secrets->put(asked->folder, asked->name, std::move(*change), call.waker()));
  if (!made) co_return toResponse(refusalOf(made.error()));
  co_return co_await tell(call, std::move(*asked), *made ? 201 : 200);
}

Job<Response> getSecret(Call& call) {
  auto asked = askedOf(call, Permission::secretUse);
  if (!asked) co_return toResponse(std::move(asked.error()));
  co_return co_await tell(call, std::move(*asked), 200);
}

Job<Response> deleteSecret(Call& call) {
  auto asked = askedOf(call, Permission::secretWrite);
  if (!asked) co_return toResponse(std::move(asked.error()));
  noteChange(call);
  const auto gone = co_await call.of(asked->secrets->remove(asked->folder, asked->name, call.waker()));
  if (!gone) co_return toResponse(refusalOf(gone.error()));
  Response response;
  response.status = 204;
  co_return response;
}

/// The folders to list: all where the caller may use secrets, and of those the ones in the folder that was asked for.
std::vector<std::string> listed(const Call& call, const std::string& folder, bool given) {
  const auto reach = call.reachOf(Permission::secretUse);
  std::vector<std::string> folders;
  const auto narrow = [&](const std::string& by, const std::string& to) {
    if (auth::covers(by, to)) return std::optional(to);
    if (auth::covers(to, by)) return std::optional(by);
    return std::optional<std::string>();
  };
  const std::vector<std::string> everywhere{std::string()};
  for (const auto& held : reach.folders) {
    for (const auto& within : reach.within.empty() ? everywhere : reach.within) {
      auto both = narrow(within, held);
      if (both && given) both = narrow(folder, *both);
      if (both) folders.push_back(std::move(*both));
    }
  }
  return folders;
}

Job<Response> listSecrets(Call& call) {
  const auto secrets = secretsOf(call);
  if (!secrets) co_return toResponse(secrets.error());
  const auto folder = folderOf(call);
  if (!folder) co_return toResponse(folder.error());
  store::SecretQuery query;
  query.folders = listed(call, *folder, call.query.find("folder") != nullptr);
  query.limit = call.query.number("limit", 100) + 1;
  if (const auto cursor = call.query.text("cursor"); !cursor.empty()) {
    const auto end = cursor.rfind(':');
    if (end == std::string::npos || end + 1 == cursor.size())
      co_return toResponse({400, "api.query", "the cursor is none that a list gave; begin again without one"});
    query.afterFolder = cursor.substr(0, end);
    query.afterName = cursor.substr(end + 1);
  }
  const auto most = static_cast<std::size_t>(query.limit - 1);
  auto heads = co_await call.of((*secrets)->list(std::move(query), call.waker()));
  if (!heads) co_return toResponse(refusalOf(heads.error()));
  const bool more = heads->size() > most;
  if (more) heads->resize(most);
  std::string body;
  json::Writer out(body);
  out.beginObject().key("secrets").beginArray();
  for (const auto& head : *heads) writeSecret(out, head);
  out.endArray();
  if (more) out.key("next").value(heads->back().folder + ":" + heads->back().name);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

constexpr QueryRule kFolder{.name = "folder", .help = "Whose it is, such as team/reports; left out: the root"};
constexpr QueryRule kOne[] = {kFolder};
constexpr QueryRule kList[] = {
    {.name = "folder", .help = "Only those of this folder and below"},
    {.name = "cursor", .help = "`next` of the page before"},
    {.name = "limit", .kind = QueryRule::Kind::number, .help = "How many, 100 if left out", .least = 1, .most = 1000}};

constexpr Route kRoutes[] = {
    Route{.method = "GET",
          .pattern = "/secrets",
          .operation = "listSecrets",
          .permission = "secret.use",
          .summary = "Secrets where the caller may use them: names, hosts and times, never values.",
          .takes = "",
          .gives = "SecretPage",
          .handler = listSecrets,
          .query = kList,
          .object = Object::inside},
    Route{.method = "GET",
          .pattern = "/secrets/{name}",
          .operation = "getSecret",
          .permission = "secret.use",
          .summary = "What is known of a secret, without its value.",
          .takes = "",
          .gives = "SecretHead",
          .handler = getSecret,
          .query = kOne,
          .object = Object::inside,
          .also = "422"},
    Route{.method = "PUT",
          .pattern = "/secrets/{name}",
          .operation = "putSecret",
          .permission = "secret.write",
          .summary = "Sets a secret, or changes the hosts and node types that may have it; what is left out stays.",
          .takes = "SecretChange",
          .gives = "SecretHead",
          .handler = putSecret,
          .query = kOne,
          .object = Object::inside,
          .asksPassword = true,
          .also = "201 SecretHead"},
    Route{.method = "DELETE",
          .pattern = "/secrets/{name}",
          .operation = "deleteSecret",
          .permission = "secret.write",
          .summary = "Forgets a secret; runs that use it fail from then on.",
          .takes = "",
          .gives = "",
          .status = 204,
          .handler = deleteSecret,
          .query = kOne,
          .object = Object::inside,
          .asksPassword = true,
          .also = "422"},
};

constexpr Shape kShapes[] = {
    Shape{"SecretHead", R"({
      "type": "object", "description": "What is known of a secret. Times are milliseconds since 1970.",
      "required": ["folder", "name", "hosts", "nodeTypes", "createdAt", "changedAt"],
      "properties": {
        "folder": {"type": "string"}, "name": {"type": "string"},
        "hosts": {"type": "array", "items": {"type": "string"}, "description": "It is sent to these and to no other: api.example.com, *.example.com, db:5432."},
        "nodeTypes": {"type": "array", "items": {"type": "string"}, "description": "Only nodes of these types may use it; empty: all."},
        "reference": {"type": "string", "description": "Where its value is: vault: or aws-sm:."},
        "createdAt": {"type": "integer"}, "changedAt": {"type": "integer"}, "changedBy": {"type": "string"}}})"},
    Shape{"SecretChange", R"({
      "type": "object", "additionalProperties": false,
      "description": "What is left out stays as it is; a new secret needs a value or a reference.",
      "properties": {
        "value": {"type": "string", "minLength": 4, "maxLength": 65536},
        "reference": {"type": "string", "pattern": "^(vault|aws-sm):"},
        "hosts": {"type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1, "maxLength": 253}},
        "nodeTypes": {"type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1, "maxLength": 253}}}})"},
    Shape{"SecretPage", R"({
      "type": "object", "required": ["secrets"],
      "properties": {
        "secrets": {"type": "array", "items": {"$ref": "#/components/schemas/SecretHead"}},
        "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
};

}  // namespace

std::span<const Route> secretRoutes() { return kRoutes; }
std::span<const Shape> secretShapes() { return kShapes; }

}  // namespace weir::api
