// Route: one row of the table of routes, which is the truth for routing, rights and the description of the API.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>  // unordered: only looked up in
#include <vector>

#include "service/api/elsewhere.h"
#include "service/api/gate.h"
#include "service/api/job.h"
#include "service/api/query.h"
#include "service/api/services.h"

namespace weir::api {

struct Route;

/// One request, as its handler sees it.
struct Call {
  Services& services;
  const Route& route;
  const Request& request;
  std::vector<std::string> parameters;  // of the path, in order, decoded
  Query query;
  std::string body;  // whole
  Strand& strand;
  auth::Principal principal{};         // who asks; where there is no gate, nobody in particular
  std::optional<auth::Place> place{};  // of the thing that the path names, from who has found it

  [[nodiscard]] const std::string* header(std::string_view name) const { return headerOf(request.headers, name); }
  /// `co_await call.of(store.read(id, call.waker()))`
  template <class T>
  [[nodiscard]] auto of(Operation<T> operation) {
    return strand.of(std::move(operation));
  }
  /// What `read(body)` or `read(body, asker)` gives, an Expected; of a large body elsewhere, and the body is gone then:
  /// see aside().
  template <class Read>
  [[nodiscard]] auto ofBody(Read read) {
    const auto readFor = [read](const std::string& text, const Asker& asker) {
      if constexpr (std::is_invocable_v<const Read&, const std::string&, const Asker&>) {
        return read(text, asker);
      } else {
        return read(text);
      }
    };
    using Given = std::invoke_result_t<decltype(readFor)&, const std::string&, const Asker&>;
    if (services.elsewhere == nullptr || body.size() < kLargeBytes) {
      return Aside<Given>(strand, Operation<Given>::finished(readFor(body, Asker())));
    }
    const auto bytes = body.size();
    return aside(bytes, [text = std::move(body), readFor](const Asker& asker) { return readFor(text, asker); });
  }
  /// The same of a text that was read from a store.
  template <class Work>
  [[nodiscard]] auto aside(std::size_t bytes, Work work) {
    return api::aside(services.elsewhere, strand, bytes, principal.user, std::move(work));
  }
  /// The store, for a change that is begun at once: what the audit log says of this call is in its transaction.
  [[nodiscard]] store::Store& changing();
  [[nodiscard]] const Waker& waker() const { return strand.waker(); }

  /// What the caller may do at a place; everything where there is no gate.
  [[nodiscard]] auth::PermissionSet permissionsAt(const auth::Place& at) const;
  /// For routes whose object is `inside`: refuses as the gate does (Gate::mustHave).
  [[nodiscard]] Expected<void> mustHave(auth::Permission permission, const auth::Place& at,
                                        std::string_view what) const;
  /// Whether the caller holds the permission of the route anywhere.
  [[nodiscard]] bool holdsSomewhere() const;
  /// Gate::flowIsNew
  [[nodiscard]] Job<Expected<Unit>> flowIsNew(std::string flow);
  /// Where the caller holds a permission, for queries.
  [[nodiscard]] auth::Reach reachOf(auth::Permission permission) const;
};

using Handler = Job<Response> (*)(Call& call);

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kForm = "application/x-www-form-urlencoded";
inline constexpr std::string_view kEvents = "text/event-stream";

/// What a route is about: where its permission must be held. The gate finds the thing and its folder; who may not
/// even see it is told that it is not there.
enum class Object : std::uint8_t {
  none,    // anybody; with a permission, whoever holds it somewhere
  self,    // what belongs to the caller, who has signed in
  server,  // the server as a whole
  flow,    // {flow}
  run,     // {run}
  folder,  // {folder...}
  inside   // the handler finds the object, in the body or a list, and asks the gate itself
};

struct Route {
  std::string_view method;      // HEAD is answered by GET
  std::string_view pattern;     // behind /api/v1; {name} is one part of the path, {name...} all that is left
  std::string_view operation;   // its id
  std::string_view permission;  // what its caller must hold
  std::string_view summary;
  std::string_view takes;         // the name of the shape of its body; empty: it has none
  std::string_view gives;         // the name of the shape of its answer; empty: it has none
  int status = 200;               // when all is well
  std::string_view type = kJson;  // of the answer
  Handler handler = nullptr;
  std::span<const QueryRule> query{};
  bool atRoot = false;  // also without /api/v1
  Object object = Object::none;
  bool asksPassword = false;  // a session must have given its password within the last ten minutes
  bool ofPerson = false;      // for who has signed in themselves: a token does not reach it
  /// Answers beside `status`, for the description: "201 FlowHead", "204", with | between.
  std::string_view also{};
  /// Headers that it reads, for the description: "if-match", with spaces between.
  std::string_view headers{};
  std::string_view bodyType = kJson;  // of what it takes
  bool wide = false;                  // its body may have Place::mostWideBytes
  bool otherQuery = false;            // what no rule of `query` names is passed over: it is others who write it
};

inline constexpr std::string_view kPrefix = "/api/v1";

struct Match {
  const Route* route = nullptr;
  std::vector<std::string> parameters;
};

/// The routes of one place, from groups that are named one after the other; a group outlives the table.
class RouteTable {
 public:
  RouteTable(std::initializer_list<std::span<const Route>> groups);
  /// All of them, in their order.
  [[nodiscard]] std::span<const Route* const> all() const { return routes_; }
  /// The route of a method and path, or why there is none: 404 `api.not_found`, 405 `api.method` with Allow.
  [[nodiscard]] Expected<Match> match(std::string_view method, std::string_view path) const;
  /// The methods of a path for Allow, such as "GET, HEAD, POST"; empty: there is no such path.
  [[nodiscard]] std::string methodsOf(std::string_view path) const;

 private:
  /// Those whose pattern begins with the same part, in their order.
  [[nodiscard]] std::span<const Route* const> candidates(std::string_view path) const;

  std::vector<const Route*> routes_;
  std::unordered_map<std::string_view, std::vector<const Route*>> byFirstPart_;
};

/// What every place answers: the place, nodes, documents, flows and versions, executions.
[[nodiscard]] std::span<const Route> commonRoutes();

}  // namespace weir::api
