// Speaks SMTP.
#include "hosts/native/mail/smtp-session.h"

#include <algorithm>
#include <utility>

#include "engine/text/base64.h"
#include "hosts/native/network/address.h"

namespace weir::native {
namespace {

constexpr std::size_t kLongestReply = 64 * 1024;

std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 300)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

/// What the wire says in the words of brokers.
Error asMail(Error error) {
  if (error.code.starts_with("broker.")) error.code = "mail.unavailable";
  return error;
}

template <class T>
Result<T> asMail(Result<T> result) {
  if (!result) result.error() = asMail(std::move(result.error()));
  return result;
}

bool isThisMachine(std::string_view host) {
  const auto address = parseAddress(host);
  return host == "localhost" || host == "[::1]" || (address && !address->six && address->bytes[0] == 127);
}

}  // namespace

Result<SmtpSession> SmtpSession::open(const MailServer& server, const NetworkSettings& network, int stopFd) {
  using Security = MailServer::Security;
  const std::uint16_t usual = server.security == Security::tls ? 465 : 587;
  WEIR_ASSIGN(const auto place, splitServer(server.server, usual));
  auto security = server.security;
  if (security == Security::automatic) security = place.second == 465 ? Security::tls : Security::startTls;
  if (security == Security::none && !isThisMachine(place.first)) {
    return fail("mail.plain",
                "mail goes to '" + place.first + "' without TLS only if that is this machine; use tls or startTls");
  }
  WireOptions options{.server = server.server,
                      .defaultPort = usual,
                      .tls = security == Security::tls,
                      .stopFd = stopFd,
                      .timeoutMs = server.timeoutMs,
                      .meter = network.meter};
  WEIR_ASSIGN(auto wire, asMail(Wire::connect(options, network.policy)));
  SmtpSession session(std::move(wire), server.timeoutMs);
  WEIR_ASSIGN(const auto hello, session.read());
  if (hello.code != 220) return fail("mail.later", "the mail server does not greet: " + shown(hello.text), true);
  WEIR_TRY(session.greet());
  if (security == Security::startTls) {
    if (!session.offers("STARTTLS")) {
      return fail("mail.plain", "'" + server.server + "' does not offer STARTTLS, so nothing was sent to it");
    }
    WEIR_TRY(session.ask("STARTTLS", 2, "encryption"));
    // What somebody put behind the answer came without encryption.
    session.in_.clear();
    WEIR_TRY(asMail(session.wire_->startTls(place.first)));
    WEIR_TRY(session.greet());
  }
  return session;
}

Result<SmtpSession::Reply> SmtpSession::read() {
  Reply reply;
  for (;;) {
    const auto end = in_.find('\n');
    if (end == std::string::npos) {
      if (in_.size() > kLongestReply) return fail("mail.unavailable", "the mail server's answer does not end", true);
      WEIR_ASSIGN(const auto came, asMail(wire_->receive(in_, timeoutMs_)));
      if (!came) return fail("mail.unavailable", "the mail server is silent", true);
      continue;
    }
    auto line = in_.substr(0, end);
    in_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, isDigit)) {
      return fail("mail.unavailable", "what answers is no mail server: '" + shown(line) + "'");
    }
    reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    const auto text = std::string_view(line).substr(std::min<std::size_t>(4, line.size()));
    reply.text.append(reply.text.empty() ? "" : "\n").append(text);
    if (reply.text.size() > kLongestReply)
      return fail("mail.unavailable", "the mail server's answer does not end", true);
    if (line.size() == 3 || line[3] != '-') return reply;
  }
}

Result<SmtpSession::Reply> SmtpSession::ask(std::string_view command, int good, std::string_view what) {
  WEIR_TRY(asMail(wire_->send(std::string(command) + "\r\n")));
  WEIR_ASSIGN(auto reply, read());
  if (reply.code / 100 == good) return reply;
  const auto why = "the mail server does not take " + std::string(what) + ": " + std::to_string(reply.code) + " " +
                   shown(reply.text);
  if (reply.code / 100 == 4) return fail("mail.later", why, true);
  return fail(reply.code == 530 || reply.code == 534 || reply.code == 535 ? "mail.denied" : "mail.refused", why);
}

Result<void> SmtpSession::greet() {
  WEIR_ASSIGN(const auto reply, ask("EHLO [127.0.0.1]", 2, "our greeting"));
  offered_.clear();
  for (std::size_t at = 0; at <= reply.text.size();) {
    const auto end = std::min(reply.text.find('\n', at), reply.text.size());
    offered_.push_back(upper(std::string_view(reply.text).substr(at, end - at)));
    at = end + 1;
  }
  return {};
}

bool SmtpSession::offers(std::string_view word) const {
  return std::ranges::any_of(offered_, [word](std::string_view line) {
    return line == word || (line.starts_with(word) && line[word.size()] == ' ');
  });
}

Result<void> SmtpSession::signIn(const std::string& user, const std::string& password) {
  const auto methods = std::ranges::find_if(offered_, [](const auto& line) { return line.starts_with("AUTH "); });
  const auto has = [&](std::string_view method) { return methods != offered_.end() && methods->contains(method); };
  if (has(" PLAIN")) {
    const auto secret = std::string(1, '\0') + user + std::string(1, '\0') + password;
    WEIR_TRY(ask("AUTH PLAIN " + encodeBase64(secret), 2, "the user and password"));
    return {};
  }
  if (!has(" LOGIN")) return fail("mail.denied", "the mail server takes neither AUTH PLAIN nor LOGIN");
  WEIR_TRY(ask("AUTH LOGIN", 3, "a sign-in"));
  WEIR_TRY(ask(encodeBase64(user), 3, "the user"));
  WEIR_TRY(ask(encodeBase64(password), 2, "the user and password"));
  return {};
}

Result<void> SmtpSession::send(const std::string& from, const std::vector<std::string>& to, std::string_view text) {
  WEIR_TRY(ask("MAIL FROM:<" + from + ">", 2, "mail from " + from));
  for (const auto& one : to) WEIR_TRY(ask("RCPT TO:<" + one + ">", 2, "mail for " + one));
  WEIR_TRY(ask("DATA", 3, "the mail"));
  std::string data;
  bool lineBegins = true;
  for (const char c : text) {
    if (lineBegins && c == '.') data += '.';
    data += c;
    lineBegins = c == '\n';
  }
  WEIR_TRY(ask(data + (data.ends_with("\r\n") ? "." : "\r\n."), 2, "the mail"));
  return {};
}

void SmtpSession::quit() {
  // The mail is with the server; how it says good-bye changes nothing.
  if (wire_->send("QUIT\r\n")) static_cast<void>(read());
}

}  // namespace weir::native
