// Shapes of executions and runs.
#include <array>

#include "service/resources/openapi/shapes.h"

namespace weir::api {
namespace {

constexpr std::array kShapes = {
    Shape{"Execute", R"({
      "anyOf": [
        {"$ref": "#/components/schemas/FlowDocument"},
        {"type": "object", "required": ["flow"], "additionalProperties": false,
         "properties": {
           "flow": {"$ref": "#/components/schemas/FlowDocument"}, "parameters": {"type": "object"},
           "mode": {"type": "string", "enum": ["async", "sync", "step"]}, "seed": {"type": "integer"},
           "runId": {"type": "string", "maxLength": 100, "pattern": "^[A-Za-z0-9_:-][A-Za-z0-9._:-]*$"},
           "outlets": {"type": "array", "description": "Whose rows are told; without it those of the flow's ends.",
             "items": {"type": "object", "required": ["node", "port"],
                       "properties": {"node": {"type": "string"}, "port": {"type": "string"}}}},
           "files": {"type": "object", "additionalProperties": {"type": "string"},
                     "description": "From path to text: the mount project of this run."},
           "flows": {"type": "object", "additionalProperties": {"type": "object"},
                     "description": "From id to document: what the flow may call."},
           "mounts": {"type": "array", "items": {"type": "string"}},
           "memoryBytes": {"type": "integer", "minimum": 1}, "maxErrors": {"type": "integer", "minimum": 0},
           "traceRows": {"type": "integer", "minimum": 0}, "allFields": {"type": "boolean"}}}]})"},
    Shape{"Events", R"({
      "type": "string",
      "description": "Server-Sent Events, numbered: execution-update, node-output and error; data is {id, timestamp, type, data, metadata}."})"},
    Shape{"Execution", R"({
      "type": "object", "required": ["id", "flow", "status", "startedAt"],
      "properties": {
        "id": {"type": "string"}, "flow": {"type": "string"},
        "status": {"type": "string", "description": "running, done, failed, cancelled, cut and others"},
        "startedAt": {"type": "integer"}, "endedAt": {"type": "integer"},
        "events": {"type": "integer", "description": "How many it has told."}, "result": {"type": "object"}}})"},
    Shape{"Executions", R"({
      "type": "object", "required": ["executions"],
      "properties": {"executions": {"type": "array", "items": {"$ref": "#/components/schemas/Execution"}}}})"},
    Shape{"Runs", R"({
      "type": "object", "required": ["runs"],
      "properties": {"runs": {"type": "array", "items": {"$ref": "#/components/schemas/Execution"}}}})"},
};

}  // namespace

std::span<const Shape> executionShapes() { return kShapes; }

}  // namespace weir::api
