// A backup and the server of its folder: what they say to each other, and how long nothing is published.
#include "apps/cli/serve/backup-desk.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "hosts/native/run-sockets.h"
#include "hosts/simulation/simulated-clock.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

struct Folder {
  // Longer than the address of a socket may be.
  std::string path =
      fs::temp_directory_path() / ("weir-backup-desk-" + std::to_string(::getpid())) / std::string(120, 'd');
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(fs::path(path).parent_path()); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

struct Server {
  explicit Server(const std::string& folder) {
    SavesRuns runs{.begin = [this] { ++begun; }, .unsaved = [this] { return unsaved; }};
    auto opened = BackupDesk::open(folder, clock, std::move(runs));
    REQUIRE(opened);
    desk = std::move(*opened);
  }
  /// Works until the backup has its answer.
  HeldServer::Said answers(std::future<HeldServer>& asking) {
    while (asking.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) desk->work();
    held = asking.get();
    return held.said();
  }
  void pass(std::int64_t micros) { clock.advanceTo(clock.nowMicros() + micros); }
  simulation::SimulatedClock clock;
  std::vector<std::string> unsaved;
  int begun = 0;
  std::unique_ptr<BackupDesk> desk;
  HeldServer held;
};

std::future<HeldServer> ask(const std::string& folder, std::int64_t waitMs) {
  return std::async(std::launch::async, [folder, waitMs] { return HeldServer::ask(folder, waitMs); });
}

TEST_CASE("R21: a backup waits until all runs have made a checkpoint, and holds the server until it lets go") {
  const Folder folder;
  Server server(folder.path);
  server.unsaved = {"run-1"};
  auto asking = ask(folder.path, 60'000);
  while (server.begun == 0) server.desk->work();
  CHECK(server.desk->holds());
  for (int i = 0; i < 50; ++i) server.desk->work();
  CHECK(asking.wait_for(std::chrono::seconds(0)) != std::future_status::ready);
  server.unsaved.clear();
  CHECK(server.answers(asking) == HeldServer::Said::saved);
  CHECK(server.begun == 1);
  CHECK(server.desk->holds());
  server.held.letGo();
  while (server.desk->holds()) server.desk->work();
}

TEST_CASE("R21: the backup hears which runs made no checkpoint in the time that it gave") {
  const Folder folder;
  Server server(folder.path);
  server.unsaved = {"run-1", "run_2"};
  auto asking = ask(folder.path, 5'000);
  while (server.begun == 0) server.desk->work();
  server.pass(5'000'000);
  CHECK(server.answers(asking) == HeldServer::Said::late);
  CHECK(server.held.late() == std::vector<std::string>{"run-1", "run_2"});
}

TEST_CASE("a backup that never hangs up is sent away after a minute") {
  const Folder folder;
  Server server(folder.path);
  auto asking = ask(folder.path, 0);
  CHECK(server.answers(asking) == HeldServer::Said::saved);
  server.pass(59'000'000);
  server.desk->work();
  CHECK(server.desk->holds());
  server.pass(2'000'000);
  server.desk->work();
  CHECK(!server.desk->holds());
}

TEST_CASE("a folder without a server, and one whose server was killed, are backed up as they are") {
  const Folder folder;
  CHECK(HeldServer::ask(folder.path, 1'000).said() == HeldServer::Said::none);
  CHECK(HeldServer::ask(folder.path + "/none", 1'000).said() == HeldServer::Said::none);
  const auto socket = folder.path + "/" + kBackupSocket;
  {
    const Server server(folder.path);
    CHECK(fs::exists(socket));
    fs::create_hard_link(socket, folder.path + "/kept");
  }
  CHECK(!fs::exists(socket));
  // As after a kill.
  fs::rename(folder.path + "/kept", socket);
  CHECK(HeldServer::ask(folder.path, 1'000).said() == HeldServer::Said::none);
  const Server next(folder.path);
  CHECK(fs::exists(socket));
}

TEST_CASE("who says something else, or too much, is sent away and asks for nothing") {
  const Folder folder;
  Server server(folder.path);
  for (const std::string said : {"save\n", "save x\n", "save -1\n", "save 1 2\n", "SAVE 1\n", "\n"}) {
    CAPTURE(said);
    const native::Descriptor opened(::open(folder.path.c_str(), O_PATH | O_CLOEXEC));
    auto socket = native::connectTo("/proc/self/fd/" + std::to_string(opened.get()), kBackupSocket);
    REQUIRE(socket);
    REQUIRE(::write(socket->get(), said.data(), said.size()) == std::ssize(said));
    char piece = 0;
    ssize_t got = -1;
    while ((got = ::read(socket->get(), &piece, 1)) < 0) server.desk->work();
    CHECK(got == 0);
  }
  CHECK(server.begun == 0);
  CHECK(!server.desk->holds());
}

}  // namespace
}  // namespace weir::cli
