// The text of a mail: headers and MIME parts, as RFC 5322 and 2045 have them.
#pragma once

#include <string>
#include <string_view>

#include "engine/host/mail.h"
#include "engine/text/mail-address.h"

namespace weir::native {

/// Lines end with CR LF; no line begins with more dots than it has (the caller doubles them). `mail.header` for line
/// breaks and control characters in subject or addresses.
[[nodiscard]] Result<std::string> mailText(const MailMessage& message, std::string_view date, std::string_view id);

}  // namespace weir::native
