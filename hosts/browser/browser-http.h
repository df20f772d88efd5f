// BrowserHttp: single requests by the page's fetch().
#pragma once

#include "engine/host/http.h"
#include "hosts/browser/calls.h"

namespace weir::browser {

/// The browser connects, verifies and follows redirects by its own rules; what it does not allow (CORS) is
/// `network.blocked`. `caFile`, `maxRedirects` beyond 0 are the browser's business.
class BrowserHttp final : public Http {
 public:
  explicit BrowserHttp(Calls& calls) : calls_(calls) {}
  Operation<HttpResponse> send(HttpRequest request, Waker waker) override;

 private:
  Calls& calls_;
};

/// Count, then name and value of each.
void writeHeaders(WireWriter& writer, const std::vector<HttpHeader>& headers);
[[nodiscard]] std::vector<HttpHeader> readHeaders(WireReader& reader);

}  // namespace weir::browser
