// How fast CSV is read: scan, and scan with decoding of three of seven columns, in GB/s on one thread.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "engine/csv/decode.h"
#include "engine/csv/structure.h"

namespace {

using namespace weir;
using namespace weir::csv;

std::uint64_t next(std::uint64_t& state) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return state >> 33;
}

std::string sampleFile(std::size_t bytes, std::uint64_t seed) {
  static const char* kRegions[] = {"north", "south", "east", "west", "central", "coast", "island", "harbour"};
  std::uint64_t random = seed;
  std::string text;
  for (std::uint64_t id = 1'000'000; text.size() < bytes; ++id) {
    char line[160];
    const bool quoted = next(random) % 20 == 0;
    std::snprintf(line, sizeof line, "%llu,2024-%02d-%02dT%02d:%02d:%02dZ,%s,product-%03d,%d,%d.%02d,%s\n",
                  static_cast<unsigned long long>(id), static_cast<int>(next(random) % 12) + 1,
                  static_cast<int>(next(random) % 28) + 1, static_cast<int>(next(random) % 24),
                  static_cast<int>(next(random) % 60), static_cast<int>(next(random) % 60), kRegions[next(random) % 8],
                  static_cast<int>(next(random) % 1000), static_cast<int>(next(random) % 100) + 1,
                  static_cast<int>(next(random) % 1000), static_cast<int>(next(random) % 100),
                  quoted ? "\"late, \"\"fragile\"\", call\"" : "no remarks");
    text += line;
  }
  return text;
}

template <class Work>
void measure(const char* what, std::int64_t bytes, Work work) {
  double best = 1e9;
  for (int round = 0; round < 7; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    if (taken.count() < best) best = taken.count();
  }
  std::printf("%-28s %6.2f GB/s\n", what, static_cast<double>(bytes) / best / 1e9);
}

}  // namespace

int main() {
  constexpr std::size_t kFileBytes = 100'000;
  constexpr int kFiles = 500;
  std::vector<std::string> files;
  std::int64_t bytes = 0;
  const std::string padding(static_cast<std::size_t>(kPaddingBytes), ' ');
  for (int i = 0; i < kFiles; ++i) {
    files.push_back(sampleFile(kFileBytes, static_cast<std::uint64_t>(i)) + padding);
    bytes += static_cast<std::int64_t>(files.back().size()) - kPaddingBytes;
  }
  const auto text = [&](const std::string& file) {
    return std::string_view(file).substr(0, file.size() - padding.size());
  };
  const auto reader = FieldReader::make({}, {});
  Structure structure{Dialect{}};
  std::vector<std::int64_t> integers(4096);
  std::vector<double> numbers(4096);
  std::vector<std::int32_t> codes(4096);
  std::vector<std::uint8_t> validity(4096, 0xFF);
  TextDictionary dictionary;
  const auto scanAll = [&](auto&& then) {
    return [&, then] {
      for (const std::string& file : files) {
        structure.scan(text(file), 7);
        Marks marks(validity.data());
        then(marks);
      }
    };
  };
  measure("scan", bytes, scanAll([](Marks&) {}));
  measure("scan + quantity", bytes,
          scanAll([&](Marks& m) { decodeIntegers(structure.fields(4), *reader, true, integers.data(), m); }));
  measure("scan + price", bytes,
          scanAll([&](Marks& m) { decodeNumbers(structure.fields(5), *reader, true, numbers.data(), m); }));
  measure("scan + region", bytes, scanAll([&](Marks& m) {
            static_cast<void>(decodeDictionary(structure.fields(2), *reader, dictionary, codes.data(), m));
          }));
  measure("scan + three columns", bytes, scanAll([&](Marks& m) {
            decodeIntegers(structure.fields(4), *reader, true, integers.data(), m);
            decodeNumbers(structure.fields(5), *reader, true, numbers.data(), m);
            static_cast<void>(decodeDictionary(structure.fields(2), *reader, dictionary, codes.data(), m));
          }));
  std::printf("%lld rows a file, %lld bad\n", static_cast<long long>(structure.rows()),
              static_cast<long long>(structure.bad().size()));
}
