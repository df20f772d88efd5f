// Lock: mutual exclusion where there are threads, nothing in wasm.
#pragma once

#ifndef __wasm__
#include <mutex>
#endif

namespace weir {

#ifdef __wasm__
class Lock {
 public:
  void lock() {}
  void unlock() {}
  bool try_lock() { return true; }
};
#else
using Lock = std::mutex;
#endif

/// Holds a Lock while in scope.
class Locked {
 public:
  explicit Locked(Lock& lock) : lock_(lock) { lock_.lock(); }
  ~Locked() { lock_.unlock(); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  Lock& lock_;
};

}  // namespace weir
