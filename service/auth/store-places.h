// StorePlaces: the folders of flows, from the store, remembered for a while.
#pragma once

#include <map>

#include "service/auth/places.h"

namespace weir::auth {

/// One thread. What a change is about is not remembered from its request on, so that nobody is judged by the folder
/// that a flow has left.
class StorePlaces final : public Places {
 public:
  api::Job<api::Expected<std::optional<Place>>> ofFlow(api::Call& call, std::string flow) override;
  api::Job<api::Expected<std::optional<Place>>> ofRun(api::Call& call, std::string run) override;

 private:
  [[nodiscard]] bool mayRemember(const std::string& flow, std::int64_t nowMs);
  void changing(const std::string& flow, std::int64_t nowMs);

  std::map<std::string, std::string, std::less<>> folders_;
  std::map<std::string, std::int64_t, std::less<>> changing_;  // until when nothing is remembered of it
};

}  // namespace weir::auth
