// Servers of a test's own, ended with it: redis-server, mosquitto.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace weir::native::testing {

/// On a free port of this machine; not there() if there is no such program.
class TestServer {
 public:
  TestServer() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t bytes = sizeof address;
    if (::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &bytes);
    }
    port_ = ntohs(address.sin_port);
    ::close(probe);
    std::string name = (std::filesystem::temp_directory_path() / "weir-server-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~TestServer() {
    kill();
    std::filesystem::remove_all(folder_);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  /// Waits until it takes connections.
  void run(std::vector<std::string> command) {
    process_ = ::fork();
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int log = ::open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(log, 1);
      ::dup2(log, 2);
      std::vector<char*> words;
      for (auto& word : command) words.push_back(word.data());
      words.push_back(nullptr);
      ::execvp(words[0], words.data());
      ::_exit(127);
    }
    for (int i = 0; i < 1000 && !there_; ++i) {
      if (::waitpid(process_, nullptr, WNOHANG) == process_) {
        process_ = -1;
        return;
      }
      const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const auto address = loopback(port_);
      there_ = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
      ::close(probe);
      if (!there_) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  void kill(int signal = SIGKILL) {
    there_ = false;
    if (process_ <= 0) return;
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }
  [[nodiscard]] bool there() const { return there_; }
  [[nodiscard]] std::string server() const { return "127.0.0.1:" + port(); }
  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  std::uint16_t port_ = 0;
  std::string folder_;
  pid_t process_ = -1;
  bool there_ = false;
};

class RedisServer : public TestServer {
 public:
  RedisServer() { start(); }
  void start() {
    run({"redis-server", "--port", port(), "--bind", "127.0.0.1", "--dir", folder(), "--save", "", "--appendonly",
         "yes"});
    // While it loads its data it takes connections and answers nothing.
    if (there()) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
};

class Mosquitto : public TestServer {
 public:
  Mosquitto() {
    std::ofstream(folder() + "/conf") << "listener " << port() << " 127.0.0.1\nallow_anonymous true\nuser root\n";
    run({::access("/usr/sbin/mosquitto", X_OK) == 0 ? "/usr/sbin/mosquitto" : "mosquitto", "-c", folder() + "/conf"});
  }
};

}  // namespace weir::native::testing
