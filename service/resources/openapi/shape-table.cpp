// The groups of shapes, one resource a line.
#include <algorithm>
#include <array>

#include "service/resources/folders/folder-routes.h"
#include "service/resources/keys/keys.h"
#include "service/resources/openapi/shapes.h"
#include "service/resources/operations/operation-routes.h"
#include "service/resources/previews/previews.h"
#include "service/resources/quotas/quota-routes.h"
#include "service/resources/schedules/schedule-routes.h"
#include "service/resources/secrets/secrets.h"

namespace weir::api {

std::span<const std::span<const Shape>> shapeGroups() {
  static const std::array kGroups{
      placeShapes(),   flowShapes(),  executionShapes(), liveShapes(),      letterShapes(), identityShapes(),
      secretShapes(),  alertShapes(), runShapes(),       scheduleShapes(),  quotaShapes(),  folderShapes(),
      previewShapes(), testShapes(),  keyShapes(),       operationShapes(),
  };
  return kGroups;
}

const Shape* shapeOf(std::string_view name) {
  for (const auto& group : shapeGroups()) {
    const auto found = std::ranges::find(group, name, &Shape::name);
    if (found != group.end()) return &*found;
  }
  return nullptr;
}

}  // namespace weir::api
