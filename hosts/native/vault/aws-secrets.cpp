// The request, its signature, its answer.
#include "hosts/native/vault/aws-secrets.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <utility>

#include "adapters/sodium/password.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/text/base64.h"
#include "engine/text/url.h"
#include "engine/time/instant.h"

namespace weir::native {
namespace {

constexpr std::string_view kWho = "AWS Secrets Manager", kService = "secretsmanager";
constexpr std::string_view kType = "application/x-amz-json-1.1", kTarget = "secretsmanager.GetSecretValue";

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

/// 20150830T123600Z
std::string dateText(std::int64_t micros) {
  const auto text = formatInstant(instantFromMicros(micros).value_or(Instant{}));
  std::string out;
  for (const char c : text.substr(0, 19)) {
    if (c != '-' && c != ':') out += c == ' ' ? 'T' : c;
  }
  return out + "Z";
}

std::string textIn(const json::Value& root, std::string_view key) {
  const auto* value = root.find(key);
  return value != nullptr && value->isString() ? *value->asString() : std::string();
}

}  // namespace

std::string awsAuthorization(const AwsSettings& settings, const AwsRequest& request) {
  const auto day = request.date.substr(0, 8);
  const auto scope = day + "/" + settings.region + "/" + std::string(kService) + "/aws4_request";
  const bool session = !settings.sessionToken.empty();
  const std::string names = session ? "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
                                    : "content-type;host;x-amz-date;x-amz-target";
  std::string canonical = "POST\n/\n\ncontent-type:" + std::string(kType) + "\nhost:" + request.host +
                          "\nx-amz-date:" + request.date + "\n";
  if (session) canonical += "x-amz-security-token:" + settings.sessionToken + "\n";
  canonical += "x-amz-target:" + request.target + "\n\n" + names + "\n" + encodeHex(sodium::sha256(request.body));
  const auto text = "AWS4-HMAC-SHA256\n" + request.date + "\n" + scope + "\n" + encodeHex(sodium::sha256(canonical));
  auto key = hmac("AWS4" + settings.secretAccessKey, day);
  for (const std::string_view part : {std::string_view(settings.region), kService, std::string_view("aws4_request")})
    key = hmac(key, part);
  return "AWS4-HMAC-SHA256 Credential=" + settings.accessKeyId + "/" + scope + ", SignedHeaders=" + names +
         ", Signature=" + encodeHex(hmac(key, text));
}

std::string AwsSecrets::endpoint() const {
  return settings_.endpoint.empty() ? "https://secretsmanager." + settings_.region + ".amazonaws.com"
                                    : settings_.endpoint;
}

Result<VaultValue> AwsSecrets::read(const SecretReference& reference) {
  WEIR_ASSIGN(const auto url, parseUrl(endpoint()));
  AwsRequest signing;
  signing.host = url.authority();
  signing.target = kTarget;
  signing.date = dateText(clock_.nowMicros());
  json::Writer out(signing.body);
  out.beginObject().key("SecretId").value(reference.path).endObject();
  HttpRequest request;
  request.method = "POST";
  request.url = url.origin() + "/";
  request.caFile = settings_.caFile;
  request.headers = {{"Content-Type", std::string(kType)},
                     {"X-Amz-Date", signing.date},
                     {"X-Amz-Target", signing.target},
                     {"Authorization", awsAuthorization(settings_, signing)}};
  if (!settings_.sessionToken.empty()) request.headers.push_back({"X-Amz-Security-Token", settings_.sessionToken});
  request.body = std::move(signing.body);
  WEIR_ASSIGN(const auto answer, askVault(http_, std::move(request), kWho));
  const auto body = json::parse(answer.body);
  const auto name = "'" + reference.path + "'";
  if (answer.status != 200 || !body) {
    auto type = body ? textIn(body->root(), "__type") : std::string();
    if (const auto hash = type.rfind('#'); hash != std::string::npos) type.erase(0, hash + 1);
    const auto what = type.empty() ? "status " + std::to_string(answer.status) : type;
    if (type == "ThrottlingException" || type == "InternalServiceError")
      return fail("secret.unavailable", std::string(kWho) + ": " + what + "; it is asked again later", true);
    return fail("secret.reference", std::string(kWho) + " does not give " + name + " (" + what +
                                        "); look at the name, the region, and what the credentials may do");
  }
  VaultValue found;
  found.value = textIn(body->root(), "SecretString");
  if (found.value.empty()) {
    const auto bytes = decodeBase64(textIn(body->root(), "SecretBinary"));
    if (!bytes || bytes->empty()) return fail("secret.reference", std::string(kWho) + " has no value for " + name);
    found.value = *bytes;
  }
  if (reference.field.empty()) return found;
  const auto fields = json::parse(found.value);
  const auto* value = fields ? fields->root().find(reference.field) : nullptr;
  if (value == nullptr || value->isNull())
    return fail("secret.reference", "the secret " + name + " of " + std::string(kWho) + " has no field '" +
                                        reference.field + "' (a JSON object of texts)");
  found.value = value->isString() ? std::string(*value->asString()) : json::write(*value);
  return found;
}

}  // namespace weir::native
