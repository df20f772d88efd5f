// Keeps what was given for as long as it may, and failures for a moment.
#include "hosts/native/secret-source.h"

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "hosts/native/redaction.h"

namespace weir::native {
namespace {

/// So that who waits for several texts at once asks once.
constexpr std::chrono::milliseconds kFailureKept{1'000}, kLeastKept{1'000};
constexpr std::chrono::seconds kMostWait{25};
constexpr std::size_t kMostEntries = 10'000;

}  // namespace

std::optional<Result<std::string>> AskedSecrets::known(std::string_view name, std::string_view targetHost) {
  const std::lock_guard locked(mutex_);
  const auto found = entries_.find({std::string(name), std::string(targetHost)});
  if (found == entries_.end() || found->second.until < Clock::now()) return std::nullopt;
  return found->second.value;
}

void AskedSecrets::keep(const std::pair<std::string, std::string>& key, Result<GivenSecret> given) {
  const std::lock_guard locked(mutex_);
  const auto now = Clock::now();
  if (entries_.size() >= kMostEntries) std::erase_if(entries_, [&](const auto& one) { return one.second.until < now; });
  if (!given) {
    entries_.insert_or_assign(key, Entry{std::unexpected(std::move(given.error())), now + kFailureKept});
    return;
  }
  auto forms = formsOfSecret(given->value);
  if (forms.empty()) {
    auto refused = fail("secret.short",
                        "a secret has fewer than 4 bytes, so that it could not be kept out of logs; "
                        "choose a longer one");
    entries_.insert_or_assign(key, Entry{std::move(refused), now + kFailureKept});
    return;
  }
  for (auto& form : forms) {
    if (std::ranges::find(forms_, form) == forms_.end()) forms_.push_back(std::move(form));
  }
  std::ranges::stable_sort(forms_, [](const auto& a, const auto& b) { return a.size() > b.size(); });
  const auto kept = std::max(kLeastKept, std::chrono::milliseconds(given->keepMs));
  entries_.insert_or_assign(key, Entry{std::move(given->value), now + kept});
}

void AskedSecrets::prepare(std::string_view name, std::string_view targetHost, std::function<void()> done) {
  const std::pair key{std::string(name), std::string(targetHost)};
  source_.ask(name, targetHost, [self = shared_from_this(), key, done = std::move(done)](Result<GivenSecret> given) {
    self->keep(key, std::move(given));
    done();
  });
}

Result<std::string> AskedSecrets::wait(std::string_view name, std::string_view targetHost) {
  struct Door {
    std::mutex mutex;
    std::condition_variable moved;
    bool open = false;
  };
  if (auto value = known(name, targetHost)) return std::move(*value);
  const auto door = std::make_shared<Door>();
  prepare(name, targetHost, [door] {
    const std::lock_guard locked(door->mutex);
    door->open = true;
    door->moved.notify_one();
  });
  {
    std::unique_lock locked(door->mutex);
    door->moved.wait_for(locked, kMostWait, [&] { return door->open; });
  }
  if (auto value = known(name, targetHost)) return std::move(*value);
  return fail("secret.unavailable", "a secret was asked for, and no answer has come; it is asked for again later",
              true);
}

void AskedSecrets::redact(std::string& text) {
  const std::lock_guard locked(mutex_);
  redactForms(text, forms_);
}

bool AskedSecrets::empty() {
  const std::lock_guard locked(mutex_);
  return forms_.empty();
}

}  // namespace weir::native
