// Arrow IPC: any bytes as a stream, and as a file.
#include "engine/data/arrow-ipc.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

constexpr std::int64_t kMaxRowsLooked = 64;

void look(const weir::Batch& batch) {
  for (std::int64_t row = 0; row < batch.rows() && row < kMaxRowsLooked; ++row) static_cast<void>(batch.row(row));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::MemoryAccount account(std::int64_t{64} << 20);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto batches = weir::ipc::readStream(bytes, account))
    for (const auto& batch : *batches) look(batch);
  auto file = weir::ipc::FileReader::open(
      [bytes](std::int64_t offset, std::span<std::byte> to) -> weir::Result<void> {
        std::memcpy(to.data(), bytes.data() + offset, to.size());
        return {};
      },
      static_cast<std::int64_t>(size), account);
  if (!file) return 0;
  for (std::int64_t i = 0; i < file->batches(); ++i)
    if (const auto batch = file->batch(i)) look(*batch);
  return 0;
}
