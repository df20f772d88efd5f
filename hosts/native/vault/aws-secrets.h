// AWS Secrets Manager: GetSecretValue, signed with Signature Version 4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/host/clock.h"
#include "engine/text/secret-reference.h"
#include "hosts/native/vault/vault-http.h"

namespace weir::native {

struct AwsSettings {
  std::string region{}, accessKeyId{}, secretAccessKey{}, sessionToken{};
  std::string endpoint{};  // empty: that of the region
  std::string caFile{};
};

/// What a request is signed over. Its body is sent as it is, to the root of the host.
struct AwsRequest {
  std::string host, target, body;
  std::string date;  // 20150830T123600Z
};

/// The header Authorization of a POST to `secretsmanager`.
[[nodiscard]] std::string awsAuthorization(const AwsSettings& settings, const AwsRequest& request);

/// One thread; calls block.
class AwsSecrets {
 public:
  /// Both outlive it.
  AwsSecrets(Http& http, Clock& clock, AwsSettings settings)
      : http_(http), clock_(clock), settings_(std::move(settings)) {}

  [[nodiscard]] std::string endpoint() const;
  /// `secret.reference`: there is none, or it may not be read; `secret.unavailable`.
  [[nodiscard]] Result<VaultValue> read(const SecretReference& reference);

 private:
  Http& http_;
  Clock& clock_;
  AwsSettings settings_;
};

}  // namespace weir::native
