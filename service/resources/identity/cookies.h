// Cookies of sessions.
#pragma once

#include <string>

#include "service/auth/directory.h"
#include "service/resources/identity/change.h"

namespace weir::api {

/// A session of a user that begins now, and the secret that its cookie holds.
struct NewSession {
  auth::Session session;
  std::string secret;
};
[[nodiscard]] NewSession newSession(Call& call, const std::string& user);
/// The session of the request's cookie; null: none.
[[nodiscard]] const auth::Session* sessionOf(Call& call);
/// Set-Cookie for a session, or to end it when the secret is empty.
[[nodiscard]] std::string cookieOf(const Call& call, std::string_view secret);
/// Who has signed in, and what their page needs to know; 200 unless said.
[[nodiscard]] Response sessionAnswer(Call& call, const auth::Session& session, std::string_view secret,
                                     int status = 200);

}  // namespace weir::api
