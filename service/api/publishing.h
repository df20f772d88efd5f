// Publishing: what a place asks of a flow before it is published, moved or brought back.
#pragma once

#include <optional>
#include <string>

#include "engine/flow/document.h"
#include "service/api/job.h"
#include "service/api/refusal.h"

namespace weir::api {

struct Call;

/// One thread, that of the Api. A place of one user has none.
class Publishing {
 public:
  virtual ~Publishing() = default;
  /// Whether the caller holds the permission for everything that the document refers to in that folder: secrets,
  /// mounts, subflows, code. 403 `publish.denied`, which says what.
  [[nodiscard]] virtual Expected<void> mayUse(Call& call, const std::string& folder,
                                              const flow::FlowDocument& document) = 0;
  /// What the folder must have for it: its mounts. 422.
  [[nodiscard]] virtual Expected<void> has(const std::string& folder, const flow::FlowDocument& document) = 0;

  /// What a flow had claimed before.
  struct Claims {
    std::string flow, folder;
    std::optional<std::string> body;
  };
  /// The requests that the document answers are the flow's from here on, and those that it answered before are not.
  /// 409 `hook.taken` if another flow has one of them. Gives what was before.
  virtual Job<Expected<Claims>> claim(Call& call, const std::string& flow, const std::string& folder,
                                      const flow::FlowDocument& document) = 0;
  /// The flow answers nothing any more.
  virtual Job<Expected<Claims>> release(Call& call, const std::string& flow) = 0;
  /// After a change that came to nothing.
  virtual Job<Unit> restore(Call& call, Claims before) = 0;
  /// 409 `run.goes_on` while a run of the flow goes on.
  virtual Job<Expected<Unit>> mustRest(Call& call, const std::string& flow) = 0;
};

}  // namespace weir::api
