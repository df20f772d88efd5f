// FolderPublishing: checks and claims of flows that are published on a server.
#pragma once

#include <string>
#include <vector>

#include "service/api/publishing.h"
#include "service/api/route.h"
#include "service/folders/folder-book.h"
#include "service/resources/folders/references.h"
#include "service/store/runs.h"

namespace weir::api {

class FolderPublishing final : public Publishing {
 public:
  /// All outlive it; `runs` may be null.
  FolderPublishing(folders::FolderBook& book, const Catalogue& catalogue, store::Runs* runs)
      : book_(book), catalogue_(catalogue), runs_(runs) {}

  Expected<void> mayUse(Call& call, const std::string& folder, const flow::FlowDocument& document) override;
  Expected<void> has(const std::string& folder, const flow::FlowDocument& document) override;
  Job<Expected<Claims>> claim(Call& call, const std::string& flow, const std::string& folder,
                              const flow::FlowDocument& document) override;
  Job<Expected<Claims>> release(Call& call, const std::string& flow) override;
  Job<Unit> restore(Call& call, Claims before) override;
  Job<Expected<Unit>> mustRest(Call& call, const std::string& flow) override;

 private:
  [[nodiscard]] Claims claimsOf(const std::string& flow);
  [[nodiscard]] Expected<void> checkClash(Call& call, const std::string& flow, const std::string& folder,
                                          const std::vector<folders::HookClaim>& claims);
  Job<Expected<Unit>> put(Call& call, std::vector<store::FolderChange> changes);

  folders::FolderBook& book_;
  const Catalogue& catalogue_;
  store::Runs* runs_;
};

}  // namespace weir::api
