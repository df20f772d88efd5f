// Publishing: what a place asks of a flow before it is published, moved or brought back.
#pragma once

#include <memory>
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
  /// Whether the caller holds the permission for everything that the document refers to in that folder: secrets, mounts
  /// and code there, and subflows where they lie, which the caller must be able to read. 403 `publish.denied`, which
  /// says what.
  [[nodiscard]] virtual Job<Expected<Unit>> mayUse(Call& call, const std::string& folder,
                                                   const flow::FlowDocument& document) = 0;
  /// Whether anything is published now: 503 `publish.waits` while a backup looks at the server.
  [[nodiscard]] virtual Expected<void> open() = 0;
  /// That, and what the folder must have for it: its mounts. 422.
  [[nodiscard]] virtual Expected<void> has(const std::string& folder, const flow::FlowDocument& document) = 0;

  /// What a change of flows makes of the requests that they answer. Nobody else gets those that it takes until the
  /// change has come to an end; without goWithNext() they are given up with this.
  class Claims {
   public:
    Claims() = default;
    Claims(const Claims&) = delete;
    Claims& operator=(const Claims&) = delete;
    virtual ~Claims() = default;
    /// The requests that the document answers are to be the flow's, and those that it answered before are not. 409
    /// `hook.taken` if another flow has one of them.
    [[nodiscard]] virtual Expected<void> claim(Call& call, const std::string& flow, const std::string& folder,
                                               const flow::FlowDocument& document) = 0;
    /// What the flow answers will be claimed anew: until then it is free for the others of this change.
    virtual void claimsAnew(const std::string& flow) = 0;
    /// The flow is to answer nothing any more.
    virtual void release(Call& call, const std::string& flow) = 0;
    /// The change that the store is asked for next, at once, has all of it in its transaction: both are kept, or
    /// neither.
    virtual void goWithNext() = 0;
  };
  [[nodiscard]] virtual std::unique_ptr<Claims> claims() = 0;
  /// 409 `dead_letters.waiting` while runs of the flow, where it is, have dead letters: they are the folder's, and
  /// could not be replayed into a flow that is elsewhere.
  virtual Job<Expected<Unit>> mustLeaveNoLetters(Call& call, const std::string& flow, const std::string& folder) = 0;
  /// 409 `run.goes_on` while a run of the flow goes on.
  virtual Job<Expected<Unit>> mustRest(Call& call, const std::string& flow) = 0;
};

}  // namespace weir::api
