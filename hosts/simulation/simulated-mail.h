// SimulatedMail: a mail server that takes all but what a test says, and keeps it.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/host/mail.h"

namespace weir::simulation {

class SimulatedMail final : public Mail {
 public:
  /// Mail to this address is `mail.refused`.
  void refuse(std::string address) { refused_.push_back(std::move(address)); }
  [[nodiscard]] const std::vector<MailMessage>& sent() const { return sent_; }

  Operation<Unit> send(MailServer /*server*/, MailMessage message, Waker /*waker*/) override {
    for (const auto& to : message.to) {
      if (std::ranges::find(refused_, to) == refused_.end()) continue;
      return Operation<Unit>::finished(fail("mail.refused", "the server does not take mail for " + to));
    }
    sent_.push_back(std::move(message));
    return Operation<Unit>::finished(Unit{});
  }

 private:
  std::vector<std::string> refused_;
  std::vector<MailMessage> sent_;
};

}  // namespace weir::simulation
