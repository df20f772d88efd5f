// The threads that hash.
#include "service/auth/password-worker.h"

#include <memory>
#include <utility>

#include "adapters/sodium/password.h"

namespace weir::auth {
namespace {

/// Of a password that nobody knows.
constexpr const char* kNobody =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

}  // namespace

PasswordWorker::~PasswordWorker() {
  {
    const std::scoped_lock locked(mutex_);
    ending_ = true;
  }
  given_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void PasswordWorker::loop() {
  std::unique_lock locked(mutex_);
  for (;;) {
    ++idle_;
    given_.wait(locked, [this] { return ending_ || !waiting_.empty(); });
    --idle_;
    if (ending_) return;
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    locked.unlock();
    work();
    locked.lock();
  }
}

template <class T>
Operation<T> PasswordWorker::give(std::function<Result<T>()> work, Waker waker) {
  auto completion = std::make_shared<Completion<T>>(std::move(waker));
  {
    const std::scoped_lock locked(mutex_);
    if (waiting_.size() >= kMostWaiting) {
      return Operation<T>::finished(
          fail("auth.busy", "too many passwords are being checked at this moment; try again in a few seconds", true));
    }
    waiting_.emplace_back([completion, work = std::move(work)] {
      if (!completion->cancelled()) completion->complete(work());
    });
    if (idle_ < waiting_.size() && threads_.size() < kThreads) threads_.emplace_back([this] { loop(); });
  }
  given_.notify_one();
  return completion->operation();
}

Operation<std::string> PasswordWorker::hash(std::string password, Waker waker) {
  return give<std::string>([password = std::move(password)] { return sodium::hashPassword(password); },
                           std::move(waker));
}

Operation<bool> PasswordWorker::fits(std::string password, std::string hash, Waker waker) {
  return give<bool>(
      [password = std::move(password), hash = std::move(hash)]() -> Result<bool> {
        if (hash.empty()) return sodium::passwordFits(password, kNobody) && false;
        return sodium::passwordFits(password, hash);
      },
      std::move(waker));
}

}  // namespace weir::auth
