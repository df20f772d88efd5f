// Makes the benchmarks' input, the same bytes for the same seed: make-data --out DIR [--scale F] [--seed N] [--only
// csv,logs,ndjson]
#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUsage =
    "make-data --out DIR [--scale F] [--seed N] [--only csv,logs,ndjson]\n"
    "  csv     10,000 files of about 106 KB: id,timestamp,region,product,quantity,price,note\n"
    "  logs    200 files of 10 MB in a tree; 1 line in 200 is ERROR or FATAL, half of them with a stack trace\n"
    "  ndjson  one file of 4,300,000 records of about 240 bytes\n"
    "--scale 0.01 makes a hundredth of the files, or of the records. What is there already is kept.\n";

constexpr std::int64_t kCsvFiles = 10'000;
constexpr std::size_t kCsvFileBytes = 106'000;
constexpr std::int64_t kLogFiles = 200;
constexpr std::size_t kLogFileBytes = 10'000'000;
constexpr std::int64_t kRecords = 4'300'000;
constexpr std::int64_t kRecordsPerBlock = 20'000;
constexpr std::int64_t kFirstSecond = 1'767'225'600;  // 2026-01-01T00:00:00Z
constexpr std::int64_t kYearSeconds = 31'536'000;

constexpr std::string_view kRegions[] = {"north", "south", "east", "west", "centre", "coast", "island", "mountain"};
constexpr std::string_view kWords[] = {"order", "stock", "late",   "early", "paid",    "open",   "gift",    "return",
                                       "bulk",  "price", "agreed", "spare", "pending", "urgent", "checked", "small"};
constexpr std::string_view kQuoted[] = {R"("fragile, keep ""upright"" please")", R"("said ""call first"", then left")",
                                        R"("red, blue, and ""other"" colours")", R"("see ""terms"", page 4")"};
constexpr std::string_view kServices[] = {"orders", "payments", "search", "catalogue",
                                          "mail",   "gateway",  "stock",  "login"};
constexpr std::string_view kEvents[] = {"view", "search", "basket", "purchase", "refund", "login", "logout", "rate"};
constexpr std::string_view kHealthy[] = {
    "request served",       "cache refreshed", "connection reused", "retry finished without error",
    "message acknowledged", "batch written",   "user authorised",   "lease renewed"};
constexpr std::string_view kBroken[] = {"connection refused by upstream", "transaction rolled back: deadlock",
                                        "unexpected end of stream", "invariant violated: stock below zero"};

/// splitmix64: small, and the same everywhere.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t kind, std::int64_t index)
      : state_(seed * 0x9e3779b97f4a7c15U ^ (kind << 56U) ^ static_cast<std::uint64_t>(index) * 0xd1342543de82ef95U) {
    next();
  }
  std::uint64_t next() {
    std::uint64_t x = (state_ += 0x9e3779b97f4a7c15U);
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
  }
  std::int64_t below(std::int64_t limit) { return static_cast<std::int64_t>(next() >> 33U) % limit; }
  bool oneIn(std::int64_t count) { return below(count) == 0; }
  template <std::size_t N>
  std::string_view any(const std::string_view (&list)[N]) {
    return list[static_cast<std::size_t>(below(static_cast<std::int64_t>(N)))];
  }

 private:
  std::uint64_t state_;
};

void addNumber(std::string& text, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  text.append(digits, end);
}

void addPadded(std::string& text, std::int64_t number, int width) {
  char digits[24];
  for (int at = width - 1; at >= 0; --at, number /= 10) digits[at] = static_cast<char>('0' + number % 10);
  text.append(digits, static_cast<std::size_t>(width));
}

void addCents(std::string& text, std::int64_t cents) {
  addNumber(text, cents / 100);
  text += '.';
  addPadded(text, cents % 100, 2);
}

/// Adds `2026-03-04T05:06:07` for a second of the year 2026.
void addTime(std::string& text, std::int64_t second) {
  constexpr std::int64_t kMonthDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::int64_t day = (second - kFirstSecond) / 86'400;
  std::int64_t month = 0;
  while (month < 11 && day >= kMonthDays[month]) day -= kMonthDays[month++];
  const std::int64_t rest = (second - kFirstSecond) % 86'400;
  text += "2026-";
  addPadded(text, month + 1, 2);
  text += '-';
  addPadded(text, day + 1, 2);
  text += 'T';
  addPadded(text, rest / 3600, 2);
  text += ':';
  addPadded(text, rest / 60 % 60, 2);
  text += ':';
  addPadded(text, rest % 60, 2);
}

void addWords(std::string& text, Random& random, std::int64_t count) {
  for (std::int64_t at = 0; at < count; ++at) {
    if (at > 0) text += ' ';
    text += random.any(kWords);
  }
}

std::string csvFile(std::uint64_t seed, std::int64_t index) {
  Random random(seed, 1, index);
  std::string text = "id,timestamp,region,product,quantity,price,note\n";
  text.reserve(kCsvFileBytes + 256);
  for (std::int64_t row = 0; text.size() < kCsvFileBytes; ++row) {
    addNumber(text, index * 10'000 + row);
    text += ',';
    addTime(text, kFirstSecond + random.below(kYearSeconds));
    text += "Z,";
    text += random.any(kRegions);
    text += ",product-";
    addPadded(text, random.below(1000), 4);
    text += ',';
    addNumber(text, 1 + random.below(100));
    text += ',';
    addCents(text, 99 + random.below(99'900));
    text += ',';
    if (random.oneIn(20)) {
      text += random.any(kQuoted);
    } else {
      addWords(text, random, random.below(4));
    }
    text += '\n';
  }
  return text;
}

void addStackTrace(std::string& text, Random& random) {
  const std::int64_t frames = 3 + random.below(10);
  for (std::int64_t frame = 0; frame < frames; ++frame) {
    text += "    at com.example.";
    text += random.any(kServices);
    text += ".Handler.";
    text += random.any(kEvents);
    text += "(Handler.java:";
    addNumber(text, 10 + random.below(900));
    text += ")\n";
  }
  if (random.oneIn(3)) text += "Caused by: java.io.IOException: broken pipe\n    ... 12 more\n";
}

std::string logFile(std::uint64_t seed, std::int64_t index) {
  Random random(seed, 2, index);
  std::string text;
  text.reserve(kLogFileBytes + 4096);
  std::int64_t second = kFirstSecond + index % 30 * 86'400;
  while (text.size() < kLogFileBytes) {
    if (random.oneIn(3)) ++second;
    addTime(text, second);
    text += '.';
    addPadded(text, random.below(1000), 3);
    const bool broken = random.oneIn(200);
    const std::int64_t level = random.below(10);
    text += broken      ? (random.oneIn(10) ? "Z FATAL [" : "Z ERROR [")
            : level < 7 ? "Z INFO ["
            : level < 9 ? "Z DEBUG ["
                        : "Z WARN [";
    text += random.any(kServices);
    text += '-';
    addNumber(text, random.below(16));
    text += "] ";
    text += broken ? random.any(kBroken) : random.any(kHealthy);
    text += " request=";
    addNumber(text, random.below(1'000'000'000));
    text += " user=u";
    addNumber(text, random.below(200'000));
    text += " ms=";
    addNumber(text, random.below(900));
    text += " note=";
    addWords(text, random, 1 + random.below(4));
    text += '\n';
    if (broken && random.oneIn(2)) addStackTrace(text, random);
  }
  return text;
}

void addRecord(std::string& text, Random& random, std::int64_t id) {
  text += R"({"id":)";
  addNumber(text, id);
  text += R"(,"timestamp":")";
  addTime(text, kFirstSecond + random.below(kYearSeconds));
  text += R"(Z","user":{"name":"u)";
  addNumber(text, random.below(200'000));
  text += R"(","trial":)";
  text += random.oneIn(5) ? "true" : "false";
  text += R"(},"event":")";
  text += random.any(kEvents);
  text += R"(","region":")";
  text += random.any(kRegions);
  text += R"(","amount":)";
  addCents(text, random.below(100'000));
  text += R"(,"quantity":)";
  addNumber(text, 1 + random.below(20));
  text += R"(,"tags":[")";
  text += random.any(kWords);
  text += R"(",")";
  text += random.any(kWords);
  text += R"("],"coupon":)";
  text += random.oneIn(4) ? R"("SPRING")" : "null";
  text += R"(,"note":")";
  if (random.oneIn(20)) text += R"(said \"yes\", then \u00e9t\u00e9 )";
  addWords(text, random, 6);
  text += "\"}\n";
}

std::string recordBlock(std::uint64_t seed, std::int64_t block, std::int64_t records) {
  Random random(seed, 3, block);
  std::string text;
  text.reserve(static_cast<std::size_t>(records) * 280);
  for (std::int64_t at = 0; at < records; ++at) addRecord(text, random, block * kRecordsPerBlock + at);
  return text;
}

[[noreturn]] void giveUp(const std::string& what) {
  std::fprintf(stderr, "make-data: %s\n", what.c_str());
  std::exit(1);
}

void writeWhole(std::FILE* file, const std::string& text, const fs::path& path) {
  if (std::fwrite(text.data(), 1, text.size(), file) != text.size())
    giveUp("cannot write " + path.string() + "; is the disk full?");
}

void writeFile(const fs::path& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) giveUp("cannot create " + path.string());
  writeWhole(file, text, path);
  if (std::fclose(file) != 0) giveUp("cannot finish " + path.string());
}

/// Calls `work(i)` for 0 <= i < count on all processors.
void inParallel(std::int64_t count, const std::function<void(std::int64_t)>& work) {
  std::atomic<std::int64_t> next{0};
  const auto loop = [&] {
    for (std::int64_t at = next++; at < count; at = next++) work(at);
  };
  std::vector<std::thread> threads;
  for (unsigned at = 1; at < std::thread::hardware_concurrency(); ++at) threads.emplace_back(loop);
  loop();
  for (auto& thread : threads) thread.join();
}

struct Request {
  fs::path out;
  double scale = 1;
  std::uint64_t seed = 1;
  std::string only = "csv,logs,ndjson";

  [[nodiscard]] std::int64_t scaled(std::int64_t count) const {
    const auto result = static_cast<std::int64_t>(static_cast<double>(count) * scale);
    return result < 1 ? 1 : result;
  }
};

std::string padded(std::int64_t number, int width) {
  std::string text;
  addPadded(text, number, width);
  return text;
}

void makeCsv(const Request& request, const fs::path& folder) {
  inParallel(request.scaled(kCsvFiles), [&](std::int64_t at) {
    writeFile(folder / ("sales-" + padded(at, 5) + ".csv"), csvFile(request.seed, at));
  });
}

void makeLogs(const Request& request, const fs::path& folder) {
  const std::int64_t files = request.scaled(kLogFiles);
  const auto place = [&](std::int64_t at) { return folder / kRegions[at % 8] / ("host-" + padded(at / 8 % 5, 2)); };
  for (std::int64_t at = 0; at < files; ++at) fs::create_directories(place(at));
  inParallel(files, [&](std::int64_t at) {
    writeFile(place(at) / ("server-" + padded(at, 3) + ".log"), logFile(request.seed, at));
  });
}

void makeNdjson(const Request& request, const fs::path& folder) {
  const fs::path path = folder / "events.ndjson";
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) giveUp("cannot create " + path.string());
  const std::int64_t records = request.scaled(kRecords);
  const std::int64_t blocks = (records + kRecordsPerBlock - 1) / kRecordsPerBlock;
  constexpr std::int64_t kWave = 16;  // blocks made at once, then written in order
  for (std::int64_t first = 0; first < blocks; first += kWave) {
    std::vector<std::string> wave(static_cast<std::size_t>(std::min(kWave, blocks - first)));
    inParallel(static_cast<std::int64_t>(wave.size()), [&](std::int64_t at) {
      const std::int64_t left = records - (first + at) * kRecordsPerBlock;
      wave[static_cast<std::size_t>(at)] = recordBlock(request.seed, first + at, std::min(left, kRecordsPerBlock));
    });
    for (const auto& text : wave) writeWhole(file, text, path);
  }
  if (std::fclose(file) != 0) giveUp("cannot finish " + path.string());
}

/// Makes one kind unless its mark says that these very bytes are there.
void makeKind(const Request& request, const std::string& kind, void (*make)(const Request&, const fs::path&)) {
  if (request.only.find(kind) == std::string::npos) return;
  const fs::path folder = request.out / kind;
  const fs::path mark =
      request.out / ("." + kind + "-2-" + std::to_string(request.seed) + "-" + std::to_string(request.scale));
  if (fs::exists(mark)) {
    std::printf("make-data: %s is there\n", folder.c_str());
    return;
  }
  fs::remove_all(folder);
  fs::create_directories(folder);
  make(request, folder);
  std::uintmax_t bytes = 0;
  std::int64_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    bytes += entry.file_size();
    ++files;
  }
  writeFile(mark, "");
  std::printf("make-data: %s: %lld files, %.2f GB\n", folder.c_str(), static_cast<long long>(files),
              static_cast<double>(bytes) / 1e9);
}

}  // namespace

int main(int count, char** arguments) {
  Request request;
  for (int at = 1; at < count; at += 2) {
    const std::string_view name = arguments[at];
    if (at + 1 >= count) {
      std::fputs(kUsage.data(), stderr);
      return 2;
    }
    const char* value = arguments[at + 1];
    if (name == "--out") {
      request.out = value;
    } else if (name == "--scale") {
      request.scale = std::strtod(value, nullptr);
    } else if (name == "--seed") {
      request.seed = std::strtoull(value, nullptr, 10);
    } else if (name == "--only") {
      request.only = value;
    } else {
      std::fputs(kUsage.data(), stderr);
      return 2;
    }
  }
  if (request.out.empty() || !(request.scale > 0) || request.scale > 100) {
    std::fputs(kUsage.data(), stderr);
    return 2;
  }
  makeKind(request, "csv", makeCsv);
  makeKind(request, "logs", makeLogs);
  makeKind(request, "ndjson", makeNdjson);
  return 0;
}
