// Changes of what the server knows of people, as handlers make them: with an entry in the audit log, stored before they
// are answered.
#pragma once

#include <string>
#include <vector>

#include "engine/json/writer.h"
#include "service/api/handlers.h"
#include "service/auth/sign-in.h"
#include "service/resources/identity/body.h"
#include "service/resources/server.h"

namespace weir::api {

[[nodiscard]] inline auth::SignIn& signInOf(Call& call) { return *call.services.server->signIn; }
[[nodiscard]] inline auth::Directory& directoryOf(Call& call) { return signInOf(call).directory; }

/// An entry about this call: `user.created`, `user:ID`, and a JSON object of what was and is.
[[nodiscard]] store::AuditEntry entryOf(Call& call, std::string action, std::string object, std::string detail = {},
                                        std::string folder = {});
/// Waits until no other change is under way: what is looked at from here on holds when the change is stored at once.
Job<Unit> turnOf(Call& call);
/// Stores a change with its entry.
Job<Expected<Unit>> keep(Call& call, auth::DirectoryChange change, store::AuditEntry entry);
Job<Expected<Unit>> keep(Call& call, auth::DirectoryChange change, std::vector<store::AuditEntry> entries);
/// 404.
[[nodiscard]] Refusal notThere(std::string_view what, std::string_view id);

}  // namespace weir::api
