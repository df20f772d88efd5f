// Fuzz target: saved sums and sketches from foreign bytes are refused or usable, and write themselves again.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/data/check.h"
#include "engine/data/distinct-sketch.h"
#include "engine/data/exact-sum.h"
#include "engine/data/quantile-sketch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::span<const std::uint8_t> bytes(data + 1, size - 1);
  std::vector<std::uint8_t> out;
  if (data[0] % 3 == 0) {
    if (auto moments = weir::ExactMoments::deserialize(bytes)) {
      static_cast<void>(moments->deviation(true));
      moments->add(1.5);
      moments->serialize(out);
    }
  } else if (data[0] % 3 == 1) {
    if (auto sketch = weir::QuantileSketch::deserialize(bytes)) {
      static_cast<void>(sketch->quantile(0.3));
      const weir::QuantileSketch copy = *sketch;
      sketch->merge(copy);
      sketch->add(1e300);
      sketch->serialize(out);
    }
  } else if (auto sketch = weir::DistinctSketch::deserialize(bytes)) {
    WEIR_CHECK(sketch->estimate() >= 0);
    sketch->addHash(7);
    sketch->serialize(out);
  }
  return 0;
}
