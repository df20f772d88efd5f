// Hands mails to servers.
#include "hosts/native/mail/native-mail.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <utility>

#include "hosts/native/mail/mail-text.h"
#include "hosts/native/mail/smtp-session.h"

namespace weir::native {
namespace {

/// `Sat, 21 Nov 2026 10:00:00 +0000`
std::string mailDate() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 64> text{};
  const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &parts);
  return {text.data(), size};
}

}  // namespace

NativeMail::NativeMail(NetworkSettings settings)
    : settings_(std::move(settings)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

NativeMail::~NativeMail() {
  stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(stop_.get(), &one, sizeof one);
}

Operation<Unit> NativeMail::send(MailServer server, MailMessage message, Waker waker) {
  Completion<Unit> completion(std::move(waker));
  auto operation = completion.operation();
  const std::lock_guard locked(starting_);
  if (!thread_) thread_ = std::make_unique<JobThread>();
  thread_->give([this, completion, server = std::move(server), message = std::move(message)]() mutable {
    if (completion.cancelled() || stopping_) {
      return completion.complete(fail("mail.unavailable", "the mail was given up", true));
    }
    auto sent = deliver(std::move(server), message);
    if (sent) return completion.complete(Unit{});
    completion.complete(std::unexpected(settings_.secrets == nullptr ? std::move(sent.error())
                                                                     : settings_.secrets->redact(sent.error())));
  });
  return operation;
}

Result<void> NativeMail::deliver(MailServer server, const MailMessage& message) {
  if (message.to.empty()) return fail("mail.address", "the mail is for nobody; say to whom it goes");
  WEIR_ASSIGN(const auto from, addressIn(message.from));
  std::vector<std::string> to;
  for (const auto& one : message.to) {
    WEIR_ASSIGN(auto address, addressIn(one));
    to.push_back(std::move(address));
  }
  const auto id = std::to_string(std::chrono::system_clock::now().time_since_epoch().count()) + "." +
                  std::to_string(++number_) + from.substr(from.rfind('@'));
  WEIR_ASSIGN(const auto text, mailText(message, mailDate(), id));
  if (settings_.secrets != nullptr) {
    WEIR_ASSIGN(server.user, settings_.secrets->resolve(server.user, server.server));
    WEIR_ASSIGN(server.password, settings_.secrets->resolve(server.password, server.server));
  }
  WEIR_ASSIGN(auto session, SmtpSession::open(server, settings_, stop_.get()));
  if (!server.user.empty()) WEIR_TRY(session.signIn(server.user, server.password));
  WEIR_TRY(session.send(from, to, text));
  session.quit();
  return {};
}

}  // namespace weir::native
