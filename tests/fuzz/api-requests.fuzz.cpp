// Requests of every route of a server: whatever body, query and path come, there is an answer that the route's caller
// understands, and none of it is an error of the server.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/check.h"
#include "engine/json/document.h"
#include "service/alerts/alert-book.h"
#include "service/auth/people.test.h"
#include "service/store/alerts.h"
#include "service/store/secrets.h"

namespace {

using namespace weir;
using namespace weir::api;

/// Keeps secrets as if it did.
struct ShortSecrets final : store::Secrets {
  Operation<bool> put(std::string, std::string, store::SecretChange, Waker) override {
    return Operation<bool>::finished(true);
  }
  Operation<store::SecretHead> head(std::string folder, std::string name, Waker) override {
    store::SecretHead head;
    head.folder = std::move(folder);
    head.name = std::move(name);
    return Operation<store::SecretHead>::finished(std::move(head));
  }
  Operation<std::vector<store::SecretHead>> list(store::SecretQuery, Waker) override {
    return Operation<std::vector<store::SecretHead>>::finished(std::vector<store::SecretHead>{});
  }
  Operation<Unit> remove(std::string, std::string, Waker) override { return Operation<Unit>::finished(Unit{}); }
  Operation<store::Secret> find(std::string, std::string, Waker) override {
    return Operation<store::Secret>::finished(store::Secret{});
  }
};

struct ShortAlerts final : store::AlertStore {
  Operation<All> load(std::int64_t, Waker) override { return Operation<All>::finished(All{}); }
  Operation<Unit> put(Entry, Waker) override { return Operation<Unit>::finished(Unit{}); }
  Operation<Unit> remove(std::string, std::string, Waker) override { return Operation<Unit>::finished(Unit{}); }
  Operation<Unit> keep(Kept, std::int64_t, Waker) override { return Operation<Unit>::finished(Unit{}); }
};

/// Nobody is there to be told anything.
struct NoNetwork final : Http {
  Operation<HttpResponse> send(HttpRequest, Waker) override {
    return Operation<HttpResponse>::finished(fail("http.refused", "there is no network"));
  }
};

struct Held {
  Held() {
    server.addUser("root", true);
    for (const auto role : {auth::Role::administrator, auth::Role::developer}) server.addGrant("root", role, {});
    session = server.enter("root");
    server.server.secrets = &secrets;
    server.server.metrics = &registry;
    server.server.alerts = &alerts;
    WEIR_CHECK(alerts.open({}).has_value());
    server.ask("POST", "/api/v1/flows", flowText("orders"), auth::withSession(session));
  }
  ShortSecrets secrets;
  ShortAlerts kept;
  NoNetwork network;
  metrics::Registry registry;
  auth::FakeServer server;
  alerts::Notifier notifier{network, nullptr, server.clock, registry};
  alerts::AlertBook alerts{registry, notifier, kept, server.clock};
  std::string session;
};

/// The pattern with `name` for each of its parameters.
std::string pathOf(const Route& route, std::string_view name) {
  std::string path;
  for (auto rest = route.pattern; !rest.empty();) {
    const auto open = rest.find('{');
    path += rest.substr(0, open);
    if (open == std::string_view::npos) break;
    path += name;
    rest.remove_prefix(rest.find('}', open) + 1);
  }
  return path;
}

std::string_view lineOf(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

/// The first byte is the route; then a line that names things in the path, one with the query, and the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto routes = serverRoutes().all();
  const auto& route = *routes[data[0] % routes.size()];
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto name = lineOf(text), query = lineOf(text);
  if (name.size() > 200 || name.find_first_of(std::string_view("\0? #", 4)) != std::string_view::npos) return 0;
  Held place;
  auto headers = auth::withSession(place.session);
  if (!route.takes.empty()) headers.push_back({"content-type", "application/json"});
  headers.push_back({"if-match", "*"});
  Request request{std::string(route.method), "/api/v1" + pathOf(route, name.empty() ? "orders" : name),
                  std::string(query), std::move(headers)};
  const auto exchange = place.server.api.begin(std::move(request));
  if (exchange->takesBody()) {
    exchange->body(text);
    exchange->endBody();
  }
  // What waits for something that never comes, such as the hash of a password, is given up.
  for (int steps = 0; steps < 3 && exchange->answer() == nullptr; ++steps) exchange->step();
  const auto* answer = exchange->answer();
  if (answer == nullptr) return 0;
  // 501 and 503: a part that this place is without.
  WEIR_CHECK(answer->status >= 200 && (answer->status < 500 || answer->status == 501 || answer->status == 503));
  if (answer->status >= 400 && !answer->body.empty()) WEIR_CHECK(json::parse(answer->body).has_value());
  return 0;
}
