// Which vault, what is kept of it, and for how long.
#include "hosts/native/vault/vaults.h"

#include <algorithm>
#include <utility>

namespace weir::native {

struct Vaults::Private {};

namespace {

constexpr std::int64_t kStaleTimes = 10;
constexpr std::size_t kMostKept = 10'000;

}  // namespace

Result<std::unique_ptr<Vaults>> Vaults::make(VaultsSettings settings) {
  const auto& vault = settings.vault;
  if (!vault.address.empty()) WEIR_TRY(checkTransport(vault.address, "vault-addr", settings.insecureTransport));
  if (!settings.aws.endpoint.empty())
    WEIR_TRY(checkTransport(settings.aws.endpoint, "aws-secrets-endpoint", settings.insecureTransport));
  NetworkSettings network;
  WEIR_ASSIGN(network.proxies, ProxySettings::fromEnvironment());
  return std::make_unique<Vaults>(Private{}, std::move(settings), std::move(network));
}

Vaults::Vaults(const Private&, VaultsSettings settings, NetworkSettings network)
    : settings_(std::move(settings)),
      network_(std::move(network), IngressOptions{}),
      vault_(network_.http(), clock_, settings_.vault),
      aws_(network_.http(), clock_, settings_.aws) {}

std::optional<GivenSecret> Vaults::fresh(const std::string& reference) {
  const std::lock_guard locked(mutex_);
  const auto found = kept_.find(reference);
  if (found == kept_.end() || found->second.refreshAtMs <= nowMs()) return std::nullopt;
  auto given = found->second.given;
  given.keepMs = found->second.refreshAtMs - nowMs();
  return given;
}

Result<VaultValue> Vaults::ask(const SecretReference& reference) {
  if (reference.kind == SecretReference::Kind::awsSecrets) {
    if (settings_.aws.accessKeyId.empty() || settings_.aws.secretAccessKey.empty() || settings_.aws.region.empty()) {
      return fail("secret.reference",
                  "this server is not told how to ask AWS Secrets Manager; give aws-region, aws-access-key-id and "
                  "aws-secret-access-key (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)");
    }
    return aws_.read(reference);
  }
  const auto& vault = settings_.vault;
  if (vault.address.empty() || (vault.token.empty() && (vault.roleId.empty() || vault.secretId.empty()))) {
    return fail("secret.reference",
                "this server is not told how to ask Vault; give vault-addr and vault-token, or vault-role-id and "
                "vault-secret-id (VAULT_ADDR, VAULT_TOKEN, VAULT_ROLE_ID, VAULT_SECRET_ID)");
  }
  return vault_.read(reference);
}

Result<GivenSecret> Vaults::readHere(const std::string& text) {
  const std::lock_guard reading(reading_);
  if (auto known = fresh(text)) return std::move(*known);
  WEIR_ASSIGN(const auto reference, parseSecretReference(text));
  auto value = ask(reference);
  const std::lock_guard locked(mutex_);
  const auto now = nowMs();
  if (!value) {
    const auto found = kept_.find(text);
    if (found == kept_.end()) return std::unexpected(std::move(value.error()));
    if (!value.error().recoverable || found->second.endsAtMs <= now) {
      kept_.erase(found);
      return std::unexpected(std::move(value.error()));
    }
    // It cannot be asked: what it said last goes on for a while.
    found->second.refreshAtMs = std::min(now + 1'000, found->second.endsAtMs);
    auto given = found->second.given;
    given.keepMs = found->second.refreshAtMs - now;
    return given;
  }
  if (kept_.size() >= kMostKept) std::erase_if(kept_, [now](const auto& one) { return one.second.endsAtMs <= now; });
  Kept kept;
  kept.given.value = std::move(value->value);
  kept.given.keepMs = value->leaseMs > 0 ? std::min(value->leaseMs / 3 * 2, settings_.refreshMs) : settings_.refreshMs;
  kept.refreshAtMs = now + kept.given.keepMs;
  kept.endsAtMs = now + (value->leaseMs > 0 ? value->leaseMs : kStaleTimes * settings_.refreshMs);
  auto given = kept.given;
  kept_.insert_or_assign(text, std::move(kept));
  return given;
}

Operation<GivenSecret> Vaults::read(std::string reference, Waker waker) {
  if (auto known = fresh(reference)) return Operation<GivenSecret>::finished(std::move(*known));
  Completion<GivenSecret> completion(std::move(waker));
  auto operation = completion.operation();
  {
    const std::lock_guard locked(mutex_);
    if (!thread_) thread_ = std::make_unique<JobThread>();
  }
  thread_->give([this, completion, reference = std::move(reference)]() mutable {
    if (!completion.cancelled()) completion.complete(readHere(reference));
  });
  return operation;
}

Result<std::string> Vaults::readNow(const std::string& reference) {
  WEIR_ASSIGN(auto given, readHere(reference));
  return std::move(given.value);
}

}  // namespace weir::native
