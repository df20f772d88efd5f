// FileKeys: the data keys of one class of files, newest first, and the sealer of a journal over them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/sodium/sodium.h"
#include "engine/journal/sealer.h"

namespace weir::native {

/// What is written anew takes the first key; the others still open what was written before a rotation.
struct FileKeys {
  std::string chain;  // names the class for good, whatever its keys; 16 hexadecimal digits
  std::vector<sodium::Key> keys;

  [[nodiscard]] bool empty() const { return keys.empty(); }
  [[nodiscard]] const sodium::Key& current() const { return keys.front(); }
  /// Null: it is not one of these.
  [[nodiscard]] const sodium::Key* find(std::string_view name) const;
  /// For a process that gets nothing else: to a text and back. `key.ring` if it is none.
  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static Result<FileKeys> decode(std::string_view text);
};

/// Records of a journal: compressed where that helps, sealed with a random nonce, tied to their place. Each says which
/// key it needs, so that a journal goes on over a rotation. Outlives the journal; used by one thread at a time.
class RecordSealer final : public journal::Sealer {
 public:
  explicit RecordSealer(FileKeys keys);
  [[nodiscard]] std::string_view keyId() const override { return keys_.chain; }
  [[nodiscard]] Result<void> seal(const journal::SealPlace& place, std::string_view plain, std::string& out) override;
  [[nodiscard]] Result<void> open(const journal::SealPlace& place, std::string_view sealed, std::string& out) override;

 private:
  FileKeys keys_;
  std::vector<std::string> names_;  // of the keys, as bytes
  std::string packed_, opened_;
};

}  // namespace weir::native
