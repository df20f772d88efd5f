// SignIn: what stands behind the routes about people.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/text/utf8.h"
#include "service/auth/directory.h"
#include "service/auth/password-worker.h"
#include "service/auth/setup-link.h"
#include "service/auth/slow-down.h"

namespace weir::auth {

class Provider;

/// One thread, that of the Api.
struct SignIn {
  Directory& directory;
  PasswordWorker& passwords;
  std::string publicUrl{};  // where people reach the server; empty: by the name they use
  SlowDown slowDown{};
  SetupLink setup{};
  Provider* provider = nullptr;     // null: nobody signs in elsewhere
  bool localPasswords = true;       // false: only `breakGlass` signs in with one
  std::string breakGlass{};         // the name of that administrator
  std::function<void()> isSetUp{};  // called when the setup link was used; empty: nobody asks

  [[nodiscard]] bool takesPasswordOf(std::string_view name) const {
    return localPasswords || utf8::equalsIgnoringAsciiCase(name, breakGlass);
  }
  /// Whether the user has a password that is taken here, or an account at the provider that is asked here.
  [[nodiscard]] bool letsIn(const User& user) const;
};

}  // namespace weir::auth
