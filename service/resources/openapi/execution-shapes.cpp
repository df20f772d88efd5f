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
           "mode": {"type": "string"}, "seed": {"type": "integer"},
           "runId": {"type": "string", "minLength": 1, "maxLength": 100},
           "outlets": {"type": "array", "description": "Whose rows are told; without it those of the flow's ends.",
             "items": {"type": "object", "required": ["node", "port"],
                       "properties": {"node": {"type": "string"}, "port": {"type": "string"}}}},
           "files": {"type": "object", "additionalProperties": {"type": "string"},
                     "description": "From path to text: the mount project of this run."},
           "flows": {}, "mounts": {}, "memoryBytes": {"type": "integer"}, "maxErrors": {"type": "integer"},
           "traceRows": {"type": "integer"}, "allFields": {"type": "boolean"}}}]})"},
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
