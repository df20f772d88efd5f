// The dispatch answers the same each time.
#include "engine/simd/simd.h"

#include <doctest/doctest.h>

TEST_CASE("the instruction set is decided once") { CHECK(weir::simd::hasAvx2() == weir::simd::hasAvx2()); }
