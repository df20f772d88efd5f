// Requests to a server, one at a time.
#include "apps/cli/as-code/server-client.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <semaphore>
#include <utility>

#include "apps/cli/command.h"
#include "engine/text/url.h"
#include "hosts/native/network/native-network.h"

namespace weir::cli {
namespace {

struct Bell final : WakeTarget {
  std::counting_semaphore<> rung{0};
  void wake() override { rung.release(); }
};

bool isLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.") || host.ends_with(".localhost");
}

Result<std::string> tokenOf(const ServerArguments& arguments) {
  if (arguments.tokenFile.empty()) {
    const char* token = std::getenv("WEIR_TOKEN");
    return std::string(token == nullptr ? "" : token);
  }
  WEIR_ASSIGN(auto token, readText(arguments.tokenFile));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' ')) token.pop_back();
  if (token.empty()) return fail("cli.usage", "the token file '" + arguments.tokenFile + "' is empty");
  return token;
}

class HttpServerClient final : public ServerClient {
 public:
  explicit HttpServerClient(ServerPlace place)
      : url_(std::move(place.url)),
        token_(std::move(place.token)),
        caFile_(std::move(place.caFile)),
        network_(std::move(place.network), native::IngressOptions{}) {}

  const std::string& url() const override { return url_; }

  Result<ServerAnswer> send(std::string method, const std::string& path, std::string body) override {
    auto request = requestFor(path, "application/json");
    request.method = std::move(method);
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    request.timeoutMs = 60'000 + std::ssize(body) / 1000;  // what is large takes its time
    request.body = std::move(body);
    request.maxResponseBytes = std::int64_t{64} << 20;
    WEIR_ASSIGN(const auto response, sent(std::move(request)));
    return answerOf(response);
  }

  Result<std::string> bytes(const std::string& path, std::int64_t most) override {
    auto request = requestFor(path, "*/*");
    request.timeoutMs = 60'000 + most / 1000;
    request.maxResponseBytes = most;
    WEIR_ASSIGN(auto response, sent(std::move(request)));
    if (response.status >= 200 && response.status < 300) return std::move(response.body);
    WEIR_ASSIGN(const auto answer, answerOf(response));
    return std::unexpected(refusalOf(answer));
  }

 private:
  [[nodiscard]] HttpRequest requestFor(const std::string& path, const std::string& accepted) const {
    HttpRequest request;
    request.url = url_ + "/api/v1" + path;
    request.headers = {{"Accept", accepted}, {"User-Agent", "weir"}};
    if (!token_.empty()) request.headers.push_back({"Authorization", "Bearer " + token_});
    request.caFile = caFile_;
    request.maxRedirects = 0;  // a token is for one server
    return request;
  }

  Result<HttpResponse> sent(HttpRequest request) {
    const auto bell = std::make_shared<Bell>();
    auto operation = network_.http().send(std::move(request), Waker(bell));
    while (!operation.ready()) bell->rung.acquire();
    return operation.take();
  }

  Result<ServerAnswer> answerOf(const HttpResponse& response) const {
    ServerAnswer answer{.status = response.status, .body = {}};
    if (response.body.empty()) return answer;
    auto parsed = json::parse(response.body);
    if (!parsed) {
      return fail("server.protocol", "'" + url_ + "' answered " + std::to_string(response.status) +
                                         " with something that is no JSON; is a Weir server there?");
    }
    answer.body = std::move(*parsed);
    return answer;
  }

  std::string url_, token_, caFile_;
  native::NativeNetwork network_;
};

void addTrust(CLI::App& command, ServerArguments& arguments) {
  command
      .add_option("--token-file", arguments.tokenFile,
                  "A file with an access token; without it the variable WEIR_TOKEN")
      ->type_name("FILE");
  command.add_option("--ca-file", arguments.caFile, "Authorities to trust instead of the machine's, in PEM")
      ->type_name("FILE");
  command.add_flag("--insecure-transport", arguments.insecureTransport,
                   "Talk to another machine without TLS: whoever is between reads the token");
}

}  // namespace

void addServerOptions(CLI::App& command, ServerArguments& arguments) {
  command.add_option("--server", arguments.url, "The server, such as https://weir.example.com [WEIR_SERVER]")
      ->type_name("URL")
      ->envname("WEIR_SERVER")
      ->required();
  addTrust(command, arguments);
}

void addOptionalServer(CLI::App& command, ServerArguments& arguments) {
  command
      .add_option("--server", arguments.url,
                  "A run of this server, such as https://weir.example.com; '' for this machine [WEIR_SERVER]")
      ->type_name("URL")
      ->envname("WEIR_SERVER");
  addTrust(command, arguments);
}

void addServerWhenSaid(CLI::App& command, ServerArguments& arguments, const std::string& help) {
  command.add_option("--server", arguments.url, help)->type_name("URL");
  addTrust(command, arguments);
}

Result<ServerPlace> placeOf(const ServerArguments& arguments) {
  WEIR_ASSIGN(const auto url, parseUrl(arguments.url));
  if (url.scheme != "http" && url.scheme != "https")
    return fail("cli.usage", "--server is an address with http:// or https://, found '" + url.scheme + "://'");
  if (!url.user.empty() || !url.password.empty())
    return fail("cli.usage", "--server has a user or a password in it; give a token with WEIR_TOKEN or --token-file");
  if (!url.secure() && !isLoopback(url.host) && !arguments.insecureTransport) {
    return fail("server.insecure",
                "'" + url.origin() +
                    "' is another machine, and http:// sends the token for all to read; use https://, "
                    "or --insecure-transport if the network is yours alone");
  }
  ServerPlace place;
  WEIR_ASSIGN(place.token, tokenOf(arguments));
  WEIR_ASSIGN(place.network.proxies, native::ProxySettings::fromEnvironment());
  place.caFile = arguments.caFile;
  place.url = url.origin() + url.target;
  while (place.url.ends_with('/')) place.url.pop_back();
  return place;
}

Result<std::unique_ptr<ServerClient>> ServerClient::make(const ServerArguments& arguments) {
  WEIR_ASSIGN(auto place, placeOf(arguments));
  return std::make_unique<HttpServerClient>(std::move(place));
}

Result<json::Document> ServerClient::get(const std::string& path) {
  WEIR_ASSIGN(auto answer, send("GET", path));
  if (!answer.ok()) return std::unexpected(refusalOf(answer));
  return std::move(answer.body);
}

Error refusalOf(const ServerAnswer& answer) {
  const auto text = [&answer](std::string_view name) {
    const auto* found = answer.body.root().find(name);
    return found != nullptr && found->isString() ? *found->asString() : std::string();
  };
  auto message = "the server refused (" + std::to_string(answer.status) + " " + text("code") + "): " + text("detail");
  if (answer.status == 401) message += "; give an access token with WEIR_TOKEN or --token-file";
  const auto* problems = answer.body.root().find("problems");
  if (problems != nullptr && problems->asArray() != nullptr) {
    for (const auto& problem : *problems->asArray()) {
      const auto* pointer = problem.find("pointer");
      const auto* what = problem.find("message");
      if (pointer == nullptr || !pointer->isString() || what == nullptr || !what->isString()) continue;
      message += "\n  " + *pointer->asString() + ": " + *what->asString();
    }
  }
  return {"server.refused", std::move(message)};
}

}  // namespace weir::cli
