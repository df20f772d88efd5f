// SmtpSession: one conversation with a mail server (RFC 5321).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/mail.h"
#include "hosts/native/network/network-settings.h"
#include "hosts/native/network/wire.h"

namespace weir::native {

/// Used by one thread. What it says of the server's words, the caller takes secrets out of.
class SmtpSession {
 public:
  /// Connects and greets; the connection is encrypted afterwards, unless `server.security` is none.
  [[nodiscard]] static Result<SmtpSession> open(const MailServer& server, const NetworkSettings& network, int stopFd);
  /// Plain passwords, so only over TLS or to this machine.
  Result<void> signIn(const std::string& user, const std::string& password);
  /// `text` is a whole message with CR LF.
  Result<void> send(const std::string& from, const std::vector<std::string>& to, std::string_view text);
  void quit();

 private:
  struct Reply {
    int code = 0;
    std::string text;  // lines with spaces between
  };
  SmtpSession(std::unique_ptr<Wire> wire, std::int64_t timeoutMs) : wire_(std::move(wire)), timeoutMs_(timeoutMs) {}
  Result<Reply> read();
  /// An answer of another hundred than `good` is an error; `what` was asked.
  Result<Reply> ask(std::string_view command, int good, std::string_view what);
  Result<void> greet();
  [[nodiscard]] bool offers(std::string_view word) const;

  std::unique_ptr<Wire> wire_;
  std::int64_t timeoutMs_;
  std::string in_;
  std::vector<std::string> offered_;  // lines of EHLO, in upper case
};

}  // namespace weir::native
