// Shapes of what a place says of itself, of the catalogue, and of refusals.
#include <array>

#include "service/resources/openapi/shapes.h"

namespace weir::api {
namespace {

constexpr std::array kShapes = {
    Shape{"Problem", R"({
      "type": "object", "description": "Why a request was not done (RFC 9457).",
      "required": ["type", "title", "status", "detail", "code"],
      "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was found, what was expected, what to do."},
        "code": {"type": "string", "description": "Of the list of error codes, such as storage.changed."},
        "problems": {"type": "array", "items": {"$ref": "#/components/schemas/DocumentProblem"}}}})"},
    Shape{"DocumentProblem", R"({
      "type": "object", "description": "One thing that is wrong with a flow document.",
      "required": ["severity", "code", "pointer", "message"],
      "properties": {
        "severity": {"enum": ["error", "warning"]}, "code": {"type": "string"},
        "pointer": {"type": "string", "description": "Where in the document (RFC 6901)."},
        "message": {"type": "string"}, "suggestion": {"type": "string"},
        "line": {"type": "integer"}, "column": {"type": "integer"}}})"},
    Shape{"DiskUse", R"({
      "type": "object", "required": ["name", "what", "bytes", "count"],
      "properties": {
        "name": {"type": "string"}, "what": {"type": "string"}, "bytes": {"type": "integer"}, "count": {"type": "integer"},
        "keepMs": {"type": "integer", "description": "What is older goes; missing: nothing goes for its age."},
        "keepCount": {"type": "integer", "description": "Above so many the oldest go; missing: there is no such bound."},
        "keepBytes": {"type": "integer", "description": "Above so much the oldest go; missing: there is no such bound."}}})"},
    Shape{"Disk", R"({
      "type": "object", "required": ["records", "files", "free", "capacity"],
      "properties": {
        "records": {"type": "array", "items": {"$ref": "#/components/schemas/DiskUse"}},
        "files": {"type": "array", "items": {"$ref": "#/components/schemas/DiskUse"}},
        "free": {"type": "integer", "description": "Bytes that are free on the disk of the data folder."},
        "capacity": {"type": "integer"}}})"},
    Shape{"Health", R"({
      "type": "object", "required": ["status"],
      "properties": {
        "status": {"type": "string", "description": "ok when all is well"},
        "where": {"type": "string"}, "version": {"type": "string"}, "application": {"type": "string"}}})"},
    Shape{"Capabilities", R"({
      "type": "object", "required": ["maxNodes", "supportedNodeTypes", "features", "estimatedLatency", "limits"],
      "properties": {
        "maxNodes": {"type": "integer", "description": "Of one flow."},
        "supportedNodeTypes": {"type": "array", "items": {"type": "string"}},
        "features": {"type": "array", "items": {"type": "string"}},
        "estimatedLatency": {"type": "number", "description": "Milliseconds from a request to the head of its answer, lately."},
        "limits": {"type": "object", "required": ["maxBodyBytes", "executionTimeout", "maxConcurrentExecutions"],
          "properties": {
            "maxBodyBytes": {"type": "integer"},
            "maxApplyBytes": {"type": "integer", "description": "Of the body of POST /apply."},
            "executionTimeout": {"type": ["integer", "null"], "description": "Milliseconds; null: as long as it takes."},
            "maxConcurrentExecutions": {"type": "integer"}, "keptExecutions": {"type": "integer"},
            "executionsOfOne": {"type": "integer", "description": "Of one caller at a time."},
            "memoryBytes": {"type": "integer", "description": "What an execution holds at most, whatever it asks for."},
            "readerTimeout": {"type": "integer", "description": "Milliseconds."}}}}})"},
    Shape{"NodeType", R"({
      "type": "object", "description": "schema.json of a node.",
      "required": ["id", "version", "category", "name", "description", "ports", "settings"],
      "properties": {
        "id": {"type": "string"}, "version": {"type": "string"}, "category": {"type": "string"},
        "name": {"type": "string"}, "description": {"type": "string"},
        "ports": {"type": "object"}, "settings": {"type": "array", "items": {"type": "object"}}}})"},
    Shape{"NodeTypes", R"({
      "type": "object", "required": ["nodes"],
      "properties": {"nodes": {"type": "array", "items": {"$ref": "#/components/schemas/NodeType"}}}})"},
    Shape{"OpenApi",
          R"({"type": "object", "required": ["openapi", "info", "paths"], "description": "This document."})"},
};

}  // namespace

std::span<const Shape> placeShapes() { return kShapes; }

}  // namespace weir::api
