// ServerClient: the API of a server, for commands that work with one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/http.h"
#include "engine/json/document.h"
#include "hosts/native/network/network-settings.h"

namespace CLI {
class App;
}

namespace weir::cli {

struct ServerArguments {
  std::string url, tokenFile, caFile;
  bool insecureTransport = false;
};

/// --server (or WEIR_SERVER), --token-file, --ca-file, --insecure-transport.
void addServerOptions(CLI::App& command, ServerArguments& arguments);
/// The same for commands that work without a server too.
void addOptionalServer(CLI::App& command, ServerArguments& arguments);
/// The same for commands that do something else without a server: no variable says so, only --server. `help` is of it.
void addServerWhenSaid(CLI::App& command, ServerArguments& arguments, const std::string& help);

/// Where requests go, and with what.
struct ServerPlace {
  std::string url;  // without a slash at its end
  std::string token, caFile;
  native::NetworkSettings network{};
};
/// The token is read from --token-file, else from WEIR_TOKEN; without both there is none. `server.insecure` for
/// plaintext to another machine.
[[nodiscard]] Result<ServerPlace> placeOf(const ServerArguments& arguments);

struct ServerAnswer {
  int status = 0;
  json::Document body;  // null if it has none

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

class ServerClient {
 public:
  /// Errors as placeOf.
  [[nodiscard]] static Result<std::unique_ptr<ServerClient>> make(const ServerArguments& arguments);
  virtual ~ServerClient() = default;

  /// `path` begins behind /api/v1. Every status is an answer; errors are those of the network, and `server.protocol`
  /// for what is no answer of a Weir server.
  [[nodiscard]] virtual Result<ServerAnswer> send(std::string method, const std::string& path,
                                                  std::string body = {}) = 0;
  /// The body of an answer that is no JSON, of so many bytes at most: `http.too_large`. A refusal is `server.refused`.
  [[nodiscard]] virtual Result<std::string> bytes(const std::string& path, std::int64_t most) = 0;
  /// For who has no use for a refusal: `server.refused` with what the server says.
  [[nodiscard]] Result<json::Document> get(const std::string& path);

  [[nodiscard]] virtual const std::string& url() const = 0;
};

/// "the server refused (412 storage.changed): …", with the problems of a document, one a line.
[[nodiscard]] Error refusalOf(const ServerAnswer& answer);

}  // namespace weir::cli
