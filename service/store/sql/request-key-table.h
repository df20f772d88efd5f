// Keys of requests in the service's database.
#pragma once

#include <memory>

#include "engine/host/clock.h"
#include "service/store/request-keys.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& requestKeyKind();

/// For databases: the job of a change, with the key that it is to take along.
[[nodiscard]] std::unique_ptr<StoreJob> withKey(const Database& database, std::unique_ptr<StoreJob> job);

/// Thread-safe. Both outlive it.
class SqlRequestKeys final : public RequestKeys {
 public:
  SqlRequestKeys(Database& database, Clock& clock) : database_(database), clock_(clock) {}
  [[nodiscard]] std::string digestOf(std::string_view text) const override;
  Operation<std::optional<KeptRequest>> find(std::string name, Waker waker) override;
  void takeAlong(RequestKey key, MakeAnswer make) override;
  void forget() override;
  Operation<Unit> answer(std::string name, KeptAnswer answer, Waker waker) override;

 private:
  Database& database_;
  Clock& clock_;
};

}  // namespace weir::store::sql
