// What belongs to folders beside flows, over HTTP: mounts, environments, network policy; and folders as wholes.
#pragma once

#include <span>
#include <string>

#include "service/api/route.h"
#include "service/folders/folder-book.h"
#include "service/resources/openapi/shapes.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> folderRoutes();
[[nodiscard]] std::span<const Shape> folderShapes();

Job<Response> listMounts(Call& call);
Job<Response> getMount(Call& call);
Job<Response> putMount(Call& call);
Job<Response> deleteMount(Call& call);
Job<Response> testMount(Call& call);
Job<Response> putMountFile(Call& call);

Job<Response> listEnvironments(Call& call);
Job<Response> getEnvironment(Call& call);
Job<Response> putEnvironment(Call& call);
Job<Response> deleteEnvironment(Call& call);

Job<Response> getNetwork(Call& call);
Job<Response> putNetwork(Call& call);

Job<Response> getFolder(Call& call);
Job<Response> binFolder(Call& call);
Job<Response> restoreFolder(Call& call);

/// The book; 503 where the server keeps nothing.
[[nodiscard]] Expected<folders::FolderBook*> bookOf(const Services& services);
[[nodiscard]] Expected<folders::FolderBook*> bookOf(const Call& call);
/// ?folder= of a request.
[[nodiscard]] Expected<std::string> folderAsked(const Call& call);
/// The name in the path, which can be one of a setting.
[[nodiscard]] Expected<std::string> settingNamed(const Call& call, std::string_view what);
[[nodiscard]] Refusal noSetting(std::string_view what, std::string_view name, std::string_view folder);

/// Where a setting stands in a list of them: by folder, then by name.
[[nodiscard]] inline std::string placeInList(const store::FolderRecord& record) {
  return record.folder + '\n' + record.name;
}

/// What a run in a folder is started with: the values of the environment for those parameters that the document has,
/// and what the request says, which goes before. 422 `run.environment` for one that the folder does not have.
[[nodiscard]] Expected<std::string> parametersIn(const Services& services, const std::string& folder,
                                                 const std::string& environment, const std::string& document,
                                                 const std::string& parameters);

}  // namespace weir::api
