// Connects, and asks again and again.
#include "service/store/sql/postgres-link.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::store::sql {
namespace {

constexpr std::int64_t kMostConnectMs = 10'000, kPulseMs = 500, kPulseWaitMs = 1'000;
constexpr std::int64_t kSameReasonMs = 10'000;

/// "WEIR": who else migrates this database waits for this lock.
constexpr std::int64_t kMigrationLock = 0x57454952;

bool isLoopback(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

std::int64_t steadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Result<postgres::ConnectOptions> connectOptionsOf(const PostgresOptions& options, const std::string& settings) {
  postgres::ConnectOptions connect;
  WEIR_ASSIGN(connect.target, postgres::Target::parse(options.url));
  auto& mode = connect.target.sslMode;
  if (!isLoopback(connect.target.host) && !options.insecureTransport) {
    if (mode == "prefer") mode = "verify-full";
    if (mode != "verify-full") {
      return fail("settings.invalid", "the database at " + connect.target.host +
                                          " would be talked to with sslmode=" + mode +
                                          ", which does not verify who answers; leave sslmode out, or start with "
                                          "--insecure-transport");
    }
  }
  connect.settings = settings;
  connect.rootFile = options.rootFile;
  connect.timeoutMs = options.timeoutMs;
  return connect;
}

Result<void> lockForMigration(PostgresSession& session) {
  WEIR_TRY(session.queryOne("SELECT pg_advisory_xact_lock(?)", {kMigrationLock}));
  return {};
}

Error Unreached::asTold(const Error& why) {
  bool tells = false;
  {
    const std::scoped_lock locked(mutex_);
    const auto now = steadyMs();
    tells = tell_ && (lastAtMs_ == 0 || why.message != last_ || now - lastAtMs_ >= kSameReasonMs);
    if (tells) {
      last_ = why.message;
      lastAtMs_ = now;
    }
  }
  if (tells) tell_(why.message);
  return {"storage.unavailable", "what the server stores cannot be reached now; try again later", true};
}

bool Unreached::mayReturn() {
  const auto now = steadyMs();
  std::int64_t since = 0;
  if (awaySinceMs_.compare_exchange_strong(since, now, std::memory_order_relaxed)) since = now;
  return now - since < kBridgeMs;
}

Result<PostgresSession*> PostgresLink::session(std::int64_t timeoutMs) {
  if (session_ && session_->lost()) session_.reset();
  if (!session_) {
    if (renewed_) {
      if (auto now = renewed_()) options_ = std::move(*now);
    }
    auto options = options_;
    options.connectMs = std::min(timeoutMs, kMostConnectMs);
    auto made = PostgresSession::open(options);
    if (!made) {
      auto error = std::move(made.error());
      error.message = "the database at " + options_.target.host + ":" + options_.target.port +
                      " cannot be reached: " + error.message;
      return std::unexpected(std::move(error));
    }
    session_ = std::move(*made);
    session_->objects = objects_;
  }
  session_->waitAtMost(timeoutMs);
  return session_.get();
}

PostgresPulse::PostgresPulse(PostgresLink link)
    : link_(std::move(link)), answeredAt_(steadyMs()), thread_([this] { loop(); }) {}

PostgresPulse::~PostgresPulse() {
  {
    const std::scoped_lock locked(mutex_);
    ending_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

bool PostgresPulse::beats() const {
  const auto at = answeredAt_.load(std::memory_order_relaxed);
  // Who asks may hang as well, such as where names are looked up.
  return at != 0 && steadyMs() - at < 2 * (kPulseMs + kPulseWaitMs);
}

bool PostgresPulse::ask() {
  const auto session = link_.session(kPulseWaitMs);
  if (!session) return false;
  const auto said = (*session)->queryOne("SELECT 1");
  if (!said) link_.drop();
  return said.has_value();
}

void PostgresPulse::loop() {
  std::unique_lock locked(mutex_);
  while (!ending_) {
    locked.unlock();
    answeredAt_.store(ask() ? steadyMs() : 0, std::memory_order_relaxed);
    locked.lock();
    ended_.wait_for(locked, std::chrono::milliseconds(kPulseMs), [this] { return ending_; });
  }
}

}  // namespace weir::store::sql
