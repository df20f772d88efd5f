// The handlers of the routes, by what they are about.
#pragma once

#include <string>

#include "service/api/route.h"

namespace weir::api {

// The place and its nodes.
Job<Response> getHealth(Call& call);
Job<Response> getCapabilities(Call& call);
Job<Response> listNodes(Call& call);
Job<Response> getNode(Call& call);

// Documents that are not kept.
Job<Response> validateFlow(Call& call);
Job<Response> formatFlow(Call& call);
Job<Response> diffFlows(Call& call);
Job<Response> mergeFlows(Call& call);

// Formulas.
Job<Response> checkFormula(Call& call);
Job<Response> listFormulaFunctions(Call& call);

// Executions.
Job<Response> execute(Call& call);
Job<Response> listExecutions(Call& call);
Job<Response> listRuns(Call& call);
Job<Response> getExecution(Call& call);
Job<Response> readExecution(Call& call);
Job<Response> cancelExecution(Call& call);

// Flows that are kept, and their versions.
Job<Response> createFlow(Call& call);
Job<Response> listFlows(Call& call);
Job<Response> getFlow(Call& call);
Job<Response> replaceFlow(Call& call);
Job<Response> moveFlow(Call& call);
Job<Response> binFlow(Call& call);
Job<Response> restoreFlow(Call& call);
Job<Response> appendVersion(Call& call);
Job<Response> listVersions(Call& call);
Job<Response> getVersion(Call& call);
Job<Response> diffVersions(Call& call);
Job<Response> restoreVersion(Call& call);

[[nodiscard]] inline Response jsonAnswer(std::string body, int status = 200) {
  Response response{.status = status, .headers = {}, .body = std::move(body), .stream = nullptr};
  response.with("content-type", std::string(kJson)).with("cache-control", "no-store");
  return response;
}

}  // namespace weir::api
