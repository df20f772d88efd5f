// What the files of /proc say, and what is made of files that say nothing.
#include "hosts/native/native-load.h"

#include <doctest/doctest.h>

namespace weir::native {
namespace {

TEST_CASE("pressure, memory and load are shares of one") {
  CHECK(
      pressureShare("some avg10=12.50 avg60=43.85 avg300=29.51 total=1\nfull avg10=0.00 avg60=0 avg300=0 total=0\n") ==
      doctest::Approx(0.125));
  CHECK(pressureShare("") == -1);
  CHECK(pressureShare("some avg10=x") == -1);
  CHECK(memoryShare("MemTotal:  1000 kB\nMemFree: 10 kB\nMemAvailable:  250 kB\n") == doctest::Approx(0.75));
  CHECK(memoryShare("MemTotal: 0 kB\nMemAvailable: 1 kB\n") == 0);
  CHECK(memoryShare("nothing") == 0);
  CHECK(loadShare("2.00 1.0 0.5 1/2 3", 4) == doctest::Approx(0.25));
  CHECK(loadShare("8.00 1.0 0.5 1/2 3", 4) == doctest::Approx(0.75));
  CHECK(loadShare("", 4) == 0);
}

TEST_CASE("a machine that says nothing of its load has none, and this one's is within bounds") {
  NativeLoad nowhere("/nowhere");
  CHECK(nowhere.sample().cpu == 0);
  CHECK(nowhere.sample().memory == 0);
  NativeLoad here;
  const auto load = here.sample();
  CHECK(load.cpu >= 0);
  CHECK(load.cpu <= 1);
  CHECK(load.memory >= 0);
  CHECK(load.memory <= 1);
}

}  // namespace
}  // namespace weir::native
