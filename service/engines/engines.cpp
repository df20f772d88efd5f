// The thread in which the front talks to its engine processes.
#include "service/engines/engines.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/json/writer.h"
#include "service/engines/engine-link.h"
#include "service/engines/memory-groups.h"

namespace weir::engines {
namespace {

constexpr int kTickMs = 250;
constexpr int kGraceMs = 2'000;
/// More is no bound.
constexpr std::int64_t kMostMemory = std::int64_t{1} << 50;

std::int64_t nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// What runs are told whose process has ended.
EngineEnd crashed(std::string code, std::string message) {
  EngineEnd end;
  end.outcome = "failed";
  end.code = std::move(code);
  end.message = std::move(message);
  end.recoverable = true;
  end.crashed = true;
  json::Writer out(end.json);
  out.beginObject().key("outcome").value(end.outcome).key("exitCode").value(1).key("error").beginObject();
  out.key("code").value(end.code).key("message").value(end.message).key("recoverable").value(true);
  out.endObject().endObject();
  return end;
}

}  // namespace

class Engines::Loop {
 public:
  explicit Loop(EnginesOptions options)
      : options_(std::move(options)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this] { run(); }) {}

  ~Loop() {
    give([this] { ending_ = true; });
    thread_.join();
    ::close(wake_);
  }

  RunNumber start(std::string key, EngineOrder order, std::shared_ptr<RunListener> listener) {
    std::unique_lock locked(mutex_);
    const auto number = ++lastRun_;
    ids_[order.run] = number;
    locked.unlock();
    give([this, number, key = std::move(key), order = std::move(order), listener = std::move(listener)]() mutable {
      startNow(number, key, order, std::move(listener));
    });
    return number;
  }

  void ask(RunNumber run, std::string_view type, std::string json = {}) {
    give([this, run, type, json = std::move(json)] {
      if (auto* link = linkOf(run)) link->ask(run, type, json);
    });
  }
  void kill(RunNumber run) {
    // Its end is seen at its socket.
    give([this, run] {
      if (auto* link = linkOf(run)) link->process().signal(SIGKILL);
    });
  }
  void lease(std::int64_t untilMs) {
    give([this, untilMs] {
      leaseUntilMs_ = untilMs;
      for (auto& [key, seat] : seats_) {
        if (seat.link) seat.link->lease(untilMs);
      }
    });
  }
  void credit(RunNumber run, std::size_t outlet, std::int64_t bytes) {
    give([this, run, outlet, bytes] {
      if (auto* link = linkOf(run)) link->credit(run, outlet, bytes);
    });
  }

  bool send(const std::string& run, const live::Control& control) {
    std::unique_lock locked(mutex_);
    const auto found = ids_.find(run);
    if (found == ids_.end()) return false;
    const auto number = found->second;
    locked.unlock();
    give([this, number, control] {
      if (auto* link = linkOf(number)) link->send(control);
    });
    return true;
  }
  void hooks(const std::string& run, std::string json) {
    std::unique_lock locked(mutex_);
    const auto found = ids_.find(run);
    if (found == ids_.end()) return;
    const auto number = found->second;
    locked.unlock();
    give([this, number, json = std::move(json)] {
      if (auto* link = linkOf(number)) link->ask(number, "hooks", json);
    });
  }
  void onLive(EngineLink::Sink sink) { live_ = std::move(sink); }
  void keepFrom(std::vector<std::string> own) {
    give([this, own = std::move(own)]() mutable { options_.own = std::move(own); });
  }
  void onSecret(EngineLink::Asking sink) { asking_ = std::move(sink); }
  void answerSecret(RunNumber run, std::string json) {
    give([this, run, json = std::move(json)] {
      if (auto* link = linkOf(run)) link->answer(run, json);
    });
  }

  std::vector<EngineView> views() const {
    const std::lock_guard locked(mutex_);
    return views_;
  }

 private:
  struct Seat {
    std::unique_ptr<MemoryGroup> group;        // of the process, which ends before it; null: it has none
    std::unique_ptr<EngineLink> link;          // null: no process at the moment
    std::map<RunNumber, std::int64_t> memory;  // that runs in it may have; 0: as much as they like
    std::int64_t starts = 0, crashes = 0;
  };

  void give(std::function<void()> job) {
    {
      const std::lock_guard locked(mutex_);
      jobs_.push_back(std::move(job));
      if (jobs_.size() > 1) return;
    }
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_, &one, sizeof one));
  }

  /// Tells Engines too when the run has ended.
  class Noted final : public RunListener {
   public:
    Noted(Loop& loop, std::string run, RunNumber number, std::shared_ptr<RunListener> next)
        : loop_(loop), run_(std::move(run)), number_(number), next_(std::move(next)) {}
    void rows(std::size_t outlet, std::string lines, std::int64_t rows, std::int64_t bytes) override {
      next_->rows(outlet, std::move(lines), rows, bytes);
    }
    void schema(std::size_t outlet, std::string_view json) override { next_->schema(outlet, json); }
    void log(std::string_view json) override { next_->log(json); }
    void event(std::string_view json) override { next_->event(json); }
    void metrics(std::string_view json) override { next_->metrics(json); }
    void changed(std::string_view json) override { next_->changed(json); }
    void hooks(std::string_view json) override { next_->hooks(json); }
    void ended(EngineEnd end) override {
      loop_.forgetRun(run_, number_);
      next_->ended(std::move(end));
    }

   private:
    Loop& loop_;
    std::string run_;
    RunNumber number_;
    std::shared_ptr<RunListener> next_;
  };

  void forgetRun(const std::string& run, RunNumber number) {
    if (const auto key = where_.find(number); key != where_.end()) {
      seats_[key->second].memory.erase(number);
      where_.erase(key);
    }
    const std::lock_guard locked(mutex_);
    const auto found = ids_.find(run);
    if (found != ids_.end() && found->second == number) ids_.erase(found);
  }

  void startNow(RunNumber number, const std::string& key, const EngineOrder& order, std::shared_ptr<RunListener> told) {
    auto listener = std::make_shared<Noted>(*this, order.run, number, std::move(told));
    auto& seat = seats_[key];
    if (!seat.link) {
      auto process = EngineProcess::start(options_.program);
      if (!process) {
        listener->ended(crashed(std::string(process.error().code), process.error().message));
        return;
      }
      ++seat.starts;
      if (auto group = groupFor(*process)) seat.group = std::move(group);
      seat.link = std::make_unique<EngineLink>(std::move(*process), options_, live_, asking_, nowMs());
      if (leaseUntilMs_ != 0) seat.link->lease(leaseUntilMs_);
    }
    where_[number] = key;
    seat.memory[number] = order.memoryBytes;
    boundMemory(seat);
    seat.link->order(number, order, std::move(listener));
  }

  /// Before it is told of its first run. A process without a group runs all the same.
  std::unique_ptr<MemoryGroup> groupFor(const EngineProcess& process) {
    if (options_.groups == nullptr) return nullptr;
    auto group = options_.groups->make();
    if (!group || !(*group)->take(process.id())) return nullptr;
    return std::move(*group);
  }

  /// A quarter more than its runs are charged for, and what it takes itself; one without a bound takes the others'
  /// away.
  static void boundMemory(Seat& seat) {
    if (!seat.group) return;
    std::int64_t bytes = kProcessBytes;
    for (const auto& [run, most] : seat.memory) {
      if (most == 0 || bytes > kMostMemory - most) return seat.group->bound(0);
      bytes += most + most / 4;
    }
    seat.group->bound(bytes);
  }

  EngineLink* linkOf(RunNumber run) {
    const auto key = where_.find(run);
    return key == where_.end() ? nullptr : seats_[key->second].link.get();
  }

  void run() {
    while (!ending_) {
      std::vector<pollfd> waits{{wake_, POLLIN, 0}};
      std::vector<std::string> keys{""};
      for (auto& [key, seat] : seats_) {
        if (!seat.link) continue;
        const bool writes = seat.link->wantsToWrite();
        waits.push_back({seat.link->socket(), static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0});
        keys.push_back(key);
      }
      ::poll(waits.data(), waits.size(), waits.size() > 1 ? kTickMs : -1);
      work((waits.front().revents & POLLIN) != 0);
      const auto now = nowMs();
      for (std::size_t i = 1; i < waits.size(); ++i) serve(keys[i], waits[i].revents, now);
      lookAtTime(now);
      tellViews(now);
    }
    endAll();
  }

  /// What was asked for meanwhile.
  void work(bool woken) {
    std::uint64_t count = 0;
    if (woken) static_cast<void>(::read(wake_, &count, sizeof count));
    std::vector<std::function<void()>> jobs;
    {
      const std::lock_guard locked(mutex_);
      jobs.swap(jobs_);
    }
    for (auto& job : jobs) job();
    for (auto& [key, seat] : seats_) {
      // A socket that is gone says so when it is read.
      if (seat.link && seat.link->wantsToWrite()) static_cast<void>(seat.link->write());
    }
  }

  void serve(const std::string& key, short events, std::int64_t now) {
    auto& seat = seats_[key];
    if (!seat.link || events == 0) return;
    if ((events & (POLLIN | POLLHUP | POLLERR)) == 0) return;
    if (const auto read = seat.link->read(now); !read) fall(key, read.error());
  }

  /// The process has ended, or has to.
  void fall(const std::string& key, const Error& error) {
    auto& seat = seats_[key];
    auto link = std::move(seat.link);
    ++seat.crashes;
    const bool gone = error.code == "engine.crashed";
    link->process().closeSocket();
    if (!gone) link->process().signal(SIGKILL);
    link->process().await(kGraceMs);
    const auto message = gone ? "the engine process of this run ended with " + link->process().howItEnded() +
                                    "; runs of other processes go on, and the next one here starts a new process"
                              : error.message;
    auto end = crashed(std::string(error.code), message);
    const auto group = std::move(seat.group);
    if (gone && group && link->process().endSignal() == SIGKILL && group->wasKilled()) {
      end = crashed("engine.memory",
                    "the system has ended the engine process of this run because its runs took more "
                    "than the " +
                        std::to_string(group->boundBytes() >> 20) +
                        " MiB that they may have together; runs of other processes go on");
    }
    end.signal = link->process().endSignal();
    end.exitCode = link->process().exitCode();
    link->endRuns(end);
  }

  void lookAtTime(std::int64_t now) {
    for (auto& [key, seat] : seats_) {
      if (!seat.link) continue;
      const auto silent = std::max(now - seat.link->heardMs(), seat.link->longestStepMs());
      // Its end is seen at its socket.
      if (silent > options_.silentMs) seat.link->process().signal(SIGABRT);
      if (silent > 2 * options_.silentMs) seat.link->process().signal(SIGKILL);
      if (seat.link->runs() > 0 || now - seat.link->idleSinceMs() < options_.idleMs) continue;
      seat.link->process().closeSocket();
      seat.link->process().await(kGraceMs);
      seat.link.reset();
      seat.group.reset();
    }
  }

  void endAll() {
    for (auto& [key, seat] : seats_) {
      if (seat.link) seat.link->process().closeSocket();
    }
    for (auto& [key, seat] : seats_) {
      if (!seat.link) continue;
      seat.link->process().await(kGraceMs);
      auto end = crashed("run.cancelled", "the server is stopping");
      end.outcome = "cancelled";
      end.crashed = false;
      seat.link->endRuns(end);
    }
    seats_.clear();
  }

  void tellViews(std::int64_t now) {
    std::vector<EngineView> views;
    for (auto& [key, seat] : seats_) {
      EngineView view{key, 0, 0, seat.starts, seat.crashes, 0};
      if (seat.link) {
        view.process = seat.link->process().id();
        view.runs = static_cast<std::int64_t>(seat.link->runs());
        view.quietMs = now - seat.link->heardMs();
      }
      views.push_back(std::move(view));
    }
    const std::lock_guard locked(mutex_);
    views_ = std::move(views);
  }

  EnginesOptions options_;
  int wake_;
  bool ending_ = false;                     // the thread's own
  std::int64_t leaseUntilMs_ = 0;           // likewise
  std::map<std::string, Seat> seats_;       // likewise
  std::map<RunNumber, std::string> where_;  // likewise; keys of seats
  mutable std::mutex mutex_;
  std::vector<std::function<void()>> jobs_;
  std::vector<EngineView> views_;
  std::map<std::string, RunNumber, std::less<>> ids_;  // of runs that go on
  RunNumber lastRun_ = 0;
  EngineLink::Sink live_;
  EngineLink::Asking asking_;
  std::thread thread_;  // the last member: it begins when the others are there
};

OpenFolder::~OpenFolder() { ::close(descriptor_); }

Engines::Engines(EnginesOptions options) : loop_(std::make_unique<Loop>(std::move(options))) {}
Engines::~Engines() = default;

RunNumber Engines::start(std::string key, EngineOrder order, std::shared_ptr<RunListener> listener) {
  return loop_->start(std::move(key), std::move(order), std::move(listener));
}
void Engines::drain(RunNumber run) { loop_->ask(run, "drain"); }
void Engines::holdIntake(RunNumber run, std::string_view why) {
  std::string json;
  json::Writer out(json);
  out.beginObject().key("why").value(why).endObject();
  loop_->ask(run, "intake", std::move(json));
}
void Engines::checkpoint(RunNumber run) { loop_->ask(run, "checkpoint"); }
void Engines::save(RunNumber run) { loop_->ask(run, "save"); }
void Engines::cancel(RunNumber run) { loop_->ask(run, "cancel"); }
void Engines::change(RunNumber run, std::string json) { loop_->ask(run, "change", std::move(json)); }
void Engines::closeLetters(RunNumber run) { loop_->ask(run, "letters"); }
void Engines::kill(RunNumber run) { loop_->kill(run); }
void Engines::credit(RunNumber run, std::size_t outlet, std::int64_t bytes) { loop_->credit(run, outlet, bytes); }
void Engines::lease(std::int64_t untilMs) { loop_->lease(untilMs); }
bool Engines::send(const std::string& run, const live::Control& control) { return loop_->send(run, control); }
void Engines::hooks(const std::string& run, std::string json) { loop_->hooks(run, std::move(json)); }
void Engines::onLive(std::function<void(live::Frame)> sink) { loop_->onLive(std::move(sink)); }
void Engines::keepFrom(std::vector<std::string> own) { loop_->keepFrom(std::move(own)); }
void Engines::onSecret(std::function<void(SecretAsk)> sink) { loop_->onSecret(std::move(sink)); }
void Engines::answerSecret(RunNumber run, std::string json) { loop_->answerSecret(run, std::move(json)); }
std::vector<EngineView> Engines::processes() const { return loop_->views(); }

}  // namespace weir::engines
