// Secrets: values that flows may send to hosts, and that nobody reads back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/operation.h"

namespace weir::store {

/// What is known of a secret without its value. Times are milliseconds since 1970.
struct SecretHead {
  std::string folder, name;
  std::vector<std::string> hosts;      // that it may be sent to: `api.example.com`, `*.example.com`, `db:5432`
  std::vector<std::string> nodeTypes;  // that may use it; empty: all
  std::string reference;               // where the value really is, `vault:…` or `aws-sm:…`; empty: here
  std::int64_t createdAt = 0, changedAt = 0;
  std::string changedBy;
};

struct Secret {
  SecretHead head;
  std::string value;  // empty where there is a reference
};

/// What is not given stays as it is.
struct SecretChange {
  std::optional<std::string> value{}, reference{};  // one takes the place of the other
  std::optional<std::vector<std::string>> hosts{}, nodeTypes{};
  std::string by{};  // who changes it
};

struct SecretQuery {
  /// These folders and all below; one that is empty: everywhere.
  std::vector<std::string> folders;
  std::string afterFolder, afterName;  // the last of the page before; no name: from the beginning
  std::int64_t limit = 100;
};

/// Values are sealed before they reach a database. Codes: `storage.not_found`, `storage.invalid` (a new secret without
/// a value or reference), `storage.corrupt` (it does not open: it was changed, or the key is another), and those of
/// databases.
class Secrets {
 public:
  virtual ~Secrets() = default;
  /// True: it is new.
  virtual Operation<bool> put(std::string folder, std::string name, SecretChange change, Waker waker) = 0;
  virtual Operation<SecretHead> head(std::string folder, std::string name, Waker waker) = 0;
  /// By folder, then name.
  virtual Operation<std::vector<SecretHead>> list(SecretQuery query, Waker waker) = 0;
  virtual Operation<Unit> remove(std::string folder, std::string name, Waker waker) = 0;
  /// For use by a flow of the folder: its own, else that of the nearest folder above; the root's only for flows in the
  /// root, as it belongs to no tenant.
  virtual Operation<Secret> find(std::string folder, std::string name, Waker waker) = 0;
};

/// A letter or _, then letters, digits, _ - . up to 128.
[[nodiscard]] bool isSecretName(std::string_view name);
/// Whether a pattern of `hosts` allows `host` or `host:port`: the name itself, with or without a port, or `*.domain`
/// for names below it. Letters of either case.
[[nodiscard]] bool hostAllowed(std::string_view pattern, std::string_view target);
/// Whether the secret may be used by such a node for such a host. `secret.host`, `secret.node`: named, never shown.
[[nodiscard]] Result<void> mayUse(const SecretHead& secret, std::string_view nodeType, std::string_view host);
/// The folders in which `find` looks, in its order.
[[nodiscard]] std::vector<std::string> foldersOfUse(std::string_view folder);

}  // namespace weir::store
