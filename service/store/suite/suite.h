// The suite that every Store is held to: the same calls, the same answers.
#pragma once

#include <string>
#include <vector>

#include "service/api/job.h"
#include "service/store/letter-index.h"
#include "service/store/operations.h"
#include "service/store/quotas.h"
#include "service/store/request-keys.h"
#include "service/store/runs.h"
#include "service/store/schedules.h"
#include "service/store/store.h"

namespace weir::store {

/// What the store did otherwise than it should, as sentences; none: it keeps to the contract. It begins with an empty
/// store, and leaves flows whose ids begin with `suite-`.
[[nodiscard]] api::Job<std::vector<std::string>> checkStore(Store& store, api::Strand& strand);

/// The same of lists that are cut to what a caller may see: for stores of places that have several callers. It leaves
/// flows whose ids begin with `seen-`.
[[nodiscard]] api::Job<std::vector<std::string>> checkVisible(Store& store, api::Strand& strand);

/// Of schedules and the runs that they start, in a place without flows; it begins without schedules, and leaves some
/// whose ids begin with `suite-`.
[[nodiscard]] api::Job<std::vector<std::string>> checkSchedules(Schedules& schedules, Runs& runs, api::Strand& strand);

/// Of pages of schedules and of quotas; it begins without quotas, and leaves flows whose ids begin with `paged-`.
[[nodiscard]] api::Job<std::vector<std::string>> checkLists(Schedules& schedules, Quotas& quotas, Store& store,
                                                            api::Strand& strand);

/// Of quotas of documents and versions; it begins without quotas, and leaves flows whose ids begin with `counted-`.
[[nodiscard]] api::Job<std::vector<std::string>> checkDocumentQuotas(Quotas& quotas, Store& store, api::Strand& strand);

/// Of logs of operations, whose bounds are small, and the flows that they are of; it begins without logs, and leaves
/// the flow `suite-log`.
[[nodiscard]] api::Job<std::vector<std::string>> checkOperations(OperationLog& log, const OperationBounds& bounds,
                                                                 Store& store, api::Strand& strand);

/// Of keys of requests and the changes that take them along; it leaves flows whose ids begin with `keyed-`.
[[nodiscard]] api::Job<std::vector<std::string>> checkRequestKeys(Store& store, RequestKeys& keys, api::Strand& strand);

/// Of the index of dead letters, in a place without runs and letters; it leaves runs whose ids begin with `lettered-`.
[[nodiscard]] api::Job<std::vector<std::string>> checkLetterIndex(LetterIndex& index, Runs& runs, api::Strand& strand);

}  // namespace weir::store
