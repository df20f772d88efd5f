// The normal distribution on top of the generator.
#include "engine/data/random.h"

#include <cmath>

#include "engine/data/portable-math.h"

namespace weir {

double Random::normal() noexcept {
  if (hasSpare_) {
    hasSpare_ = false;
    return spare_;
  }
  for (;;) {
    const double x = 2 * uniform() - 1;
    const double y = 2 * uniform() - 1;
    const double square = x * x + y * y;
    if (square >= 1 || square == 0) continue;
    const double factor = std::sqrt(-2 * math::log(square) / square);
    spare_ = y * factor;
    hasSpare_ = true;
    return x * factor;
  }
}

}  // namespace weir
