// Runs node cases natively: weir_cases [--seed N] NODE FILE [NODE FILE ...] prints what the wasm module reports.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/wasm/cases/cases.h"

namespace {

bool readWhole(const char* path, std::string& text) {
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return false;
  char part[65536];
  for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, file)) > 0;) text.append(part, got);
  const bool whole = std::ferror(file) == 0;
  std::fclose(file);
  return whole;
}

}  // namespace

int main(int count, char** arguments) {
  weir::cases::CaseSettings settings;
  int next = 1;
  if (count > 2 && std::strcmp(arguments[1], "--seed") == 0) {
    settings.seed = std::strtoull(arguments[2], nullptr, 10);
    next = 3;
  }
  for (; next + 1 < count; next += 2) {
    std::string text;
    if (!readWhole(arguments[next + 1], text)) {
      std::fprintf(stderr, "weir_cases: cannot read %s\n", arguments[next + 1]);
      return 1;
    }
    const std::string report = weir::cases::runNodeCases(arguments[next], text, settings);
    std::fwrite(report.data(), 1, report.size(), stdout);
  }
  return 0;
}
