// Shapes of runs of kept flows.
#include <array>

#include "service/resources/openapi/shapes.h"

namespace weir::api {
namespace {

constexpr std::array kShapes = {
    Shape{"NewRun", R"({
      "type": "object", "additionalProperties": false,
      "properties": {
        "parameters": {"type": "object"},
        "environment": {"type": "string", "description": "Of the flow's folder: its values for parameters, before those that are given here."},
        "version": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "enum": ["draft"]}],
                    "description": "Without it the published one."}}})"},
    Shape{"Run", R"({
      "type": "object", "required": ["id", "flow"],
      "properties": {
        "id": {"type": "string"}, "flow": {"type": "string"}, "folder": {"type": "string"},
        "version": {"type": "integer", "description": "0: the draft."},
        "state": {"type": "string", "enum": ["starting", "running", "stopping", "done", "failed", "stopped", "held"]},
        "wanted": {"type": "string", "enum": ["running", "stopped"]},
        "why": {"type": "string", "description": "Why the state is not what is wanted."},
        "startedBy": {"type": "string"}, "createdAt": {"type": "integer"}, "startedAt": {"type": "integer"},
        "endedAt": {"type": "integer"}, "environment": {"type": "string"}, "restarts": {"type": "integer"}, "outcome": {"type": "string"},
        "error": {"type": "object", "properties": {"code": {"type": "string"}, "message": {"type": "string"}}},
        "parameters": {"type": "object"}, "result": {"type": "object"}, "metrics": {"type": "object"}}})"},
    Shape{"RunPage", R"({
      "type": "object", "required": ["runs"],
      "properties": {"runs": {"type": "array", "items": {"$ref": "#/components/schemas/Run"}},
                     "next": {"type": "string", "description": "The cursor of the next page."}}})"},
    Shape{"RunLogs", R"({
      "type": "object", "required": ["logs"],
      "properties": {"logs": {"type": "array", "items": {"type": "object", "properties": {
        "at": {"type": "integer"}, "level": {"type": "string"}, "node": {"type": "string"},
        "message": {"type": "string"}}}}}})"},
    Shape{"RunMetrics", R"({
      "type": "object", "required": ["run"],
      "properties": {"run": {"type": "string"}, "metrics": {"type": "object"}}})"},
};

}  // namespace

std::span<const Shape> runShapes() { return kShapes; }

}  // namespace weir::api
