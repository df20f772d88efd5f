// SimulatedHttp: servers as a table of answers; what was asked is kept.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/host/http.h"

namespace weir::simulation {

/// A request is answered by the first answer kept for "METHOD URL"; the last one for it stays. What nobody put there is
/// `network.unreachable`.
class SimulatedHttp final : public Http {
 public:
  void put(std::string request, HttpResponse response) { answers_[std::move(request)].push_back(std::move(response)); }
  [[nodiscard]] const std::vector<HttpRequest>& asked() const { return asked_; }

  Operation<HttpResponse> send(HttpRequest request, Waker /*waker*/) override {
    const auto key = request.method + " " + request.url + request.secretPath;
    asked_.push_back(std::move(request));
    const auto found = answers_.find(key);
    if (found == answers_.end()) {
      return Operation<HttpResponse>::finished(fail("network.unreachable", "nothing answers to " + key, true));
    }
    auto response = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    if (response.url.empty()) response.url = asked_.back().url;
    return Operation<HttpResponse>::finished(std::move(response));
  }

 private:
  std::map<std::string, std::vector<HttpResponse>, std::less<>> answers_;
  std::vector<HttpRequest> asked_;
};

}  // namespace weir::simulation
