// HookTurn: one request to a hook.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/serve/hooks/hook-desk.h"
#include "hosts/native/network/request-head.h"
#include "hosts/native/server/http-turn.h"

namespace weir::cli {

class HookTurn final : public native::HttpTurn {
 public:
  HookTurn(HookDesk& desk, native::HttpRequest request, Waker waker);
  ~HookTurn() override;

  bool takesBody() const override { return takesBody_; }
  void body(std::string_view piece) override;
  void endBody() override;
  void step() override {}
  native::HttpAnswer* answer() override { return answered_ ? &answer_ : nullptr; }
  Next next(std::string&) override { return Next::end; }

  // For the desk.
  [[nodiscard]] const native::RequestHead& head() const { return head_; }
  [[nodiscard]] const std::string& bytes() const { return body_; }
  [[nodiscard]] const std::shared_ptr<Hook>& hook() const { return hook_; }
  [[nodiscard]] const native::IpAddress& remote() const { return remote_; }
  [[nodiscard]] std::string_view path() const { return path_; }
  [[nodiscard]] std::string_view query() const { return request_.query; }
  [[nodiscard]] const std::string& parameters() const { return parameters_; }
  /// With what its flow, or its run, answers: it is sent on their account.
  void finish(const IngressReply& reply);
  void refuse(int status, std::string_view why);
  /// Its body goes; gives the bytes that are held for it, which are the caller's to release.
  [[nodiscard]] std::int64_t handOver();

 private:
  void end(const IngressReply& reply);

  HookDesk& desk_;
  native::HttpRequest request_;
  Waker waker_;
  std::string target_, path_, parameters_, body_;
  native::RequestHead head_;  // views of request_ and target_
  native::IpAddress remote_{};
  std::shared_ptr<Hook> hook_;
  bool takesBody_ = false, answered_ = false;
  std::int64_t heldBytes_ = 0;  // at the desk, for the body
  native::HttpAnswer answer_;
};

}  // namespace weir::cli
