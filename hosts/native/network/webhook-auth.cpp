// Passwords, tokens and HMAC signatures of webhooks.
#include "hosts/native/network/webhook-auth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>

#include "engine/text/base64.h"
#include "engine/text/utf8.h"

namespace weir::native {
namespace {

const EVP_MD* digestOf(SignatureHash hash) {
  switch (hash) {
    case SignatureHash::sha1:
      return ::EVP_sha1();
    case SignatureHash::sha256:
      return ::EVP_sha256();
    case SignatureHash::sha512:
      return ::EVP_sha512();
  }
  return ::EVP_sha256();
}

void fillIn(IngressSignature& signature) {
  switch (signature.preset) {
    case SignaturePreset::custom:
      return;
    case SignaturePreset::github:
      signature.header = "x-hub-signature-256";
      signature.prefix = "sha256=";
      return;
    case SignaturePreset::stripe:
      // t=TIMESTAMP,v1=SIGNATURE,v1=SIGNATURE
      signature.header = "stripe-signature";
      signature.signedText = "{timestamp}.{body}";
      return;
    case SignaturePreset::slack:
      signature.header = "x-slack-signature";
      signature.timestampHeader = "x-slack-request-timestamp";
      signature.prefix = "v0=";
      signature.signedText = "v0:{timestamp}:{body}";
      return;
    case SignaturePreset::standardWebhooks:
      // v1,SIGNATURE v1,SIGNATURE
      signature.header = "webhook-signature";
      signature.timestampHeader = "webhook-timestamp";
      signature.idHeader = "webhook-id";
      signature.encoding = SignatureEncoding::base64;
      signature.signedText = "{id}.{timestamp}.{body}";
      return;
  }
}

std::string replaced(std::string_view pattern, std::string_view id, std::string_view timestamp, std::string_view body) {
  std::string text;
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    text += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    pattern.remove_prefix(open);
    const auto take = [&](std::string_view name, std::string_view value) {
      if (!pattern.starts_with(name)) return false;
      text += value;
      pattern.remove_prefix(name.size());
      return true;
    };
    if (take("{body}", body) || take("{timestamp}", timestamp) || take("{id}", id)) continue;
    text += '{';
    pattern.remove_prefix(1);
  }
  return text;
}

/// Calls `each` with the parts between separators until one gives true.
template <class Each>
bool anyPart(std::string_view text, char separator, Each&& each) {
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (each(text.substr(0, end))) return true;
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  return false;
}

bool isFresh(std::string_view timestamp, std::int64_t nowMs, std::int64_t toleranceMs) {
  std::int64_t seconds = 0;
  const auto read = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
  if (read.ec != std::errc() || read.ptr != timestamp.data() + timestamp.size()) return false;
  if (seconds < 0 || seconds > (std::int64_t{1} << 40)) return false;
  const auto apart = nowMs - seconds * 1000;
  return apart <= toleranceMs && apart >= -toleranceMs;
}

}  // namespace

bool sameInConstantTime(std::string_view a, std::string_view b) {
  // Equal lengths are no secret; what is compared then takes the same time for all contents.
  return a.size() == b.size() && (a.empty() || ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

Result<WebhookAuth> WebhookAuth::make(const IngressRoute& route, std::vector<std::string> secrets) {
  WebhookAuth auth;
  auth.kind_ = route.auth;
  auth.signature_ = route.signature;
  fillIn(auth.signature_);
  if (route.auth == IngressAuth::none) return auth;
  if (secrets.empty()) return fail("ingress.auth", "this authentication needs a secret");
  for (auto& secret : secrets) {
    if (secret.empty()) return fail("ingress.auth", "a secret is empty");
    if (route.auth == IngressAuth::basic) auth.expected_.push_back("Basic " + encodeBase64(route.user + ":" + secret));
    if (route.auth == IngressAuth::bearer) auth.expected_.push_back("Bearer " + secret);
    if (route.auth == IngressAuth::hmac && route.signature.preset == SignaturePreset::standardWebhooks) {
      const std::string_view text(secret);
      const auto key = decodeBase64(text.starts_with("whsec_") ? text.substr(6) : text);
      if (!key) return fail("ingress.auth", "a secret of Standard Webhooks is whsec_ and base64");
      secret = *key;
    }
  }
  auth.secrets_ = std::move(secrets);
  if (route.auth == IngressAuth::hmac && auth.signature_.header.empty())
    return fail("ingress.auth", "hmac needs the name of the header with the signature, or a preset");
  return auth;
}

bool WebhookAuth::allowsHead(const RequestHead& head) const {
  if (kind_ == IngressAuth::none || kind_ == IngressAuth::hmac) return true;
  const auto given = head.header("authorization");
  if (!given) return false;
  const std::string_view text(*given);
  bool good = false;
  for (const auto& whole : expected_) {
    const std::string_view expected(whole);
    const auto space = expected.find(' ') + 1;
    // The name of the scheme is no secret, and its case does not count (RFC 9110, 11.1).
    if (!utf8::equalsIgnoringAsciiCase(text.substr(0, space), expected.substr(0, space))) continue;
    good = sameInConstantTime(text.substr(space), expected.substr(space)) || good;
  }
  return good;
}

bool WebhookAuth::signedBy(const std::string& secret, std::string_view text, std::string_view given) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int count = 0;
  ::HMAC(digestOf(signature_.hash), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data(), &count);
  const std::string_view raw(reinterpret_cast<const char*>(bytes.data()), count);
  const auto wanted = signature_.encoding == SignatureEncoding::hex ? encodeHex(raw) : encodeBase64(raw);
  if (signature_.preset == SignaturePreset::stripe) {
    return anyPart(given, ',', [&](std::string_view part) {
      return part.starts_with("v1=") && sameInConstantTime(part.substr(3), wanted);
    });
  }
  if (signature_.preset == SignaturePreset::standardWebhooks) {
    return anyPart(given, ' ', [&](std::string_view part) {
      return part.starts_with("v1,") && sameInConstantTime(part.substr(3), wanted);
    });
  }
  if (!given.starts_with(signature_.prefix)) return false;
  return sameInConstantTime(given.substr(signature_.prefix.size()), wanted);
}

bool WebhookAuth::allowsBody(const RequestHead& head, std::string_view body, std::int64_t nowMs) const {
  if (kind_ != IngressAuth::hmac) return true;
  const auto given = head.header(signature_.header);
  if (!given || given->empty()) return false;
  std::string_view timestamp;
  std::string_view id;
  if (signature_.preset == SignaturePreset::stripe) {
    anyPart(*given, ',', [&](std::string_view part) {
      if (part.starts_with("t=")) timestamp = part.substr(2);
      return !timestamp.empty();
    });
  } else if (!signature_.timestampHeader.empty()) {
    timestamp = head.header(signature_.timestampHeader).value_or("");
  }
  if (signature_.signedText.contains("{timestamp}") && !isFresh(timestamp, nowMs, signature_.toleranceMs)) return false;
  if (!signature_.idHeader.empty()) {
    id = head.header(signature_.idHeader).value_or("");
    if (id.empty()) return false;
  }
  std::string made;
  auto text = body;
  if (signature_.signedText != "{body}") {
    made = replaced(signature_.signedText, id, timestamp, body);
    text = made;
  }
  bool good = false;
  for (const auto& secret : secrets_) good = signedBy(secret, text, *given) || good;
  return good;
}

std::string_view WebhookAuth::challenge() const {
  switch (kind_) {
    case IngressAuth::basic:
      return "Basic realm=\"weir\"";
    case IngressAuth::bearer:
      return "Bearer";
    case IngressAuth::none:
    case IngressAuth::hmac:
      return {};
  }
  return {};
}

bool WebhookAuth::proves(std::string_view header) const {
  return kind_ == IngressAuth::hmac && sameName(header, signature_.header);
}

}  // namespace weir::native
