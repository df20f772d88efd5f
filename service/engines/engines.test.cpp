// Engine processes come with their first run and go when they have been idle for so long.
#include "service/engines/engines.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "engine/node/version.h"
#include "service/engines/engine-protocol.h"

namespace {

using namespace weir;
using namespace weir::engines;
namespace fs = std::filesystem;

constexpr std::int64_t kForEver = 3'600'000;

/// A program that greets, says that the runs with these numbers are done, and ends when its socket does.
class Program {
 public:
  explicit Program(int runs) {
    std::string name = (fs::temp_directory_path() / "weir-engines-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder_ = name;
    std::string said;
    appendControl(said, "hello", "", 0,
                  R"({"protocol":)" + std::to_string(kProtocol) + R"(,"version":")" + std::string(kEngineVersion) +
                      R"(","process":1})");
    for (int run = 1; run <= runs; ++run) {
      appendControl(said, "run-end", std::to_string(run), 0, R"({"outcome":"done"})");
    }
    std::ofstream(folder_ / "said", std::ios::binary) << said;
    std::ofstream(path()) << "#!/bin/sh\ncat '" << (folder_ / "said").string() << "' >&3\nexec cat <&3 >/dev/null\n";
    REQUIRE(::chmod(path().c_str(), 0700) == 0);
  }
  ~Program() { fs::remove_all(folder_); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  [[nodiscard]] std::string path() const { return (folder_ / "program").string(); }

 private:
  fs::path folder_;
};

struct Ended final : RunListener {
  void rows(std::size_t, std::string, std::int64_t, std::int64_t) override {}
  void log(std::string_view) override {}
  void event(std::string_view) override {}
  void metrics(std::string_view) override {}
  void ended(EngineEnd end) override {
    outcome = std::move(end.outcome);
    over = true;
  }
  std::string outcome;
  std::atomic<bool> over = false;
};

void until(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!holds()) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

EngineOrder orderOf(const std::string& run) {
  EngineOrder order;
  order.run = run;
  order.flow = "{}";
  order.options = "{}";
  return order;
}

EngineView viewOf(const Engines& engines, const std::string& key) {
  for (const auto& view : engines.processes()) {
    if (view.key == key) return view;
  }
  return {};
}

}  // namespace

TEST_CASE(
    "an engine process without a run is ended when it has been idle for so long, and the next run has a new one") {
  const Program program(2);
  EnginesOptions options;
  options.program = program.path();
  options.idleMs = 30;
  options.silentMs = kForEver;
  Engines engines(options);
  for (int turn = 1; turn <= 2; ++turn) {
    auto ended = std::make_shared<Ended>();
    engines.start("folder/team", orderOf("run-" + std::to_string(turn)), ended);
    until([&] { return ended->over.load(); });
    CHECK(ended->outcome == "done");
    until([&] {
      const auto view = viewOf(engines, "folder/team");
      return view.starts == turn && view.process == 0;
    });
    // It was told to end, and has not crashed.
    CHECK(viewOf(engines, "folder/team").crashes == 0);
  }
}

TEST_CASE("an engine process with a run is not idle, and one whose time is not over stays for the next run") {
  const Program program(1);
  EnginesOptions options;
  options.program = program.path();
  options.idleMs = 30;
  options.silentMs = kForEver;
  Engines engines(options);
  auto first = std::make_shared<Ended>(), second = std::make_shared<Ended>();
  engines.start("folder/team", orderOf("ends"), first);
  engines.start("folder/team", orderOf("goes-on"), second);
  until([&] { return first->over.load(); });
  // Rounds of the thread that looks at the time, many times as long as it may be idle.
  std::this_thread::sleep_for(std::chrono::milliseconds(1'000));
  const auto busy = viewOf(engines, "folder/team");
  CHECK(busy.process != 0);
  CHECK(busy.runs == 1);
  CHECK(busy.starts == 1);
  CHECK_FALSE(second->over.load());

  options.idleMs = kForEver;
  Engines patient(options);
  auto third = std::make_shared<Ended>(), fourth = std::make_shared<Ended>();
  patient.start("folder/team", orderOf("one"), third);
  until([&] { return third->over.load(); });
  patient.start("folder/team", orderOf("two"), fourth);
  until([&] { return viewOf(patient, "folder/team").runs == 1; });
  CHECK(viewOf(patient, "folder/team").starts == 1);
}
