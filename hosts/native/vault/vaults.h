// Vaults: values that are kept elsewhere, read when they are needed, and again when they may have changed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/host/operation.h"
#include "hosts/native/job-thread.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/network/native-network.h"
#include "hosts/native/secret-source.h"
#include "hosts/native/vault/aws-secrets.h"
#include "hosts/native/vault/hashicorp-vault.h"

namespace weir::native {

struct VaultsSettings {
  HashicorpSettings vault{};
  AwsSettings aws{};
  /// A value of which the vault says nothing is read again after this, if it is still needed.
  std::int64_t refreshMs = 60'000;
  bool insecureTransport = false;
};

/// Thread-safe. A value is kept for two thirds of its lease, or for refreshMs; while the vault cannot be asked it goes
/// on being used, for the rest of the lease, or for ten times refreshMs. What the vault refuses is forgotten at once.
class Vaults {
 public:
  /// `server.insecure` and `url.invalid` for addresses that cannot be used.
  [[nodiscard]] static Result<std::unique_ptr<Vaults>> make(VaultsSettings settings);

  [[nodiscard]] Operation<GivenSecret> read(std::string reference, Waker waker);
  /// Waits for it: for a start.
  [[nodiscard]] Result<std::string> readNow(const std::string& reference);

  struct Private;
  Vaults(const Private&, VaultsSettings settings, NetworkSettings network);

 private:
  struct Kept {
    GivenSecret given;
    std::int64_t refreshAtMs = 0, endsAtMs = 0;
  };
  [[nodiscard]] std::int64_t nowMs() { return clock_.steadyNanos() / 1'000'000; }
  [[nodiscard]] std::optional<GivenSecret> fresh(const std::string& reference);
  [[nodiscard]] Result<GivenSecret> readHere(const std::string& reference);
  [[nodiscard]] Result<VaultValue> ask(const SecretReference& reference);

  VaultsSettings settings_;
  NativeClock clock_;
  NativeNetwork network_;
  HashicorpVault vault_;  // of the thread that reads
  AwsSecrets aws_;        // likewise
  std::mutex mutex_, reading_;
  std::map<std::string, Kept> kept_;
  std::unique_ptr<JobThread> thread_;  // begun with the first read; ends first
};

}  // namespace weir::native
