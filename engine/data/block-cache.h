// Recycles the memory of blocks: per thread first, then shared; bounded in bytes. In wasm and under sanitizers: none.
#pragma once

#include <cstdint>

namespace weir::blockcache {

/// The payload capacity that a request for `bytes` gets: multiples of 64 up to 1 KiB, then eight steps a doubling (plus
/// 64, so that 1 MiB and its padding fit exactly) up to 4 MiB, then what was asked for, rounded up to 64.
[[nodiscard]] std::int64_t capacityFor(std::int64_t bytes) noexcept;
/// 64-byte aligned memory for header and payload, or nullptr. `capacity` comes from capacityFor.
[[nodiscard]] void* take(std::int64_t capacity) noexcept;
void give(void* memory, std::int64_t capacity) noexcept;

}  // namespace weir::blockcache
