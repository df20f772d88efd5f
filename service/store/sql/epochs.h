// Epochs: by which servers on one database see that another one has changed what they hold in memory.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& epochKind();

/// How far one server has seen the changes that others have made to one kind of things. Thread-safe.
class Epochs {
 public:
  struct Seen {
    std::string name;    // of the kind of things
    std::string writer;  // who this server is in the database
    std::int64_t epoch = 0;
  };
  explicit Epochs(std::string_view name);

  /// As it is now, for a change that is decided on what is known now.
  [[nodiscard]] Seen seen() const;
  /// Everything up to this epoch is known here.
  void saw(std::int64_t epoch);

 private:
  mutable std::mutex mutex_;
  Seen seen_;
};

/// The epoch of the last change that somebody else has made; 0: there was none.
[[nodiscard]] Result<std::int64_t> othersEpoch(Session& session, const Epochs::Seen& seen);
/// Tells others, in the transaction of a change, that there is one.
Result<void> raiseEpoch(Session& session, const Epochs::Seen& seen);
/// The same, for a change that must not be made on what is known no longer: `storage.elsewhere` if others have changed
/// something meanwhile.
Result<void> raiseEpochIfSeen(Session& session, const Epochs::Seen& seen);
/// `storage.elsewhere` as of raiseEpochIfSeen().
Result<void> checkSeen(Session& session, const Epochs::Seen& seen);

}  // namespace weir::store::sql
