// HashiCorp Vault: secrets of its key-value engine, version 2, over its HTTP interface.
#pragma once

#include <cstdint>
#include <string>

#include "engine/host/clock.h"
#include "engine/text/secret-reference.h"
#include "hosts/native/vault/vault-http.h"

namespace weir::native {

struct HashicorpSettings {
  std::string address{};  // https://vault.example.com:8200
  std::string token{};    // or an AppRole:
  std::string roleId{}, secretId{};
  std::string namespaceName{}, caFile{};
};

/// Signs in by a token or an AppRole, renews what it got, and signs in anew when that has ended. One thread; calls
/// block.
class HashicorpVault {
 public:
  /// Both outlive it.
  HashicorpVault(Http& http, Clock& clock, HashicorpSettings settings)
      : http_(http), clock_(clock), settings_(std::move(settings)) {}

  /// `secret.reference`: there is none, or it may not be read; `secret.unavailable`.
  [[nodiscard]] Result<VaultValue> read(const SecretReference& reference);

 private:
  [[nodiscard]] HttpRequest request(std::string_view method, const std::string& path) const;
  [[nodiscard]] Result<void> signIn();
  [[nodiscard]] Result<void> logIn();
  [[nodiscard]] Result<void> lookUp();
  void renew();
  void keepFor(std::int64_t seconds);
  [[nodiscard]] bool usesRole() const { return settings_.token.empty(); }

  Http& http_;
  Clock& clock_;
  HashicorpSettings settings_;
  std::string token_;
  bool renewable_ = false;
  std::int64_t renewAtNanos_ = 0;  // 0: it does not end
};

}  // namespace weir::native
