// EngineSession: the loop of an engine process: orders in, what runs tell out.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "apps/cli/engine/engine-run.h"
#include "apps/cli/engine/lease-watch.h"
#include "engine/live/control.h"
#include "engine/live/frame.h"
#include "hosts/native/descriptor.h"

namespace weir::cli {

class EngineSession {
 public:
  /// `socket` is one end of a stream socket pair; the board may be null.
  EngineSession(int socket, engines::CrashBoard* board);
  ~EngineSession();
  EngineSession(const EngineSession&) = delete;
  EngineSession& operator=(const EngineSession&) = delete;

  /// Until the other end closes. Errors: what makes this process useless.
  [[nodiscard]] Result<void> serve();

 private:
  Result<bool> read();
  [[nodiscard]] std::int64_t receive(std::span<char> into);
  Result<void> take(const live::Frame& frame);
  Result<void> begin(const live::Control& asked);
  Result<void> run(const live::Control& asked);
  void tell(std::int64_t nowNanos);
  void beat(std::int64_t nowNanos);
  Result<bool> write();

  int socket_, woken_;
  engines::CrashBoard* board_;
  std::atomic<bool> wakes_{false};  // a wake is on its way
  std::function<void()> wake_;
  live::FrameSplitter splitter_;
  std::deque<native::Descriptor> given_;  // descriptors that came, of orders that have not been read yet
  std::string out_;
  std::size_t sent_ = 0;
  std::int64_t beatNanos_ = 0;
  std::unique_ptr<EngineParts> parts_;
  native::NativeClock clock_;
  LeaseWatch lease_;
  live::Relay relay_;
  std::map<std::string, std::unique_ptr<EngineRun>> runs_;
};

}  // namespace weir::cli
