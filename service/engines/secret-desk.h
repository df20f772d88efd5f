// SecretDesk: answers engine processes that ask for secrets, once it knows for which run, and that it may be.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/host/clock.h"
#include "engine/host/given-secret.h"
#include "engine/host/waker.h"
#include "service/engines/engines.h"
#include "service/store/audit.h"
#include "service/store/secrets.h"

namespace weir::engines {

/// Where the references of secrets lead (`vault:…`, `aws-sm:…`). Error codes `secret.*`.
class SecretReferences {
 public:
  virtual ~SecretReferences() = default;
  virtual Operation<GivenSecret> read(std::string reference, Waker waker) = 0;
};

struct SecretDeskParts {
  store::Secrets& secrets;
  store::AuditLog& audit;
  SecretReferences* references = nullptr;  // null: none can be read
  Clock& clock;
  /// The folder of a run that goes on here; nothing: it does not, and has no secrets.
  std::function<std::optional<std::string>(const std::string& run)> folderOf;
};

/// An engine is told a value only for a run that it was given, of a secret of that run's folder or of one above, for a
/// type of node and a host that the secret allows. The first use by a run is written to the audit log. One thread, that
/// of the API; asks come from any.
class SecretDesk {
 public:
  /// `moved` is woken, from any thread, when work() has something to do. All of them outlive it.
  SecretDesk(Engines& engines, SecretDeskParts parts, Waker moved);
  ~SecretDesk();
  SecretDesk(const SecretDesk&) = delete;
  SecretDesk& operator=(const SecretDesk&) = delete;

  /// To be called when it was woken, and after as many milliseconds as it gives.
  int work();

 private:
  class Inbox;
  struct Asked {
    SecretAsk ask;
    std::string folder;
    store::SecretHead head{};
    Operation<store::Secret> finding{};
    Operation<GivenSecret> reading{};
  };
  void begin(SecretAsk ask);
  /// True: it was answered.
  [[nodiscard]] bool goOn(Asked& asked);
  [[nodiscard]] bool found(Asked& asked, store::Secret secret);
  void give(const Asked& asked, const std::string& value, std::int64_t keepMs);
  void refuse(const SecretAsk& ask, const Error& error);
  void note(const Asked& asked);

  Engines& engines_;
  SecretDeskParts parts_;
  Waker moved_;
  std::shared_ptr<Inbox> inbox_;
  std::list<Asked> asked_;
  std::set<std::pair<std::string, std::string>> noted_;  // run, and folder/name of the secret
  std::deque<std::pair<std::string, std::string>> notedInOrder_;
  std::deque<Operation<Unit>> notes_;
};

}  // namespace weir::engines
