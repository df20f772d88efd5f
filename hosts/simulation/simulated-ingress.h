// SimulatedIngress: requests from a list, all for the first route that is claimed; what was answered is kept.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/host/ingress.h"

namespace weir::simulation {

struct SimulatedRequest {
  std::string method = "POST", path = "/", query{}, body{}, contentType{};
  std::string parameters{}, headers{};  // lines `name: value`
};

/// When all requests have been taken, no more will come.
class SimulatedIngress final : public Ingress {
 public:
  void put(SimulatedRequest request) { requests_.push_back(std::move(request)); }
  /// Statuses by number of the request; 0: none.
  [[nodiscard]] std::vector<int> statuses() const {
    std::vector<int> all(requests_.size(), 0);
    for (const auto& [number, reply] : replies_) all[static_cast<std::size_t>(number - 1)] = reply.status;
    return all;
  }

  Result<IngressId> claim(IngressRoute /*route*/, Waker /*waker*/) override { return 0; }
  void release(IngressId /*route*/) override {}
  std::string address(IngressId /*route*/) override { return "http://simulated"; }
  void take(IngressId /*route*/, std::int64_t most, IngressBatch& into) override {
    into.clear();
    into.ended = taken_ == requests_.size();
    for (; taken_ < requests_.size() && std::ssize(into.requests) < most; ++taken_) append(requests_[taken_], into);
    into.text.append(64, '\0');
  }
  void accept(IngressId /*route*/, std::int64_t upToNumber) override {
    for (std::int64_t number = 1; number <= upToNumber; ++number)
      replies_.try_emplace(number, IngressReply{202, {}, {}, {}});
  }
  void reply(IngressId /*route*/, std::int64_t number, IngressReply reply) override {
    replies_.try_emplace(number, std::move(reply));
  }
  void bind(IngressId /*route*/, std::int64_t firstSequence, std::int64_t firstNumber, std::int64_t count) override {
    for (std::int64_t i = 0; i < count; ++i) rows_[firstSequence + i] = firstNumber + i;
  }
  bool answerRow(std::string_view /*node*/, std::int64_t sequence, IngressReply reply) override {
    const auto found = rows_.find(sequence);
    return found != rows_.end() && replies_.try_emplace(found->second, std::move(reply)).second;
  }

 private:
  void append(const SimulatedRequest& from, IngressBatch& into) const {
    const auto put = [&](const std::string& piece) {
      const auto at = static_cast<std::uint32_t>(into.text.size());
      into.text.append(piece);
      return IngressPiece{at, static_cast<std::uint32_t>(piece.size())};
    };
    IngressRequest request;
    request.number = static_cast<std::int64_t>(taken_) + 1;
    request.body = put(from.body);
    into.text.push_back('\0');
    request.contentType = put(from.contentType);
    request.method = put(from.method);
    request.path = put(from.path);
    request.query = put(from.query);
    request.remote = put("127.0.0.1");
    request.parameters = put(from.parameters);
    request.headers = put(from.headers);
    into.requests.push_back(request);
  }

  std::vector<SimulatedRequest> requests_;
  std::size_t taken_ = 0;
  std::map<std::int64_t, IngressReply> replies_;
  std::map<std::int64_t, std::int64_t> rows_;
};

}  // namespace weir::simulation
