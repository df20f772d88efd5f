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
                    "description": "Without it the published one."},
        "record": {"type": "object", "additionalProperties": false, "required": ["edge"],
          "description": "The rows of an edge are kept with their times, for who holds data.read.",
          "properties": {
            "edge": {"type": "string", "minLength": 1},
            "bytes": {"type": "integer", "minimum": 1048576, "maximum": 17179869184, "default": 268435456, "description": "The most it takes on the disk; the oldest rows go."},
            "ageMs": {"type": "integer", "minimum": 1000, "description": "How long rows are kept while it runs; as long as there is room unless said."},
            "sensitive": {"type": "boolean", "default": false, "description": "true: fields that are marked sensitive are kept as they are."}}},
        "trace": {"type": "object", "additionalProperties": false, "required": ["rows"],
          "description": "What sampled rows go through is kept.",
          "properties": {
            "rows": {"type": "integer", "minimum": 1, "description": "1 row in so many is traced."},
            "bytes": {"type": "integer", "minimum": 1048576, "maximum": 17179869184, "default": 67108864, "description": "The most it takes on the disk; the oldest steps go."}}}}})"},
    Shape{"Freed", R"({
      "type": "object", "required": ["freedBytes"], "properties": {"freedBytes": {"type": "integer"}}})"},
    Shape{"RunTrace", R"({
      "type": "object", "required": ["run", "every", "steps"],
      "properties": {
        "run": {"type": "string"}, "every": {"type": "integer", "description": "1 row in so many was traced, or fewer where that was too many."},
        "steps": {"type": "array", "items": {"type": "object", "required": ["node", "startNanos", "endNanos"], "properties": {
          "node": {"type": "string"}, "typeId": {"type": "string"},
          "startNanos": {"type": "integer", "description": "Since 1970."}, "endNanos": {"type": "integer"},
          "rows": {"type": "integer", "description": "That the step was given, with those that are not traced."},
          "tries": {"type": "integer"},
          "taken": {"type": "array", "items": {"type": "string"}, "description": "Trace ids of rows that it was given."},
          "given": {"type": "array", "items": {"type": "array"}, "description": "Of rows that it gave on, with the output."},
          "failed": {"type": "array", "items": {"type": "string"}},
          "made": {"type": "array", "items": {"type": "string"}, "description": "Of rows that it made anew of others."},
          "parents": {"type": "array", "items": {"type": "string"}, "description": "The rows that it made them of, or some of those."},
          "parentsBeyond": {"type": "integer", "description": "How many more there were."}}}},
        "next": {"type": "string", "description": "The cursor of the next page."}}})"},
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
        "rowsKept": {"type": "object", "description": "What it was asked to keep of its rows: record, trace."},
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
