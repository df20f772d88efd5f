// FolderPublishing: checks and claims of flows that are published on a server.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "service/api/publishing.h"
#include "service/api/route.h"
#include "service/folders/folder-book.h"
#include "service/resources/folders/references.h"
#include "service/store/runs.h"

namespace weir::api {

class FolderPublishing final : public Publishing {
 public:
  /// All outlive it; `runs` may be null. While `waits` says so nothing is published: 503 `publish.waits`.
  FolderPublishing(folders::FolderBook& book, const Catalogue& catalogue, store::Runs* runs,
                   std::function<bool()> waits = {})
      : book_(book), catalogue_(catalogue), runs_(runs), waits_(std::move(waits)) {}

  Job<Expected<Unit>> mayUse(Call& call, const std::string& folder, const flow::FlowDocument& document) override;
  Expected<void> open() override;
  Expected<void> has(const std::string& folder, const flow::FlowDocument& document) override;
  std::unique_ptr<Claims> claims() override;
  Job<Expected<Unit>> mustLeaveNoLetters(Call& call, const std::string& flow, const std::string& folder) override;
  Job<Expected<Unit>> mustRest(Call& call, const std::string& flow) override;

 private:
  folders::FolderBook& book_;
  const Catalogue& catalogue_;
  store::Runs* runs_;
  std::function<bool()> waits_;
};

}  // namespace weir::api
