// Channel: where notices of alerts go: e-mail, a webhook, or one in the form of Slack.
#pragma once

#include <string>
#include <string_view>

#include "engine/host/http.h"
#include "engine/host/mail.h"
#include "service/alerts/alert.h"

namespace weir::alerts {

struct Channel {
  enum class Kind : std::uint8_t { mail, webhook, slack };
  std::string id;
  Kind kind = Kind::webhook;
  std::string folder;  // alerts of it and those below; empty: all
  Severity least = Severity::warning;
  bool enabled = true;
  // Of mail.
  MailServer server{};
  std::string from{};
  std::vector<std::string> to{};
  // Of the others.
  std::string url{}, path{};  // the path may be a secret
  std::vector<HttpHeader> headers{};
};

/// `alert.channel` with the member that is wrong. Credentials (password, path) must be ${secret:NAME}: a channel keeps
/// none itself.
[[nodiscard]] Result<Channel> channelOf(std::string_view id, const json::Value& document);
[[nodiscard]] std::string jsonOf(const Channel& channel);
[[nodiscard]] std::string_view nameOf(Channel::Kind kind);
/// Of one that somebody writes: whether notices could go there at all. `alert.channel` with the member that is wrong.
[[nodiscard]] Result<Unit> checkAddresses(const Channel& channel);
/// `server.insecure`: notices would go in the clear to another machine.
[[nodiscard]] Result<Unit> checkTransport(const Channel& channel);
/// As it is shown: of the address only whose it is, of headers only secrets by their names, since what stands there may
/// let anybody write to the receiver.
[[nodiscard]] Channel shownOf(Channel channel);
/// What somebody gives back as it was shown is what it was.
[[nodiscard]] Channel unmasked(Channel given, const Channel& before);

/// One line for people: "[critical] orders: more than 5 % of the rows fail (0.2)".
[[nodiscard]] std::string titleOf(const Alert& alert);
/// What goes there of an alert; `link` is where people find it, or empty.
[[nodiscard]] MailMessage mailOf(const Channel& channel, const Alert& alert, std::string_view link);
[[nodiscard]] HttpRequest requestOf(const Channel& channel, const Alert& alert, std::string_view link);

}  // namespace weir::alerts
