// Ingress: requests that others send to this place, handed over in batches and answered in batches.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/error.h"
#include "engine/host/waker.h"

namespace weir {

enum class IngressAuth : std::uint8_t { none, basic, bearer, hmac };
enum class SignaturePreset : std::uint8_t { custom, github, stripe, slack, standardWebhooks };
enum class SignatureHash : std::uint8_t { sha1, sha256, sha512 };
enum class SignatureEncoding : std::uint8_t { hex, base64 };

/// How a sender signs. A preset fills in all but the secrets and the tolerance.
struct IngressSignature {
  SignaturePreset preset = SignaturePreset::custom;
  std::string header;
  SignatureHash hash = SignatureHash::sha256;
  SignatureEncoding encoding = SignatureEncoding::hex;
  std::string prefix;                 // before the signature, such as `sha256=`
  std::string signedText = "{body}";  // of {body}, {timestamp}, {id}
  std::string timestampHeader, idHeader;
  std::int64_t toleranceMs = 300'000;  // how far a timestamp may be from now
};

/// Secrets are texts that may hold ${secret:NAME}; any of several is good, for the time of a rotation.
struct IngressRoute {
  std::string node;                  // id of the node, for answers by row
  std::vector<std::string> methods;  // upper case
  std::string path;                  // `/orders/:id`
  IngressAuth auth = IngressAuth::none;
  std::string user;
  std::vector<std::string> secrets;
  IngressSignature signature{};
  std::vector<std::string> allowedRanges;  // addresses or ranges; empty: anybody
  std::vector<std::string> contentTypes;   // exact, lower case; empty: any
  std::string idempotencyHeader;           // lower case; empty: none
  std::vector<std::string> replyHeaders;   // lower case: what `reply` may set besides content-type
  std::int64_t maxBodyBytes = 1 << 20;
  std::int64_t maxWaiting = 1000;  // requests not taken yet; the next is answered with 429
  std::int64_t replyTimeoutMs = 30'000;
  int acceptedStatus = 202;  // what `accept` answers
  bool wantsHead = true;     // method, path, query, parameters, headers, sender are needed
};

struct IngressPiece {
  std::uint32_t at = 0, bytes = 0;
};

/// Pieces are of the batch's text. Parameters and headers are lines `name: value`, names of headers in lower case;
/// Authorization, Cookie, and whatever else only proves who asks are not among them.
struct IngressRequest {
  std::int64_t number = 0;  // counts up by one from 1, in a route
  std::int64_t arrivedMicros = 0;
  IngressPiece body, contentType, traceparent;
  IngressPiece method, path, query, remote, parameters, headers;  // empty unless wanted
};

struct IngressBatch {
  std::string text;  // behind each body stands a NUL, behind the last 64 of them
  std::vector<IngressRequest> requests;
  bool ended = false;  // no more will ever come

  [[nodiscard]] std::string_view of(IngressPiece piece) const {
    return std::string_view(text).substr(piece.at, piece.bytes);
  }
  void clear() {
    text.clear();
    requests.clear();
    ended = false;
  }
};

struct IngressReply {
  int status = 200;
  std::string contentType;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};  // those that the route does not list are left out
};

using IngressId = std::int32_t;

/// The first answer to a request counts; a request that nobody answers in time gets 504, one whose route is released
/// 503. Error codes: ingress.path (no such path can be), ingress.taken (another node has it), ingress.listen,
/// secret.*, network.policy. Thread-safe.
struct Ingress {
  static constexpr std::string_view kName = "ingress";
  virtual ~Ingress() = default;

  /// From now on requests come; `waker` is woken when there are some and none were before.
  [[nodiscard]] virtual Result<IngressId> claim(IngressRoute route, Waker waker) = 0;
  /// What waits is answered with 503.
  virtual void release(IngressId route) = 0;
  /// Where it listens, such as `http://127.0.0.1:8080/orders/:id`, for the log.
  [[nodiscard]] virtual std::string address(IngressId route) = 0;
  /// All that has arrived since, `most` requests at most, in place of what `into` held.
  virtual void take(IngressId route, std::int64_t most, IngressBatch& into) = 0;
  /// `acceptedStatus` for all taken requests up to this number that have no answer yet.
  virtual void accept(IngressId route, std::int64_t upToNumber) = 0;
  virtual void reply(IngressId route, std::int64_t number, IngressReply reply) = 0;

  /// Rows `firstSequence`, … of the route's node stand for requests `firstNumber`, …: for answerRow.
  virtual void bind(IngressId route, std::int64_t firstSequence, std::int64_t firstNumber, std::int64_t count) = 0;
  /// Answers the request behind a row. False: nobody waits for it (answered already, timed out, unknown).
  [[nodiscard]] virtual bool answerRow(std::string_view node, std::int64_t sequence, IngressReply reply) = 0;
};

}  // namespace weir
