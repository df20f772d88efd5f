// Sealer: what turns the payload of a record into something that only the holder of a key can read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::journal {

/// Where a record stands: no two have the same, so that a nonce can be made of it.
struct SealPlace {
  std::uint64_t segment = 0, epoch = 0;
  std::int64_t offset = 0;
};

/// Compresses, if it does, and then seals. Called from the disk's thread, and by recovery.
class Sealer {
 public:
  virtual ~Sealer() = default;
  /// Goes into each segment's header; at most 32 bytes.
  [[nodiscard]] virtual std::string_view keyId() const = 0;
  /// Appends what stands for `plain` to `out`.
  [[nodiscard]] virtual Result<void> seal(const SealPlace& place, std::string_view plain, std::string& out) = 0;
  /// Appends the plain bytes to `out`. `journal.corrupt` if they were not sealed there by this key.
  [[nodiscard]] virtual Result<void> open(const SealPlace& place, std::string_view sealed, std::string& out) = 0;
};

}  // namespace weir::journal
