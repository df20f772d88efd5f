// A stream that ends when its caller may not read it any more.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "service/api/route.h"

namespace weir::api {

/// What must go on to be held while a stream is read.
struct StreamRight {
  auth::Permission permission{};
  std::optional<auth::Place> at{};  // absent: anywhere
};

/// The stream, for as long as the caller holds the right and their session or token lives; then an event `error`
/// (`auth.revoked`) of the execution or run of that id, and its end. Where there is no gate it is `inner` itself.
[[nodiscard]] std::unique_ptr<BodyStream> guardedStream(const Call& call, std::unique_ptr<BodyStream> inner,
                                                        StreamRight right, std::string id);

}  // namespace weir::api
