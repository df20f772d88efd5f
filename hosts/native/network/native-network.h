// NativeNetwork: the network as one place offers it to its runs.
#pragma once

#include <memory>
#include <string>

#include "engine/host/http.h"
#include "engine/host/ingress.h"
#include "engine/host/streams.h"
#include "hosts/native/network/native-ingress.h"
#include "hosts/native/network/network-settings.h"

namespace weir::native {

class AsioCore;

/// Outlives the runs that use it. Its threads begin with the first connection, and the first webhook; ingress() is
/// asked for by one thread, before them.
class NativeNetwork {
 public:
  NativeNetwork(NetworkSettings settings, IngressOptions ingress);
  ~NativeNetwork();
  NativeNetwork(const NativeNetwork&) = delete;
  NativeNetwork& operator=(const NativeNetwork&) = delete;

  [[nodiscard]] Http& http() { return *http_; }
  [[nodiscard]] Streams& streams() { return *streams_; }
  [[nodiscard]] Ingress& ingress();

 private:
  std::shared_ptr<AsioCore> core_;
  std::unique_ptr<Http> http_;
  std::unique_ptr<Streams> streams_;
  IngressOptions ingressOptions_;
  std::unique_ptr<Ingress> ingress_;  // null until somebody wants it
};

}  // namespace weir::native
