// One request.
#include "hosts/native/vault/vault-http.h"

#include <condition_variable>
#include <memory>
#include <mutex>

#include "engine/text/url.h"

namespace weir::native {
namespace {

class Door final : public WakeTarget {
 public:
  void wake() override {
    const std::lock_guard locked(mutex_);
    open_ = true;
    moved_.notify_all();
  }
  void wait() {
    std::unique_lock locked(mutex_);
    moved_.wait(locked, [this] { return open_; });
    open_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable moved_;
  bool open_ = false;
};

}  // namespace

Result<HttpResponse> askVault(Http& http, HttpRequest request, std::string_view who) {
  constexpr std::int64_t kTimeoutMs = 10'000, kMostBytes = 1 << 20;
  request.timeoutMs = kTimeoutMs;
  request.maxResponseBytes = kMostBytes;
  // What is sent along is for this host alone.
  request.maxRedirects = 0;
  const auto door = std::make_shared<Door>();
  auto asked = http.send(std::move(request), Waker(door));
  while (!asked.ready()) door->wait();
  auto answer = asked.take();
  if (!answer) {
    return fail("secret.unavailable", std::string(who) + " cannot be asked: " + answer.error().message, true);
  }
  if (answer->status >= 500 || answer->status == 429 || (answer->status >= 300 && answer->status < 400)) {
    return fail(
        "secret.unavailable",
        std::string(who) + " answers with status " + std::to_string(answer->status) + "; it is asked again later",
        true);
  }
  return answer;
}

Result<void> checkTransport(const std::string& url, std::string_view setting, bool insecureTransport) {
  WEIR_ASSIGN(const auto parsed, parseUrl(url));
  if (parsed.scheme != "http" && parsed.scheme != "https")
    return fail("url.invalid", std::string(setting) + " is reached by https://, not by " + parsed.scheme + "://");
  const bool near = parsed.host == "localhost" || parsed.host == "::1" || parsed.host.starts_with("127.");
  if (parsed.secure() || near || insecureTransport) return {};
  return fail("server.insecure", std::string(setting) + " is '" + parsed.origin() +
                                     "', where others on the way could read what is sent; use https, or start with "
                                     "--insecure-transport if the network is yours alone");
}

}  // namespace weir::native
