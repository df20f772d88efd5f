// WebhookRoute: one claimed path with what waits in it; and the table that finds it.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/host/ingress.h"
#include "hosts/native/network/address.h"
#include "hosts/native/network/request-head.h"
#include "hosts/native/network/webhook-auth.h"

namespace weir::native {

/// Whose answer is still owed. Used by the network thread only.
struct OwedReply {
  std::int32_t connection = -1;  // -1: answered, or nobody is there any more
  std::uint32_t generation = 0;
  std::int64_t untilMs = 0;
  std::string idempotencyKey;
};

/// A request whose sender gave it a key: its answer is everybody's who sends the key again.
struct KeyedReply {
  bool done = false;
  std::int64_t untilMs = 0;  // forgotten then
  IngressReply reply;
  std::vector<std::pair<std::int32_t, std::uint32_t>> followers;  // connection, generation
};

struct WebhookRoute {
  IngressRoute settings;
  WebhookAuth auth;
  std::vector<std::string> segments;  // of the path; `:name` stands for any
  std::vector<AddressRange> allowed;
  Waker waker;

  // The network thread fills `arriving`, and hands it over at the end of each round.
  IngressBatch arriving;
  std::deque<OwedReply> owed;
  std::int64_t firstOwed = 1;  // the number of owed.front()
  std::int64_t lastNumber = 0;
  std::map<std::string, KeyedReply, std::less<>> keyed;
  std::deque<std::string> keyOrder;

  std::mutex lock;     // for what follows
  IngressBatch inbox;  // arrived, not taken
  std::vector<std::pair<std::int64_t, IngressReply>> replies;
  struct Bound {
    std::int64_t firstSequence, firstNumber, count;
  };
  std::deque<Bound> bound;
  std::set<std::int64_t> open;  // numbers that a row may answer
  std::atomic<std::int64_t> acceptedUpTo{0};
  std::atomic<std::int64_t> waiting{0};  // requests in the inbox
  std::atomic<bool> released{false};
};

/// A request as the node gets it: without what only proves who asks. `path` and `parameters` as `matches` has them.
struct ArrivedRequest {
  const RequestHead& head;
  std::string_view path, query, parameters, body;
  const IpAddress& remote;
  std::int64_t micros = 0;
};
void appendRequest(WebhookRoute& route, const ArrivedRequest& arrived);
/// Whether a header of a reply goes out: it is allowed, never Set-Cookie, and has nothing in it that ends a line.
[[nodiscard]] bool mayReply(const std::vector<std::string>& allowed, std::string_view name, std::string_view value);
/// 0, or the status to refuse a request with before its body is there.
[[nodiscard]] int refusedHead(const WebhookRoute& route, const RequestHead& head, const IpAddress& remote);

/// Whether a decoded part of a path can be the value of a parameter: UTF-8 without NUL and ends of lines.
[[nodiscard]] bool isPathText(std::string_view part);

/// `ingress.path` for what can be no path; `network.policy` for ranges that are none.
[[nodiscard]] Result<std::shared_ptr<WebhookRoute>> makeRoute(IngressRoute settings, std::vector<std::string> secrets,
                                                              Waker waker);
/// Whether the two would answer the same requests.
[[nodiscard]] bool clash(const WebhookRoute& a, const WebhookRoute& b);
/// Whether `path` (without query, still encoded) is the route's; `parameters` gets lines `name: value`.
[[nodiscard]] bool matches(const WebhookRoute& route, std::string_view path, std::string& parameters);

}  // namespace weir::native
