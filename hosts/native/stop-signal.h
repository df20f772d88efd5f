// StopSignal: a descriptor that becomes readable when what waits on it is to end.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "hosts/native/descriptor.h"

namespace weir::native {

class StopSignal {
 public:
  StopSignal() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  /// Thread-safe; for good.
  void raise() const {
    const std::uint64_t one = 1;
    static_cast<void>(::write(event_.get(), &one, sizeof one) == sizeof one);
  }
  [[nodiscard]] int descriptor() const { return event_.get(); }

 private:
  Descriptor event_;
};

}  // namespace weir::native
