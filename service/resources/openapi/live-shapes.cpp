// Shapes of streams, newest rows and the debugger.
#include <array>

#include "service/resources/openapi/shapes.h"

namespace weir::api {
namespace {

constexpr std::array kShapes = {
    Shape{"LiveEvents", R"({
      "type": "string",
      "description": "Server-Sent Events: metrics, event, node-execution-error, log, progress, rows, tapped, alert, missed, ended, closed; data is a control frame {v, type, subscription, sequence, rowsShed?, data}; the id is how far it was in each subscription."})"},
    Shape{"JsonPatch", R"({
      "type": "array",
      "items": {
        "type": "object", "required": ["op", "path"],
        "properties": {
          "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
          "path": {"type": "string"}, "from": {"type": "string"}, "value": {}}}})"},
    Shape{"Preview", R"({
      "type": "object", "required": ["edge", "rows", "rowsShed"],
      "properties": {
        "edge": {"type": "string"}, "rows": {"type": "array", "items": {"type": "object"}},
        "rowsShed": {"type": "integer", "description": "Rows that passed meanwhile and are not there."},
        "failed": {"type": "integer", "description": "Rows for which the condition could not be computed."},
        "problem": {"type": "string", "description": "The first reason for that."},
        "outcome": {"type": "string", "description": "How the run has ended, if it has."}}})"},
    Shape{"Breakpoints", R"({
      "type": "object", "required": ["breakpoints"],
      "properties": {"breakpoints": {"type": "array", "items": {"type": "object"}}}})"},
    Shape{"NewBreakpoint", R"({
      "type": "object",
      "description": "At a node or at an edge.",
      "properties": {
        "node": {"type": "string"}, "edge": {"type": "string"},
        "where": {"type": "string", "description": "A condition (CEL) over the rows."},
        "after": {"type": "integer", "minimum": 1, "description": "Holds from the n-th match on."},
        "log": {"type": "string", "description": "Says this instead of holding, such as \"{row.id} came\"."}}})"},
    Shape{"BreakpointNumber", R"({
      "type": "object", "required": ["breakpoint"], "properties": {"breakpoint": {"type": "integer"}}})"},
    Shape{"HeldRows", R"({
      "type": "object", "required": ["held"],
      "properties": {"held": {"type": "array", "items": {"type": "object"}}}})"},
    Shape{"HeldAction", R"({
      "type": "object", "required": ["action"],
      "properties": {"action": {"enum": ["continue", "step", "next", "drop"]}}})"},
    Shape{"HeldFields", R"({
      "type": "object", "required": ["fields"], "properties": {"fields": {"type": "object"}}})"},
};

}  // namespace

std::span<const Shape> liveShapes() { return kShapes; }

}  // namespace weir::api
