// NativeIngress: a listener of this machine for webhooks, one thread on epoll.
#pragma once

#include <memory>
#include <string>

#include "engine/host/ingress.h"
#include "hosts/native/secrets.h"

namespace weir::native {

struct IngressOptions {
  std::string listen = "127.0.0.1:8080";     // port 0: any free one
  std::string certificateFile{}, keyFile{};  // PEM; empty: HTTP without TLS
  const Secrets* secrets = nullptr;          // outlives it
  std::int64_t mostConnections = 4096;
  std::int64_t headMs = 10'000;  // for the first to the last byte of a head
  std::int64_t bodyMs = 60'000;  // of a request
  std::int64_t idleMs = 75'000;  // between requests
};

/// Listens from the first claimed route on.
class NativeIngress final : public Ingress {
 public:
  explicit NativeIngress(IngressOptions options);
  ~NativeIngress() override;

  Result<IngressId> claim(IngressRoute route, Waker waker) override;
  void release(IngressId route) override;
  std::string address(IngressId route) override;
  void take(IngressId route, std::int64_t most, IngressBatch& into) override;
  void accept(IngressId route, std::int64_t upToNumber) override;
  void reply(IngressId route, std::int64_t number, IngressReply reply) override;
  void bind(IngressId route, std::int64_t firstSequence, std::int64_t firstNumber, std::int64_t count) override;
  bool answerRow(std::string_view node, std::int64_t sequence, IngressReply reply) override;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace weir::native
