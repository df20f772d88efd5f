// One request: connect or take an idle connection, write, read, unpack, follow redirects; all within its time.
#include "hosts/native/network/native-http.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <deque>
#include <optional>

#include "engine/text/base64.h"
#include "engine/time/instant.h"
#include "hosts/native/native-codecs.h"
#include "hosts/native/network/asio-core.h"

namespace weir::native {
namespace {

namespace http = beast::http;
using Parser = http::response_parser<http::string_body>;
constexpr int kMostAnnounced = 16;

constexpr std::uint32_t kMostHeaderBytes = 64 * 1024;
constexpr std::size_t kMostIdle = 64;
constexpr auto kIdle = std::chrono::seconds(30);

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

bool isToken(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool isHeaderValue(std::string_view text) {
  return std::ranges::none_of(text,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

/// Headers that the connection itself decides.
bool isOurs(std::string_view name) {
  return name == "host" || name == "content-length" || name == "transfer-encoding" || name == "connection" ||
         name == "upgrade" || name == "te" || name == "trailer" || name == "proxy-authorization" ||
         name == "keep-alive";
}

/// Not sent on to another host.
bool isCredential(std::string_view name) {
  return name == "authorization" || name == "cookie" || name.starts_with("x-api") || name.ends_with("token") ||
         name.ends_with("key");
}

Result<std::string> unpacked(std::string_view packed, std::int64_t most) {
  NativeCodecs codecs;
  WEIR_ASSIGN(const auto decompressor, codecs.decompressor("gzip"));
  std::string out;
  std::size_t used = 0;
  bool ended = false;
  for (;;) {
    const auto before = out.size();
    out.resize(before + 64 * 1024);
    const auto room = std::as_writable_bytes(std::span(out.data() + before, out.size() - before));
    WEIR_ASSIGN(const auto step, decompressor->run(packed.substr(used), room));
    used += static_cast<std::size_t>(step.consumed);
    out.resize(before + static_cast<std::size_t>(step.produced));
    ended = step.ended;
    if (static_cast<std::int64_t>(out.size()) > most)
      return fail("http.too_large", "the answer unpacks to more than " + std::to_string(most) +
                                        " bytes; raise maxResponseBytes, or ask for less");
    if (step.consumed == 0 && step.produced == 0) break;
  }
  if (!ended || used != packed.size()) return fail("http.body", "the compressed answer ends too early", true);
  return out;
}

Error readError(const ErrorCode& error, const Url& url, std::int64_t most) {
  const auto where = url.origin();
  if (error == http::error::body_limit)
    return {"http.too_large",
            where + ": the answer has more than " + std::to_string(most) +
                " bytes; raise maxResponseBytes, or ask for less",
            false};
  if (error == http::error::header_limit)
    return {"http.too_large", where + ": the answer's headers have more than 64 KiB", false};
  if (error == http::error::end_of_stream || error == http::error::partial_message)
    return {"network.closed", where + ": the other side closed the connection before its answer was complete", true};
  if (error.category() == make_error_code(http::error::bad_version).category())
    return {"http.protocol", where + ": this is no HTTP answer (" + error.message() + ")", false};
  return connectionError(error, where, "waiting for the answer");
}

}  // namespace

class NativeHttp::Client : public std::enable_shared_from_this<NativeHttp::Client> {
 public:
  explicit Client(std::shared_ptr<AsioCore> core) : core_(std::move(core)) {}

  Operation<HttpResponse> send(HttpRequest request, Waker waker) {
    Completion<HttpResponse> completion(std::move(waker));
    auto operation = completion.operation();
    core_->spawn(serve(shared_from_this(), std::move(request), std::move(completion)));
    return operation;
  }

 private:
  struct Idle {
    std::string key;
    Link link;
    TimePoint since;
  };
  /// How an exchange left its connection.
  struct Ended {
    bool stale = false;  // the server had closed it before the request came
    bool keep = false;   // it may carry another
  };
  using Message = http::request<http::string_body>;

  static asio::awaitable<void> serve(std::shared_ptr<Client> self, HttpRequest request,
                                     Completion<HttpResponse> completion) {
    std::optional<Result<HttpResponse>> result;
    try {
      result = co_await self->run(request);
    } catch (const std::exception& thrown) {
      result = fail("network.unreachable", std::string("the request failed: ") + thrown.what(), true);
    }
    if (!*result) result = std::unexpected(self->core_->redacted(std::move(result->error())));
    if (*result && usesSecrets(request)) self->forgetSecrets(**result);
    completion.complete(std::move(*result));
  }

  static bool usesSecrets(const HttpRequest& request) {
    return namesSecret(request.user) || namesSecret(request.password) || namesSecret(request.secretPath) ||
           namesSecret(request.url) ||
           std::ranges::any_of(request.headers, [](const HttpHeader& header) { return namesSecret(header.value); });
  }

  /// A server that shows what it was sent must not bring a secret into the rows.
  void forgetSecrets(HttpResponse& response) const {
    const auto* secrets = core_->settings().secrets;
    if (secrets == nullptr) return;
    response.body = secrets->redact(response.body);
    for (auto& header : response.headers) header.value = secrets->redact(header.value);
  }

  asio::awaitable<Result<HttpResponse>> run(const HttpRequest& request) {
    const auto until = afterMs(request.timeoutMs);
    auto url = target(request.url);
    std::string method = request.method;
    const std::string* body = &request.body;
    static const std::string kNothing;
    bool sameHost = true;
    for (int hop = 0;; ++hop) {
      if (!url) co_return std::unexpected(std::move(url.error()));
      if (sameHost) co_await prepare(request, *url, until);
      auto message = compose(request, *url, method, *body, sameHost);
      if (!message) co_return std::unexpected(std::move(message.error()));
      auto response = co_await exchange(*url, std::move(*message), request, until);
      if (!response) co_return response;
      const auto location = response->header("location");
      const int status = response->status;
      const bool moves = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
      if (!moves || location.empty() || request.maxRedirects == 0) {
        co_return response;
      }
      if (hop >= request.maxRedirects)
        co_return fail("http.redirects",
                       url->origin() + ": more than " + std::to_string(request.maxRedirects) + " redirects");
      auto next = resolveUrl(*url, location);
      if (next && next->scheme != "http" && next->scheme != "https")
        next = fail("url.invalid",
                    url->origin() + " redirects to the scheme '" + next->scheme + "', which is not followed");
      if (next && url->secure() && !next->secure())
        next = fail("http.redirects", url->origin() + " redirects to an unencrypted address, which is not followed");
      // Credentials are for the host that the flow names.
      if (next && (next->host != url->host || next->port != url->port || next->scheme != url->scheme)) sameHost = false;
      if (status == 303 || (status <= 302 && method == "POST")) {
        if (method != "HEAD") method = "GET";
        body = &kNothing;
      }
      url = std::move(next);
    }
  }

  Result<Url> target(const std::string& text) const {
    // User info may hold a secret, whose braces are no part of a URL: it is revealed once the host is known.
    WEIR_ASSIGN(auto url, parseUrl(text));
    if (url.scheme != "http" && url.scheme != "https")
      return fail("url.invalid",
                  "the scheme '" + url.scheme + "' is not one that requests are sent to; use http or https");
    return url;
  }

  asio::awaitable<void> prepare(const HttpRequest& request, const Url& url, TimePoint until) const {
    const auto* secrets = core_->settings().secrets;
    if (secrets == nullptr || secrets->asked() == nullptr) co_return;
    co_await core_->prepare(request.secretPath, url, until);
    co_await core_->prepare(request.user, url, until);
    co_await core_->prepare(request.password, url, until);
    co_await core_->prepare(url.user + url.password, url, until);
    for (const auto& header : request.headers) co_await core_->prepare(header.value, url, until);
  }

  Result<Message> compose(const HttpRequest& request, const Url& url, const std::string& method,
                          const std::string& body, bool credentials) const {
    if (!isToken(method)) return fail("http.protocol", "'" + method + "' is no method");
    Message message;
    message.method_string(method);
    const auto* proxy = core_->settings().proxies.proxyFor(url);
    auto target = url.target;
    if (credentials && !request.secretPath.empty()) {
      WEIR_ASSIGN(const auto secret, core_->reveal(request.secretPath, url));
      if (!isHeaderValue(secret) || secret.find_first_of(" \t") != std::string::npos) {
        return fail("http.protocol", "the secret part of the URL has spaces or control characters");
      }
      target += secret;
    }
    message.target(proxy != nullptr && !url.secure() ? url.origin() + target : target);
    message.version(11);
    message.set(http::field::host, url.authority());
    message.set(http::field::user_agent, "weir");
    message.set(http::field::accept_encoding, "gzip");
    for (const auto& header : request.headers) {
      const auto name = lower(header.name);
      if (!isToken(name) || isOurs(name))
        return fail("http.protocol", "the header '" + header.name + "' cannot be set");
      if (!credentials && (isCredential(name) || namesSecret(header.value))) continue;
      WEIR_ASSIGN(const auto value, core_->reveal(header.value, url));
      if (!isHeaderValue(value))
        return fail("http.protocol", "the value of header '" + header.name + "' has a line break or control character");
      message.set(header.name, value);
    }
    if (credentials) WEIR_TRY(addUser(message, request, url));
    if (proxy != nullptr && !url.secure() && !proxy->user.empty()) {
      WEIR_ASSIGN(const auto user, percentDecoded(proxy->user));
      WEIR_ASSIGN(const auto password, percentDecoded(proxy->password));
      message.set(http::field::proxy_authorization, "Basic " + encodeBase64(user + ":" + password));
    }
    message.body() = body;
    if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") message.prepare_payload();
    return message;
  }

  Result<Unit> addUser(Message& message, const HttpRequest& request, const Url& url) const {
    std::string user = request.user;
    std::string password = request.password;
    if (user.empty() && !url.user.empty()) {
      WEIR_ASSIGN(user, percentDecoded(url.user));
      WEIR_ASSIGN(password, percentDecoded(url.password));
    }
    if (user.empty() && password.empty()) return Unit{};
    WEIR_ASSIGN(user, core_->reveal(user, url));
    WEIR_ASSIGN(password, core_->reveal(password, url));
    message.set(http::field::authorization, "Basic " + encodeBase64(user + ":" + password));
    return Unit{};
  }

  asio::awaitable<Result<HttpResponse>> exchange(const Url& url, Message message, const HttpRequest& request,
                                                 TimePoint until) {
    const auto* proxy = core_->settings().proxies.proxyFor(url);
    const auto key = url.origin() + "\n" + request.caFile;
    for (;;) {
      Link link;
      auto place = co_await roomFor(key, link, until);
      if (!place) co_return std::unexpected(std::move(place.error()));
      const bool used = static_cast<bool>(link);
      if (!used) {
        auto made =
            co_await core_->dial({url.host, url.port, url.secure(), request.caFile, proxy}, until, std::move(*place));
        if (!made) co_return std::unexpected(std::move(made.error()));
        link = std::move(*made);
      }
      Ended ended;
      auto response = link.tls ? co_await talk(*link.tls, link, message, url, request, until, ended)
                               : co_await talk(*link.plain, link, message, url, request, until, ended);
      // A kept connection that the server had closed meanwhile has carried nothing.
      if (ended.stale && used) continue;
      if (!response) co_return response;
      if (ended.keep) putIdle(key, std::move(link));
      co_return finish(std::move(*response), url, request);
    }
  }

  /// A kept connection for `link`, or the place of a new one, for which those that nobody uses make room.
  asio::awaitable<Result<MeteredSocket>> roomFor(const std::string& key, Link& link, TimePoint until) {
    const auto& meter = core_->settings().meter;
    for (;;) {
      link = takeIdle(key);
      if (link || !meter) co_return MeteredSocket();
      auto entered = meter->enter();
      if (entered) co_return entered;
      if (!idle_.empty()) {
        idle_.pop_front();
        continue;
      }
      if (std::chrono::steady_clock::now() >= until) co_return entered;
      ++waiting_;
      co_await core_->rest();
      --waiting_;
    }
  }

  template <class Stream>
  asio::awaitable<Result<HttpResponse>> talk(Stream& stream, Link& link, Message& message, const Url& url,
                                             const HttpRequest& request, TimePoint until, Ended& ended) {
    link.lowest().expires_at(until);
    const auto [writing, written] = co_await http::async_write(stream, message, kTuple);
    link.place.look();
    // A server may answer (413) before it has read all; its answer is looked for below.
    if (writing && writing != asio::error::broken_pipe && writing != asio::error::connection_reset) {
      co_return std::unexpected(connectionError(writing, url.origin(), "sending the request"));
    }
    std::optional<Parser> parser;
    HttpResponse response;
    // An answer of 1xx (RFC 9110, 15.2) only announces the one that counts.
    for (int announced = 0;; ++announced) {
      parser.emplace();
      parser->header_limit(kMostHeaderBytes);
      parser->body_limit(static_cast<std::uint64_t>(std::max<std::int64_t>(request.maxResponseBytes, 0)));
      if (message.method_string() == "HEAD") parser->skip(true);
      const auto [reading, bytes] = co_await http::async_read(stream, link.rest, *parser, kTuple);
      if (reading) {
        const bool nothingRead = announced == 0 && bytes == 0 && !parser->got_some();
        ended.stale = nothingRead && (reading == http::error::end_of_stream ||
                                      reading == asio::error::connection_reset || reading == asio::error::broken_pipe);
        co_return std::unexpected(readError(reading, url, request.maxResponseBytes));
      }
      response.status = static_cast<int>(parser->get().result_int());
      if (response.status >= 200) break;
      if (response.status == 101 || announced == kMostAnnounced) {
        co_return fail("http.protocol",
                       url.origin() + " answers with status " + std::to_string(response.status) +
                           (announced == kMostAnnounced ? " again and again" : ", which nobody asked for"));
      }
    }
    for (const auto& field : parser->get()) {
      response.headers.push_back({lower(std::string_view(field.name_string().data(), field.name_string().size())),
                                  std::string(field.value().data(), field.value().size())});
    }
    ended.keep = parser->keep_alive();
    response.body = std::move(parser->release().body());
    co_return response;
  }

  static Result<HttpResponse> finish(HttpResponse response, const Url& url, const HttpRequest& request) {
    const auto encoding = lower(response.header("content-encoding"));
    if ((encoding == "gzip" || encoding == "x-gzip" || encoding == "deflate") && !response.body.empty()) {
      auto body = unpacked(response.body, request.maxResponseBytes);
      if (!body) {
        body.error().message = url.origin() + ": " + body.error().message;
        return std::unexpected(std::move(body.error()));
      }
      response.body = std::move(*body);
    } else if (!encoding.empty() && encoding != "identity" && encoding != "gzip" && !response.body.empty()) {
      return fail("http.body", url.origin() + ": the answer is packed with '" + encoding + "', which nobody asked for");
    }
    response.url = url.origin() + url.target;
    return response;
  }

  Link takeIdle(const std::string& key) {
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(idle_, [&](const Idle& idle) { return now - idle.since > kIdle; });
    const auto found = std::ranges::find(idle_.rbegin(), idle_.rend(), key, &Idle::key);
    if (found == idle_.rend()) return {};
    Link link = std::move(found->link);
    idle_.erase(std::next(found).base());
    return link;
  }

  void putIdle(const std::string& key, Link link) {
    if (link.rest.size() != 0) return;  // more than was asked for: not to be trusted again
    link.lowest().expires_never();
    if (idle_.size() >= kMostIdle) idle_.pop_front();
    idle_.push_back({key, std::move(link), std::chrono::steady_clock::now()});
    if (yielding_ || !core_->settings().meter || !core_->settings().meter->bounded()) return;
    yielding_ = true;
    core_->spawn(yield(weak_from_this(), core_));
  }

  /// As long as connections are kept they make room for others, of this run and of those that share its bound.
  static asio::awaitable<void> yield(std::weak_ptr<Client> client, std::shared_ptr<AsioCore> core) {
    for (;;) {
      co_await core->rest();
      const auto self = client.lock();
      if (!self) co_return;
      // Who waits here takes the kept one himself.
      if (self->waiting_ == 0 && core->settings().meter->wanted() && !self->idle_.empty()) self->idle_.pop_front();
      self->yielding_ = !self->idle_.empty();
      if (!self->yielding_) co_return;
    }
  }

  std::shared_ptr<AsioCore> core_;
  std::deque<Idle> idle_;  // used by the thread only
  bool yielding_ = false;
  int waiting_ = 0;  // requests, for a connection
};

NativeHttp::NativeHttp(std::shared_ptr<AsioCore> core) : client_(std::make_shared<Client>(std::move(core))) {}
NativeHttp::~NativeHttp() = default;

Operation<HttpResponse> NativeHttp::send(HttpRequest request, Waker waker) {
  return client_->send(std::move(request), std::move(waker));
}

}  // namespace weir::native
