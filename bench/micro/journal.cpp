// Rows of 200 bytes through the journal of this machine, acknowledged after fdatasync: many at once, one by one while
// the disk is busy, and alone; beside it what the raw disk gives. bench_journal [FOLDER]
#include "engine/journal/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "engine/data/batch-builder.h"
#include "hosts/native/native-journal-disk.h"

namespace weir {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::int64_t kRowBytes = 200;

double microsSince(Steady::time_point start) {
  return std::chrono::duration<double, std::micro>(Steady::now() - start).count();
}

[[noreturn]] void fatal(const std::string& why) {
  std::fprintf(stderr, "bench_journal: %s\n", why.c_str());
  std::exit(1);
}

Batch rowsOf(std::int64_t count) {
  std::vector<Value> rows;
  for (std::int64_t i = 0; i < count; ++i)
    rows.push_back(
        Value::map({{Value::string("text"), Value::string(std::string(kRowBytes, static_cast<char>('a' + i % 26)))}}));
  Envelope envelope;
  envelope.origin = 1;
  envelope.timestampMicros = 1'750'000'000'000'000;
  return batchOfRows(rows, MemoryAccount::unlimited())->withEnvelope(envelope);
}

void report(const char* name, std::vector<double>& micros, double rows, double seconds) {
  std::ranges::sort(micros);
  const auto at = [&](double part) {
    return micros[static_cast<std::size_t>(part * static_cast<double>(micros.size() - 1))];
  };
  std::printf("%-38s %10.0f rows/s   p50 %7.0f us   p99 %7.0f us   max %7.0f us\n", name, rows / seconds, at(0.5),
              at(0.99), at(1));
}

void raw(const std::string& folder, std::int64_t rows, int times) {
  const auto path = folder + "/raw.bench";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const auto bytes = rows * kRowBytes;
  if (file < 0 || ::posix_fallocate(file, 0, bytes * times) != 0 || ::fsync(file) != 0) fatal("cannot write " + path);
  const std::string text(static_cast<std::size_t>(bytes), 'x');
  std::vector<double> micros;
  const auto start = Steady::now();
  for (int i = 0; i < times; ++i) {
    const auto began = Steady::now();
    if (::pwrite(file, text.data(), text.size(), bytes * i) != bytes || ::fdatasync(file) != 0)
      fatal("cannot write " + path);
    micros.push_back(microsSince(began));
  }
  const auto name = "raw disk, " + std::to_string(rows) + " rows a sync";
  report(name.c_str(), micros, static_cast<double>(rows * times), microsSince(start) / 1e6);
  ::close(file);
  ::unlink(path.c_str());
}

struct Bench {
  std::unique_ptr<native::NativeJournalDisk> disk;
  std::unique_ptr<Journal> journal;
  std::uint32_t edge = 0;
  std::atomic<std::uint64_t> changes{0};

  explicit Bench(const std::string& folder) {
    auto opened = native::NativeJournalDisk::open(folder);
    if (!opened) fatal(opened.error().message);
    disk = std::move(*opened);
    JournalContents contents;
    auto made = Journal::open(*disk, {.run = "bench", .diskBytes = std::int64_t{1} << 30}, contents);
    if (!made) fatal(made.error().message);
    journal = std::move(*made);
    edge = journal->edge("edge");
    journal->listen([this] {
      changes.fetch_add(1);
      changes.notify_all();
    });
    journal->release(edge, journal->next(edge));
  }
  void waitFor(Journal::Ticket ticket) {
    for (;;) {
      const auto seen = changes.load();
      if (journal->durable() >= ticket) return;
      if (auto failure = journal->failure()) fatal(failure->message);
      changes.wait(seen);
    }
  }
};

/// Batches as they come, as many as there is room for: each waits for its acknowledgement by itself.
void load(Bench& bench, std::int64_t rows, std::int64_t total, std::uint64_t inFlight) {
  const auto batch = rowsOf(rows);
  struct Sent {
    Journal::Ticket ticket;
    Steady::time_point at;
  };
  std::vector<Sent> sent;
  sent.reserve(static_cast<std::size_t>(total / rows + 1));
  std::vector<double> micros;
  micros.reserve(sent.capacity());
  std::size_t answered = 0;
  const auto groups = bench.journal->counters().groups;
  const auto written = bench.journal->counters().writtenBytes;
  const auto start = Steady::now();
  for (std::int64_t given = 0; given < total;) {
    const auto seen = bench.changes.load();
    while (given < total && sent.size() - answered < inFlight && bench.journal->room() > 0) {
      sent.push_back({0, Steady::now()});
      sent.back().ticket = bench.journal->append(bench.edge, batch);
      given += rows;
    }
    const auto durable = bench.journal->durable();
    for (; answered < sent.size() && sent[answered].ticket <= durable; ++answered)
      micros.push_back(microsSince(sent[answered].at));
    bench.journal->release(bench.edge, bench.journal->next(bench.edge));
    if (sent.size() - answered >= inFlight) bench.changes.wait(seen);
  }
  bench.waitFor(bench.journal->last());
  for (; answered < sent.size(); ++answered) micros.push_back(microsSince(sent[answered].at));
  const auto seconds = microsSince(start) / 1e6;
  const auto counters = bench.journal->counters();
  const auto name = "journal, batches of " + std::to_string(rows) + ", " + std::to_string(inFlight) + " under way";
  report(name.c_str(), micros, static_cast<double>(total), seconds);
  std::printf("    %.0f rows a group, %.0f bytes a row\n",
              static_cast<double>(total) / static_cast<double>(counters.groups - groups),
              static_cast<double>(counters.writtenBytes - written) / static_cast<double>(total));
}

void alone(Bench& bench, int times, int pauseMicros) {
  const auto batch = rowsOf(1);
  std::vector<double> micros;
  for (int i = 0; i < times; ++i) {
    const auto began = Steady::now();
    bench.waitFor(bench.journal->append(bench.edge, batch));
    micros.push_back(microsSince(began));
    std::this_thread::sleep_for(std::chrono::microseconds(pauseMicros));
  }
  double sum = 0;
  for (const double one : micros) sum += one;
  const auto name = "journal, a row alone, " + std::to_string(pauseMicros) + " us apart";
  report(name.c_str(), micros, times, sum / 1e6);
}

}  // namespace
}  // namespace weir

int main(int count, char** arguments) {
  const std::string folder = count > 1 ? arguments[1] : "build/bench-journal";
  {
    weir::Bench bench(folder);
    weir::raw(folder, 1, 2000);
    weir::raw(folder, 100, 2000);
    weir::raw(folder, 10'000, 50);
    weir::alone(bench, 3000, 0);
    weir::alone(bench, 1000, 1000);
    weir::load(bench, 1, 1'000'000, 50);
    weir::load(bench, 1, 1'000'000, 2'000);
    weir::load(bench, 100, 4'000'000, 64);
    weir::load(bench, 1'000, 8'000'000, 64);
    weir::load(bench, 10'000, 8'000'000, 8);
  }
  return std::system(("rm -rf '" + folder + "'").c_str());
}
