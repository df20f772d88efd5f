// The groups of routes of a server, one resource a line. The shapes that routes name stand in groups too:
// service/resources/openapi/shape-table.cpp.
#include "service/resources/server-routes.h"

#include "service/resources/alerts/alert-routes.h"
#include "service/resources/apply/apply.h"
#include "service/resources/audit/audit.h"
#include "service/resources/dead-letters/letter-routes.h"
#include "service/resources/disk/disk-routes.h"
#include "service/resources/folders/folder-routes.h"
#include "service/resources/health/health.h"
#include "service/resources/identity/identity.h"
#include "service/resources/keys/keys.h"
#include "service/resources/live/live-routes.h"
#include "service/resources/metrics/metrics-routes.h"
#include "service/resources/openapi/openapi.h"
#include "service/resources/operations/operation-routes.h"
#include "service/resources/previews/previews.h"
#include "service/resources/project/project.h"
#include "service/resources/quotas/quota-routes.h"
#include "service/resources/runs/runs-routes.h"
#include "service/resources/schedules/schedule-routes.h"
#include "service/resources/secrets/secrets.h"

namespace weir::api {

const RouteTable& serverRoutes() {
  static const RouteTable kTable{
      runsRoutes(),       // before the common ones, some of which it replaces
      commonRoutes(),     //
      applyRoutes(),      //
      auditRoutes(),      //
      diskRoutes(),       //
      healthRoutes(),     //
      identityRoutes(),   //
      providerRoutes(),   //
      keyRoutes(),        //
      letterRoutes(),     //
      allLetterRoutes(),  //
      liveRoutes(),       //
      metricsRoutes(),    //
      openApiRoutes(),    //
      operationRoutes(),  //
      projectRoutes(),    //
      secretRoutes(),     //
      scheduleRoutes(),   //
      quotaRoutes(),      //
      alertRoutes(),      //
      folderRoutes(),     //
      previewRoutes(),    //
      testRoutes(),       //
  };
  return kTable;
}

}  // namespace weir::api
