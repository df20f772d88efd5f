// Secrets in the database, sealed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sodium/sodium.h"
#include "engine/host/clock.h"
#include "service/store/secrets.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& secretKind();

/// `key` seals the values, each tied to its folder and name; without one no value is taken and none is read:
/// `key.missing` (references are). Database and clock outlive it.
[[nodiscard]] std::unique_ptr<Secrets> secretsIn(Database& database, Clock& clock, const sodium::Key* key);

/// Seals what is there in the clear, or under the key of `before`, and gives how many those were. What neither opens
/// stays.
[[nodiscard]] Operation<std::int64_t> sealSecrets(Database& database, sodium::Key key,
                                                  std::optional<sodium::Key> before, Waker waker);

/// The key of secrets of a database that several servers share: the first one's, kept there under their master key.
struct SharedSecretKey {
  std::optional<sodium::Key> key;
  std::string master;                // the name of the master key that opens it
  std::vector<std::string> foreign;  // secrets that it does not open, FOLDER/NAME; some of them
};
/// `own` becomes it where there is none yet. What `own` has sealed is sealed with it from now on. Without `key` the
/// master key is another one, and nothing was changed.
[[nodiscard]] Operation<SharedSecretKey> shareSecretKey(Database& database, sodium::Key own, sodium::Key master,
                                                        Waker waker);

}  // namespace weir::store::sql
