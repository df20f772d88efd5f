// Opens what a server knows of people.
#include "service/auth/people.h"

#include <utility>

namespace weir::auth {

Result<std::unique_ptr<People>> People::open(store::sql::Database& database, Clock& clock, std::string publicUrl) {
  auto people = std::make_unique<People>(database, clock, std::move(publicUrl));
  WEIR_ASSIGN(const auto records, store::sql::waitFor(people->identities_.load({})));
  WEIR_TRY(people->directory_.fill(records));
  return people;
}

std::string People::setupCode(bool asked) {
  const bool again = directory_.otherAdministrators({}) > 0;
  if (again && !asked) return {};
  return signIn.setup.make(clock_.steadyNanos() / 1'000'000, again);
}

}  // namespace weir::auth
