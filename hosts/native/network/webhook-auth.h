// WebhookAuth: whether a request may be what it says: passwords, tokens and signatures, compared in constant time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/ingress.h"
#include "hosts/native/network/request-head.h"

namespace weir::native {

/// Made of a route whose secrets are revealed. Presets of GitHub, Stripe, Slack and Standard Webhooks are filled in.
class WebhookAuth {
 public:
  /// `ingress.auth` if a secret is missing or cannot be one (Standard Webhooks: `whsec_` and base64).
  [[nodiscard]] static Result<WebhookAuth> make(const IngressRoute& route, std::vector<std::string> secrets);

  /// Before the body is there: all but signatures.
  [[nodiscard]] bool allowsHead(const RequestHead& head) const;
  /// With the raw bytes of the body: signatures. `nowMs` is compared with the sender's timestamp.
  [[nodiscard]] bool allowsBody(const RequestHead& head, std::string_view body, std::int64_t nowMs) const;
  /// What a refusal asks for: a WWW-Authenticate value, or empty.
  [[nodiscard]] std::string_view challenge() const;
  /// The header proves who asks, and so never enters a row.
  [[nodiscard]] bool proves(std::string_view header) const;

 private:
  [[nodiscard]] bool signedBy(const std::string& secret, std::string_view text, std::string_view given) const;

  IngressAuth kind_ = IngressAuth::none;
  IngressSignature signature_;
  std::vector<std::string> secrets_;   // bytes of the keys
  std::vector<std::string> expected_;  // whole Authorization values
};

/// As long as the longer of the two takes, whatever they are.
[[nodiscard]] bool sameInConstantTime(std::string_view a, std::string_view b);

}  // namespace weir::native
