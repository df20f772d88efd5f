// Puts the parts of the network together, and takes them apart in order.
#include "hosts/native/network/native-network.h"

#include "hosts/native/network/asio-core.h"
#include "hosts/native/network/native-http.h"

namespace weir::native {

NativeNetwork::NativeNetwork(NetworkSettings settings)
    : core_(std::make_shared<AsioCore>(std::move(settings))), http_(std::make_unique<NativeHttp>(core_)) {}

NativeNetwork::~NativeNetwork() {
  core_->halt();
  http_.reset();
  core_->stop();
}

}  // namespace weir::native
