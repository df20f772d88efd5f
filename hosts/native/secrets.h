// Secrets: what stands behind ${secret:NAME}, which hosts may have it, and how it is kept out of texts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "hosts/native/secret-source.h"

namespace weir::native {

/// Immutable once loaded, so thread-safe; copies share what is asked for. Values come from the environment
/// (WEIR_SECRET_<NAME>) and from a file, which wins; a secret of the file may list the hosts that it may be sent to.
class Secrets {
 public:
  /// No secrets.
  Secrets() = default;
  /// `path` empty: the environment alone. The file is a JSON object {"NAME": "value"} or {"NAME": {"value": "…",
  /// "hosts": ["api.example.com", "*.example.com", "db:5432"]}} of mode 0600. `secret.file` if it is not.
  [[nodiscard]] static Result<Secrets> load(const std::string& path);

  /// `text` with every ${secret:NAME} replaced. `targetHost` is the `host` or `host:port` that it will be sent to.
  /// `secret.missing` and `secret.host` name the secret, never its value.
  [[nodiscard]] Result<std::string> resolve(std::string_view text, std::string_view targetHost) const;
  /// `text` with every value (raw, JSON-escaped, base64, hex, URL-encoded) replaced by ***.
  [[nodiscard]] std::string redact(std::string_view text) const;
  [[nodiscard]] Error redact(Error error) const;
  [[nodiscard]] bool empty() const;

  /// What is not known here is asked of `source`, which outlives all copies; resolve() then waits for the answer.
  void askOf(SecretSource& source);
  /// For threads that must not wait: what `text` asks of the source, and from where it can be had beforehand.
  [[nodiscard]] std::vector<std::string> asksFor(std::string_view text) const;
  [[nodiscard]] const std::shared_ptr<AskedSecrets>& asked() const { return asked_; }

  void add(std::string name, std::string value, std::vector<std::string> hosts = {});

  /// Shorter values cannot be told from ordinary text.
  static constexpr std::size_t kLeastBytes = 4;

 private:
  struct Secret {
    std::string value;
    std::vector<std::string> hosts;  // empty: any
  };

  void addForms(const std::string& value);

  std::map<std::string, Secret, std::less<>> secrets_;
  std::vector<std::string> forms_;       // longest first
  std::shared_ptr<AskedSecrets> asked_;  // null: there is nobody to ask
};

/// The text asks for a secret.
[[nodiscard]] bool namesSecret(std::string_view text);

}  // namespace weir::native
