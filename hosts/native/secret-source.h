// SecretSource: where secrets come from that this process does not hold; and what has come from there.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/host/given-secret.h"

namespace weir::native {

/// Thread-safe.
class SecretSource {
 public:
  using Done = std::function<void(Result<GivenSecret>)>;
  virtual ~SecretSource() = default;
  /// `name` as it stands in ${secret:NAME}; `done` is called once, from any thread, perhaps before this returns.
  virtual void ask(std::string_view name, std::string_view targetHost, Done done) = 0;
};

/// The forms in which a value may appear in texts: raw, JSON-escaped, base64, hex, URL-encoded. None for a value that
/// cannot be told from ordinary text.
[[nodiscard]] std::vector<std::string> formsOfSecret(const std::string& value);

/// What a source has given lately. Thread-safe; outlived by nothing that asks through it, as it is shared.
class AskedSecrets : public std::enable_shared_from_this<AskedSecrets> {
 public:
  explicit AskedSecrets(SecretSource& source) : source_(source) {}

  /// Nothing while it has to be asked for.
  [[nodiscard]] std::optional<Result<std::string>> known(std::string_view name, std::string_view targetHost);
  /// `done`, from any thread: it is known now.
  void prepare(std::string_view name, std::string_view targetHost, std::function<void()> done);
  /// Waits for it. `secret.unavailable` if no answer comes.
  [[nodiscard]] Result<std::string> wait(std::string_view name, std::string_view targetHost);
  /// Puts *** for all values that have ever come, in `text`.
  void redact(std::string& text);
  [[nodiscard]] bool empty();

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    Result<std::string> value;
    Clock::time_point until;
  };
  void keep(const std::pair<std::string, std::string>& key, Result<GivenSecret> given);

  SecretSource& source_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Entry> entries_;  // by name and host
  std::vector<std::string> forms_;                                // longest first
};

}  // namespace weir::native
