// Encoded values and blob references: any bytes; what decodes, encodes and decodes to the same again.
#include "engine/data/value-codec.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/data/blob.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(weir::decodeBlob(bytes));
  const auto value = weir::decodeWholeValue(bytes);
  if (!value) return 0;
  std::string once;
  std::string twice;
  if (!weir::encodeValue(*value, once)) std::abort();
  const auto again = weir::decodeWholeValue(once);
  if (!again || !weir::encodeValue(*again, twice) || once != twice) std::abort();
  return 0;
}
