// A certificate that this machine signs itself, for trying TLS and for networks of one's own.
#pragma once

#include <string>

#include "engine/data/error.h"

namespace weir::native {

/// Writes `FOLDER/self-signed.crt` and `.key` (mode 0600, P-256) for localhost, 127.0.0.1, ::1, this machine's name and
/// `host`, for 397 days, unless they are there, are for `host` and are valid for 30 more days. Clients trust it only
/// when they are told to. `server.tls`.
[[nodiscard]] Result<Unit> makeSelfSigned(const std::string& folder, const std::string& host);

}  // namespace weir::native
