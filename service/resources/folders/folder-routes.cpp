// The table of what belongs to folders, and its shapes.
#include "service/resources/folders/folder-routes.h"

#include <array>

#include "service/resources/paging.h"

namespace weir::api {
namespace {

constexpr QueryRule kFolder{.name = "folder", .help = "Whose it is, such as team/reports; left out: the root"};
constexpr QueryRule kOne[] = {kFolder};
constexpr QueryRule kBelow[] = {
    {.name = "folder", .help = "Only those of this folder and below"}, kLimitRule, kCursorRule};

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/mounts",
          .operation = "listMounts",
          .permission = "mount.use",
          .summary = "Folders of the machine that flows may use, where the caller may publish such flows.",
          .takes = "",
          .gives = "Mounts",
          .handler = listMounts,
          .query = kBelow,
          .object = Object::inside},
    Route{.method = "GET",
          .pattern = "/mounts/{name}",
          .operation = "getMount",
          .permission = "mount.use",
          .summary = "One mount of a folder; its directory is told to who administers the server.",
          .takes = "",
          .gives = "Mount",
          .handler = getMount,
          .query = kOne,
          .object = Object::inside,
          .also = "422"},
    Route{.method = "PUT",
          .pattern = "/mounts/{name}",
          .operation = "putMount",
          .permission = "server.admin",
          .summary = "Gives a folder, and those below it, a directory of the machine by name, to read or to write.",
          .takes = "MountChange",
          .gives = "Mount",
          .handler = putMount,
          .query = kOne,
          .object = Object::server,
          .asksPassword = true,
          .also = "201 Mount"},
    Route{.method = "DELETE",
          .pattern = "/mounts/{name}",
          .operation = "deleteMount",
          .permission = "server.admin",
          .summary = "Takes a mount away; runs that go on keep it until they start again.",
          .takes = "",
          .gives = "",
          .status = 204,
          .handler = deleteMount,
          .query = kOne,
          .object = Object::server,
          .asksPassword = true,
          .also = "422"},
    Route{.method = "POST",
          .pattern = "/mounts/{name}/test",
          .operation = "testMount",
          .permission = "server.admin",
          .summary = "Looks at a mount as the server's own user: whether it can be read, written, and used at all.",
          .takes = "",
          .gives = "MountTest",
          .handler = testMount,
          .query = kOne,
          .object = Object::server,
          .also = "422"},
    Route{.method = "GET",
          .pattern = "/environments",
          .operation = "listEnvironments",
          .permission = "flow.read",
          .summary = "Values for parameters of flows, by the name of a purpose such as test or production.",
          .takes = "",
          .gives = "Environments",
          .handler = listEnvironments,
          .query = kBelow,
          .object = Object::inside},
    Route{.method = "GET",
          .pattern = "/environments/{name}",
          .operation = "getEnvironment",
          .permission = "flow.read",
          .summary = "One environment of a folder.",
          .takes = "",
          .gives = "Environment",
          .handler = getEnvironment,
          .query = kOne,
          .object = Object::inside,
          .also = "422"},
    Route{.method = "PUT",
          .pattern = "/environments/{name}",
          .operation = "putEnvironment",
          .permission = "flow.publish",
          .summary = "Makes or replaces an environment; runs that are started from then on have its values.",
          .takes = "EnvironmentChange",
          .gives = "Environment",
          .handler = putEnvironment,
          .query = kOne,
          .object = Object::inside,
          .also = "201 Environment"},
    Route{.method = "DELETE",
          .pattern = "/environments/{name}",
          .operation = "deleteEnvironment",
          .permission = "flow.publish",
          .summary = "Deletes an environment; runs that name it are refused from then on.",
          .takes = "",
          .gives = "",
          .status = 204,
          .handler = deleteEnvironment,
          .query = kOne,
          .object = Object::inside,
          .also = "422"},
    Route{.method = "GET",
          .pattern = "/network",
          .operation = "getNetwork",
          .permission = "flow.read",
          .summary = "What flows of a folder may connect to beside public addresses, and the ports where they listen.",
          .takes = "",
          .gives = "Network",
          .handler = getNetwork,
          .query = kOne,
          .object = Object::inside},
    Route{.method = "PUT",
          .pattern = "/network",
          .operation = "putNetwork",
          .permission = "server.admin",
          .summary = "Says what flows of a folder, and of those below it, may connect to, for runs from then on.",
          .takes = "NetworkChange",
          .gives = "Network",
          .handler = putNetwork,
          .query = kOne,
          .object = Object::server,
          .asksPassword = true},
    Route{.method = "GET",
          .pattern = "/folders/{folder...}",
          .operation = "getFolder",
          .permission = "flow.read",
          .summary = "What is in a folder and below: its flows, mounts, environments, policy and claimed paths.",
          .takes = "",
          .gives = "FolderContents",
          .handler = getFolder,
          .object = Object::folder},
    Route{.method = "DELETE",
          .pattern = "/folders/{folder...}",
          .operation = "binFolder",
          .permission = "folder.grant",
          .summary =
              "Puts a folder with all that is in it into the bin as one, and lists that; refused while a run goes on "
              "in it. Its secrets, grants and files stay.",
          .takes = "",
          .gives = "FolderContents",
          .handler = binFolder,
          .object = Object::folder,
          .also = "422|501"},
    Route{.method = "POST",
          .pattern = "/folders/{folder...}",
          .operation = "restoreFolder",
          .permission = "folder.grant",
          .summary = "Takes a folder out of the bin as one.",
          .takes = "",
          .gives = "FolderContents",
          .handler = restoreFolder,
          .object = Object::folder,
          .also = "422|501"},
};

constexpr Shape kShapes[] = {
    Shape{"Mount", R"({
      "type": "object", "required": ["folder", "name", "writes"],
      "properties": {
        "folder": {"type": "string"}, "name": {"type": "string"},
        "directory": {"type": "string", "description": "Only for who administers the server."},
        "writes": {"type": "boolean"}, "changedAt": {"type": "integer"}, "changedBy": {"type": "string"}}})"},
    Shape{"MountChange", R"({
      "type": "object", "additionalProperties": false, "required": ["directory"],
      "properties": {
        "directory": {"type": "string", "minLength": 1, "maxLength": 4096, "description": "The whole path of a folder of the server's machine."},
        "writes": {"type": "boolean", "description": "Flows may write there; else they only read."}}})"},
    Shape{"Mounts", R"({
      "type": "object", "required": ["mounts"],
      "properties": {"mounts": {"type": "array", "items": {"$ref": "#/components/schemas/Mount"}},
                     "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
    Shape{"MountTest", R"({
      "type": "object", "required": ["usable", "reads", "writes"],
      "properties": {
        "usable": {"type": "boolean"}, "reads": {"type": "boolean"}, "writes": {"type": "boolean"},
        "entries": {"type": "integer", "description": "Up to a thousand are counted."},
        "problem": {"type": "string"}, "code": {"type": "string"}}})"},
    Shape{"Environment", R"({
      "type": "object", "required": ["folder", "name", "parameters"],
      "properties": {
        "folder": {"type": "string"}, "name": {"type": "string"}, "description": {"type": "string"},
        "parameters": {"type": "object"}, "changedAt": {"type": "integer"}, "changedBy": {"type": "string"}}})"},
    Shape{"EnvironmentChange", R"({
      "type": "object", "additionalProperties": false, "required": ["parameters"],
      "properties": {
        "description": {"type": "string", "maxLength": 1000},
        "parameters": {"type": "object", "maxProperties": 500,
                       "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}}})"},
    Shape{"Environments", R"({
      "type": "object", "required": ["environments"],
      "properties": {"environments": {"type": "array", "items": {"$ref": "#/components/schemas/Environment"}},
                     "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
    Shape{"FolderContents", R"({
      "type": "object", "required": ["folder", "flows", "settings"],
      "properties": {
        "folder": {"type": "string"},
        "flows": {"type": "array", "items": {"type": "object", "required": ["id", "name", "folder"],
          "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "folder": {"type": "string"}}}},
        "settings": {"type": "array", "items": {"type": "object", "required": ["kind", "name", "folder"],
          "properties": {"kind": {"type": "string"}, "name": {"type": "string"}, "folder": {"type": "string"}}}}}})"},
    Shape{"Network", R"({
      "type": "object", "required": ["folder", "allow", "listen"],
      "properties": {
        "folder": {"type": "string"},
        "allow": {"type": "array", "items": {"type": "string"}, "description": "host:port, or a range such as 10.1.0.0/16."},
        "listen": {"type": "array", "items": {"type": "string"}, "description": "Ports: 9000, or 9000-9010."},
        "from": {"type": "string", "description": "The folder whose policy it is."}}})"},
    Shape{"NetworkChange", R"({
      "type": "object", "additionalProperties": false,
      "properties": {
        "allow": {"type": "array", "maxItems": 200, "items": {"type": "string", "minLength": 1}},
        "listen": {"type": "array", "maxItems": 200, "items": {"type": "string", "minLength": 1}}}})"},
};

}  // namespace

std::span<const Route> folderRoutes() { return kRoutes; }
std::span<const Shape> folderShapes() { return kShapes; }

}  // namespace weir::api
