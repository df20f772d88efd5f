// NativeHttp: requests over kept-alive connections, through Boost.Beast.
#pragma once

#include <memory>

#include "engine/host/http.h"

namespace weir::native {

class AsioCore;

class NativeHttp final : public Http {
 public:
  explicit NativeHttp(std::shared_ptr<AsioCore> core);
  ~NativeHttp() override;
  Operation<HttpResponse> send(HttpRequest request, Waker waker) override;

 private:
  class Client;
  std::shared_ptr<Client> client_;
};

}  // namespace weir::native
