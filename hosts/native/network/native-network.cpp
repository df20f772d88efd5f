// Puts the parts of the network together, and takes them apart in order.
#include "hosts/native/network/native-network.h"

#include "hosts/native/network/asio-core.h"
#include "hosts/native/network/native-http.h"
#include "hosts/native/network/native-streams.h"

namespace weir::native {

NativeNetwork::NativeNetwork(NetworkSettings settings, IngressOptions ingress)
    : core_(std::make_shared<AsioCore>(std::move(settings))),
      http_(std::make_unique<NativeHttp>(core_)),
      streams_(std::make_unique<NativeStreams>(core_)),
      ingressOptions_(std::move(ingress)) {
  ingressOptions_.secrets = core_->settings().secrets;
}

Ingress& NativeNetwork::ingress() {
  if (!ingress_) ingress_ = std::make_unique<NativeIngress>(ingressOptions_);
  return *ingress_;
}

NativeNetwork::~NativeNetwork() {
  ingress_.reset();
  core_->halt();
  http_.reset();
  streams_.reset();
  core_->stop();
}

}  // namespace weir::native
