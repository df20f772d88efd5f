// Fields that a flow declares to hold nothing sensitive: who may say so.
#pragma once

#include <string>

#include "service/api/route.h"
#include "service/store/store.h"

namespace weir::api {

/// Whoever lets a document run that declares more fields so than its published version (config.notSensitive) must hold
/// secret.write there. `published`: the number of that version; 0: there is none.
[[nodiscard]] Job<Expected<Unit>> mayDeclareFields(Call& call, std::string flow, std::string folder,
                                                   std::int64_t published, std::string document);

}  // namespace weir::api
