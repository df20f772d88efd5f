// /v1/MOUNT/data/PATH, and what it takes to be let in.
#include "hosts/native/vault/hashicorp-vault.h"

#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/text/url.h"

namespace weir::native {
namespace {

constexpr std::string_view kWho = "Vault";

std::string pathText(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    if (at > 0) out += '/';
    out += percentEncoded(path.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// What Vault gives as reasons, without anything that was sent.
std::string reasonOf(const HttpResponse& answer) {
  std::string text = "status " + std::to_string(answer.status);
  const auto body = json::parse(answer.body);
  const auto* errors = body ? body->root().find("errors") : nullptr;
  if (errors == nullptr || errors->asArray() == nullptr) return text;
  for (const auto& one : *errors->asArray()) {
    if (one.isString()) text += ", " + one.asString()->substr(0, 200);
  }
  return text;
}

std::int64_t secondsIn(const json::Value& root, std::string_view pointer) {
  const auto* value = root.findPointer(pointer);
  return value != nullptr && value->asInt64() != nullptr ? *value->asInt64() : 0;
}

bool flagIn(const json::Value& root, std::string_view pointer) {
  const auto* value = root.findPointer(pointer);
  return value != nullptr && value->asBool() != nullptr && *value->asBool();
}

}  // namespace

HttpRequest HashicorpVault::request(std::string_view method, const std::string& path) const {
  HttpRequest request;
  request.method = method;
  request.url = settings_.address + (settings_.address.ends_with('/') ? "v1/" : "/v1/") + path;
  request.caFile = settings_.caFile;
  request.headers.push_back({"X-Vault-Request", "true"});
  if (!settings_.namespaceName.empty()) request.headers.push_back({"X-Vault-Namespace", settings_.namespaceName});
  if (!token_.empty()) request.headers.push_back({"X-Vault-Token", token_});
  return request;
}

void HashicorpVault::keepFor(std::int64_t seconds) {
  renewAtNanos_ = seconds <= 0 ? 0 : clock_.steadyNanos() + seconds * 1'000'000'000 / 3 * 2;
}

Result<void> HashicorpVault::logIn() {
  token_.clear();
  auto asking = request("POST", "auth/approle/login");
  asking.headers.push_back({"Content-Type", "application/json"});
  json::Writer out(asking.body);
  out.beginObject().key("role_id").value(settings_.roleId).key("secret_id").value(settings_.secretId).endObject();
  WEIR_ASSIGN(const auto answer, askVault(http_, std::move(asking), kWho));
  if (answer.status != 200) {
    return fail("secret.reference", "Vault does not let the AppRole in (" + reasonOf(answer) +
                                        "); look at vault-role-id and vault-secret-id");
  }
  const auto body = json::parse(answer.body);
  const auto* token = body ? body->root().findPointer("/auth/client_token") : nullptr;
  if (token == nullptr || !token->isString()) return fail("secret.unavailable", "Vault's answer has no token", true);
  token_ = *token->asString();
  renewable_ = flagIn(body->root(), "/auth/renewable");
  keepFor(secondsIn(body->root(), "/auth/lease_duration"));
  return {};
}

Result<void> HashicorpVault::lookUp() {
  token_ = settings_.token;
  WEIR_ASSIGN(const auto answer, askVault(http_, request("GET", "auth/token/lookup-self"), kWho));
  if (answer.status == 403) {
    token_.clear();
    return fail("secret.reference", "Vault does not take the token (" + reasonOf(answer) +
                                        "): it has expired or was revoked; give another one as vault-token");
  }
  const auto body = json::parse(answer.body);
  if (answer.status != 200 || !body) return {};
  renewable_ = flagIn(body->root(), "/data/renewable");
  keepFor(secondsIn(body->root(), "/data/ttl"));
  return {};
}

void HashicorpVault::renew() {
  if (renewable_) {
    const auto answer = askVault(http_, request("POST", "auth/token/renew-self"), kWho);
    const auto body =
        answer && answer->status == 200 ? json::parse(answer->body) : Result<json::Document>(fail("", ""));
    if (body) return keepFor(secondsIn(body->root(), "/auth/lease_duration"));
    if (!answer) {
      // It may still be good: asked again at the next use.
      return;
    }
  }
  token_.clear();
}

Result<void> HashicorpVault::signIn() {
  if (!token_.empty() && renewAtNanos_ != 0 && clock_.steadyNanos() >= renewAtNanos_) renew();
  if (!token_.empty()) return {};
  return usesRole() ? logIn() : lookUp();
}

Result<VaultValue> HashicorpVault::read(const SecretReference& reference) {
  const auto name = "'" + reference.mount + "/" + reference.path + "'";
  const auto path = percentEncoded(reference.mount) + "/data/" + pathText(reference.path);
  for (int tries = 0;; ++tries) {
    WEIR_TRY(signIn());
    WEIR_ASSIGN(const auto answer, askVault(http_, request("GET", path), kWho));
    if (answer.status == 403) {
      // What was got at sign-in may have been revoked meanwhile.
      token_.clear();
      if (tries == 0 && usesRole()) continue;
      return fail("secret.reference", "Vault does not let " + name + " be read (" + reasonOf(answer) +
                                          "): the token has expired, or its policy has no read on " + path);
    }
    if (answer.status == 404) return fail("secret.reference", "Vault has no secret at " + name + ", or it was deleted");
    const auto body = json::parse(answer.body);
    if (answer.status != 200 || !body)
      return fail("secret.unavailable", "Vault's answer for " + name + " is none: " + reasonOf(answer), true);
    const auto* fields = body->root().findPointer("/data/data");
    const auto* value = fields == nullptr ? nullptr : fields->find(reference.field);
    if (value == nullptr || value->isNull())
      return fail("secret.reference", "the secret at " + name + " in Vault has no field '" + reference.field + "'");
    VaultValue found;
    found.value = value->isString() ? *value->asString() : json::write(*value);
    found.leaseMs = secondsIn(body->root(), "/lease_duration") * 1'000;
    return found;
  }
}

}  // namespace weir::native
