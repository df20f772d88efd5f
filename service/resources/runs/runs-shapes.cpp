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
        "replay": {"type": "object", "description": "The dead letters that it gives again."},
        "figures": {"type": "object", "description": "In a list: what it has told last; absent: nothing yet.",
          "required": ["rowsIn", "rowsOut", "errors", "setAside", "elapsedMicros"], "properties": {
            "rowsIn": {"type": "integer", "description": "That its sources have given."},
            "rowsOut": {"type": "integer", "description": "That its ends have taken."},
            "errors": {"type": "integer"}, "setAside": {"type": "integer", "description": "Rows that are dead letters."},
            "elapsedMicros": {"type": "integer"},
            "progressDone": {"type": "integer"}, "progressTotal": {"type": "integer", "description": "Where its sources know their end."}}},
        "parameters": {"type": "object"}, "result": {"type": "object"}, "metrics": {"type": "object"}}})"},
    Shape{"StopRun", R"({
      "type": "object", "additionalProperties": false,
      "properties": {"at": {"type": "string", "enum": ["end", "checkpoint"], "default": "end"}}})"},
    Shape{"RunVersionChange", R"({
      "type": "object", "additionalProperties": false,
      "properties": {
        "version": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "enum": ["published", "draft"]}]},
        "running": {"type": "string", "enum": ["change", "restart"], "default": "change",
                    "description": "change: what did not change runs on; restart: it ends behind a checkpoint and begins again there."},
        "keepState": {"type": "boolean", "default": false,
                      "description": "Nodes whose settings change go on with the state they had; else such a change is refused."}}})"},
    Shape{"FlowRunsChange", R"({
      "type": "object", "required": ["runs"],
      "properties": {"runs": {"type": "array", "items": {"type": "object", "required": ["run", "changes"], "properties": {
        "run": {"type": "string"}, "changes": {"type": "boolean"},
        "why": {"type": "string", "description": "Why it stays as it is."}}}}}})"},
    Shape{"RunPage", R"({
      "type": "object", "required": ["runs"],
      "properties": {"runs": {"type": "array", "items": {"$ref": "#/components/schemas/Run"}},
                     "next": {"type": "string", "description": "The cursor of the next page."}}})"},
    Shape{"RunLogs", R"({
      "type": "object", "required": ["logs"],
      "properties": {"logs": {"type": "array", "items": {"type": "object", "properties": {
        "at": {"type": "integer"}, "level": {"type": "string"}, "node": {"type": "string"},
        "message": {"type": "string"}}}},
        "next": {"type": "string", "description": "The cursor of the page with the lines before these. One that looks for few lines among many may give none, and where to go on."}}})"},
    Shape{"RunCrashes", R"({
      "type": "object", "required": ["crashes"],
      "properties": {"crashes": {"type": "array", "items": {"type": "object", "properties": {
        "at": {"type": "integer"}, "process": {"type": "integer"}, "signal": {"type": "integer"}, "exitCode": {"type": "integer"},
        "how": {"type": "string"}, "suspect": {"type": "boolean", "description": "A step of the run was under way, or nobody knows."},
        "node": {"type": "string", "description": "Whose step it was."},
        "rows": {"type": "object", "description": "The rows that the step was given: how many, and where the first came from.", "properties": {
          "source": {"type": "integer", "description": "Which node of the plan made it, counted from 1."},
          "partition": {"type": "integer"}, "sequence": {"type": "integer"}, "count": {"type": "integer"}}},
        "stack": {"type": "array", "items": {"type": "integer"}, "description": "Offsets in the program."}}}}}})"},
    Shape{"RunMetrics", R"({
      "type": "object", "required": ["run"],
      "properties": {"run": {"type": "string"}, "metrics": {"type": "object"}}})"},
};

}  // namespace

std::span<const Shape> runShapes() { return kShapes; }

}  // namespace weir::api
