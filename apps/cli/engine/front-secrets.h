// FrontSecrets: secrets for runs in an engine process, asked of the front at use.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/json/value.h"
#include "engine/live/control.h"
#include "hosts/native/secret-source.h"

namespace weir::cli {

/// Settings of a run's nodes are marked with the run and the type of the node, so that a host that is handed
/// ${secret:NAME} asks in their name; what stands in no setting (a row) asks in vain. Thread-safe, but for tell() and
/// take(), which are the session's.
class FrontSecrets final : public native::SecretSource {
 public:
  /// `wake`, from any thread: there is something to tell.
  explicit FrontSecrets(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// Every ${secret:NAME} in `settings` asks in the name of this run and type of node. The same text each time, as
  /// checkpoints compare settings.
  static void mark(json::Value& settings, std::string_view run, std::string_view nodeType);

  void ask(std::string_view name, std::string_view targetHost, Done done) override;
  /// Appends the questions that wait.
  void tell(std::string& out);
  /// {ask, value, keepMs} or {ask, code, message, recoverable}
  void take(const live::Control& answer);

 private:
  std::function<void()> wake_;
  std::mutex mutex_;
  std::int64_t last_ = 0;
  std::string waiting_;                // frames
  std::map<std::int64_t, Done> open_;  // by number
};

}  // namespace weir::cli
