// Mail: sends e-mail through a server of somebody's choice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/host/operation.h"

namespace weir {

struct MailServer {
  enum class Security : std::uint8_t {
    automatic,  // tls on port 465, else startTls
    tls,        // from the first byte
    startTls,   // the server must offer it
    none        // only to this machine
  };
  std::string server;  // HOST:PORT; without a port 587, or 465 with tls
  Security security = Security::automatic;
  std::string user{}, password{};  // may hold ${secret:NAME}; empty: nobody signs in
  std::int64_t timeoutMs = 30'000;
};

struct MailMessage {
  std::string from;             // ada@example.com, or Ada <ada@example.com>
  std::vector<std::string> to;  // likewise
  std::string subject;
  std::string text;
  std::string html{};  // empty: there is only the text
};

/// Certificates are checked, as for all connections. Error codes: `mail.address`, `mail.header`, `mail.unavailable` and
/// `mail.later` (recoverable), `mail.refused`, `mail.denied`, `mail.plain`, network.*, secret.*. Done: the server has
/// taken the message for all that it is for. Thread-safe.
struct Mail {
  static constexpr std::string_view kName = "mail";
  virtual ~Mail() = default;
  virtual Operation<Unit> send(MailServer server, MailMessage message, Waker waker) = 0;
};

}  // namespace weir
