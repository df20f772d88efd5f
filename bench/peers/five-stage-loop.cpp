// Five stages fused by hand into one loop: the limit of the machine.
#include <chrono>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  const long rows = argc > 1 ? std::atol(argv[1]) : 100'000'000;
  const auto start = std::chrono::steady_clock::now();
  long count = 0;
  double sum = 0;
  for (long id = 0; id < rows; ++id) {
    double value = static_cast<double>(id & 1023);
    value = value * 2 + 1;
    if (id % 10 == 0) continue;
    sum += value - 1;
    ++count;
  }
  std::printf("seconds %f\ncount %ld %f\n",
              std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), count, sum);
}
