// NativeNetwork: the network as one place offers it to its runs.
#pragma once

#include <memory>

#include "engine/host/http.h"
#include "hosts/native/network/network-settings.h"

namespace weir::native {

class AsioCore;

/// Outlives the runs that use it. Its thread begins with the first connection.
class NativeNetwork {
 public:
  explicit NativeNetwork(NetworkSettings settings);
  ~NativeNetwork();
  NativeNetwork(const NativeNetwork&) = delete;
  NativeNetwork& operator=(const NativeNetwork&) = delete;

  [[nodiscard]] Http& http() { return *http_; }

 private:
  std::shared_ptr<AsioCore> core_;
  std::unique_ptr<Http> http_;
};

}  // namespace weir::native
