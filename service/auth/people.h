// People: all that a server needs to know its callers, over one database.
#pragma once

#include <memory>
#include <string>

#include "service/auth/directory-gate.h"
#include "service/auth/sign-in.h"
#include "service/auth/store-places.h"
#include "service/store/sql/audit-table.h"
#include "service/store/sql/identity-table.h"

namespace weir::auth {

/// One thread, that of the Api, which ends before it.
class People {
 public:
  /// Reads all that the database holds of people. Both outlive it. `publicUrl` may be empty.
  [[nodiscard]] static Result<std::unique_ptr<People>> open(store::sql::Database& database, Clock& clock,
                                                            std::string publicUrl);
  People(store::sql::Database& database, Clock& clock, std::string publicUrl)
      : identities_(database),
        directory_(identities_, clock),
        clock_(clock),
        audit(database),
        gate(directory_, places_, publicUrl),
        signIn{directory_, passwords_, std::move(publicUrl)} {
    gate.paces(rates);
    directory_.whoComesIn([this](const User& user) { return signIn.letsIn(user); });
  }

  /// Directory::follow().
  [[nodiscard]] bool follow(bool due, const Waker& waker) { return directory_.follow(due, waker); }
  /// The code of the setup link, if nobody who can sign in administers the server, or the owner of the machine asks for
  /// one; empty: there is none.
  [[nodiscard]] std::string setupCode(bool asked);

 private:
  store::sql::SqlIdentities identities_;
  Directory directory_;
  PasswordWorker passwords_;
  StorePlaces places_;
  Clock& clock_;

 public:
  store::sql::SqlAuditLog audit;
  CallerRates rates{};
  DirectoryGate gate;
  SignIn signIn;
};

}  // namespace weir::auth
