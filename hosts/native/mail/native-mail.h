// NativeMail: mail over SMTP, on a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "engine/host/mail.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/job-thread.h"
#include "hosts/native/network/network-settings.h"

namespace weir::native {

/// One mail after the other. The thread begins with the first; the destructor gives up what is under way.
class NativeMail final : public Mail {
 public:
  explicit NativeMail(NetworkSettings settings);
  ~NativeMail() override;
  Operation<Unit> send(MailServer server, MailMessage message, Waker waker) override;

 private:
  [[nodiscard]] Result<void> deliver(MailServer server, const MailMessage& message);

  NetworkSettings settings_;
  Descriptor stop_;  // readable: it ends
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> number_{0};
  std::mutex starting_;
  std::unique_ptr<JobThread> thread_;
};

}  // namespace weir::native
