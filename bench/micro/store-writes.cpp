// Measures how many flow updates a second the store acknowledges, each after its sync: with encryption and without,
// from one client and from fifty. store-writes [FOLDER [SECONDS]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "hosts/native/native-clock.h"
#include "service/store/sql/database.h"
#include "service/store/sql/sql-store.h"

namespace {

using namespace weir;

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// 1.4 KB, as a flow of a few nodes is.
std::string document(std::uint64_t seed) {
  std::string text = "{\"nodes\":[";
  while (text.size() < 1'400) text += "{\"id\":\"n" + std::to_string(seed = seed * 6364136223846793005U + 1) + "\"},";
  return text + "{}]}";
}

struct Client {
  std::string flow;
  std::int64_t revision = 0;
  std::optional<Operation<store::FlowHead>> waits{};
};

[[noreturn]] void stop(const Error& error) {
  std::fprintf(stderr, "store-writes: %s\n", error.message.c_str());
  std::exit(1);
}

store::FlowChange changeOf(std::uint64_t seed) {
  store::FlowChange change;
  change.document = document(seed);
  return change;
}

/// Updates a second of so many clients, each waiting for its own.
double measure(const std::string& path, const sodium::Key* key, int count, double lasting) {
  native::NativeClock clock;
  store::sql::SqliteOptions options;
  if (key != nullptr) options.key = *key;
  auto database = store::sql::openSqlite(path, options);
  if (!database) stop(database.error());
  store::sql::SqlStore store(**database, clock);
  std::vector<Client> clients(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].flow = "flow-" + std::to_string(count) + "-" + std::to_string(i);
    const auto made = store::sql::waitFor(store.create(clients[i].flow, changeOf(i), {}));
    if (!made) stop(made.error());
    clients[i].revision = made->revision;
  }
  std::int64_t done = 0;
  std::uint64_t seed = 7;
  const auto begin = seconds();
  while (seconds() - begin < lasting) {
    for (auto& client : clients) {
      if (client.waits && !client.waits->ready()) continue;
      if (client.waits) {
        const auto head = client.waits->take();
        if (!head) stop(head.error());
        client.revision = head->revision;
        ++done;
      }
      client.waits = store.replace(client.flow, client.revision, changeOf(++seed), {});
    }
    std::this_thread::yield();
  }
  const auto rate = static_cast<double>(done) / (seconds() - begin);
  for (auto& client : clients) static_cast<void>(store::sql::waitFor(std::move(*client.waits)));
  return rate;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : std::filesystem::temp_directory_path().string();
  const double lasting = argc > 2 ? std::atof(argv[2]) : 3.0;
  const auto path = folder + "/store-writes.db";
  const auto key = sodium::Key::random();
  for (const auto* with : {static_cast<const sodium::Key*>(nullptr), &key}) {
    for (const int clients : {1, 50}) {
      for (const auto* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path + ending);
      const auto rate = measure(path, with, clients, lasting);
      std::printf("%-10s %2d clients %9.0f updates/s\n", with == nullptr ? "plain" : "encrypted", clients, rate);
      std::fflush(stdout);
    }
  }
  for (const auto* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path + ending);
  return 0;
}
