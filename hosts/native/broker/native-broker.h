// NativeBroker: brokers that this machine's run may reach.
#pragma once

#include <memory>
#include <utility>

#include "engine/host/broker.h"
#include "hosts/native/network/network-settings.h"

namespace weir::native {

/// A subscription and a publisher have a thread of their own each. What it is given outlives them.
class NativeBroker final : public Broker {
 public:
  explicit NativeBroker(NetworkSettings network) : network_(std::move(network)) {}
  [[nodiscard]] Result<std::unique_ptr<BrokerSubscription>> subscribe(BrokerTarget target,
                                                                      BrokerSubscribe subscribe) override;
  [[nodiscard]] Result<std::unique_ptr<BrokerPublisher>> publisher(BrokerTarget target) override;

 private:
  NetworkSettings network_;
};

}  // namespace weir::native
