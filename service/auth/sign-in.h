// SignIn: what stands behind the routes about people.
#pragma once

#include <string>

#include "service/auth/directory.h"
#include "service/auth/password-worker.h"
#include "service/auth/setup-link.h"
#include "service/auth/slow-down.h"

namespace weir::auth {

/// One thread, that of the Api.
struct SignIn {
  Directory& directory;
  PasswordWorker& passwords;
  std::string publicUrl{};  // where people reach the server; empty: by the name they use
  SlowDown slowDown{};
  SetupLink setup{};
};

}  // namespace weir::auth
