// One at a time.
#include "apps/cli/serve/ring-room.h"

namespace weir::cli {

api::KeyReport RingRoom::now() const {
  const auto [keys, old] = ring_.count();
  return {ring_.instance(), ring_.master(), keys, old, databaseElsewhere_};
}

api::KeyReport RingRoom::report() {
  const std::scoped_lock locked(mutex_);
  return now();
}

Result<api::KeyReport> RingRoom::rotate() {
  const std::scoped_lock locked(mutex_);
  if (!ring_.encrypted()) {
    return fail("key.not_encrypted",
                "the data folder is not encrypted, so it has no keys; stop the server and run weir encrypt");
  }
  WEIR_TRY(ring_.renewFiles(nowMs()));
  return now();
}

Result<engines::RunKeys> RingRoom::ofRun(const std::string& folder) {
  using native::FileClass;
  const std::scoped_lock locked(mutex_);
  engines::RunKeys keys;
  if (!ring_.encrypted()) return keys;
  const auto encoded = [&](FileClass of) -> Result<std::string> {
    WEIR_ASSIGN(const auto found, ring_.files(folder, of, nowMs()));
    return found.encode();
  };
  WEIR_ASSIGN(keys.journal, encoded(FileClass::journal));
  WEIR_ASSIGN(keys.state, encoded(FileClass::state));
  WEIR_ASSIGN(keys.letters, encoded(FileClass::deadLetters));
  WEIR_ASSIGN(keys.rows, encoded(FileClass::recording));
  return keys;
}

Result<native::FileKeys> RingRoom::ofObjects() {
  const std::scoped_lock locked(mutex_);
  return ring_.files({}, native::FileClass::object, nowMs());
}

LetterKeys RingRoom::letters() {
  if (!ring_.encrypted()) return {};
  return [this](const std::string& chain) {
    const std::scoped_lock locked(mutex_);
    return ring_.filesOfChain(chain);
  };
}

}  // namespace weir::cli
