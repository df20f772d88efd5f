// Shapes of dead letters.
#include <array>

#include "service/resources/openapi/shapes.h"

namespace weir::api {
namespace {

constexpr std::array kShapes = {
    Shape{"LetterReplay", R"({
      "type": "object", "additionalProperties": false,
      "description": "Which dead letters; left out: all.",
      "properties": {
        "codes": {"type": "array", "items": {"type": "string"}}, "nodes": {"type": "array", "items": {"type": "string"}},
        "numbers": {"type": "array", "minItems": 1, "maxItems": 10000, "items": {"type": "integer", "minimum": 1}},
        "edited": {"type": "boolean", "default": false, "description": "Only those that were mended."},
        "version": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "enum": ["draft"]}],
                    "description": "Of the flow; left out: that of the run."}}})"},
    Shape{"DeadLetter", R"({
      "type": "object", "required": ["number", "nodeId", "code", "message", "traceId"],
      "properties": {
        "number": {"type": "integer", "description": "Among those of its run, from 1; it changes when others before it go."},
        "time": {"type": "string"}, "nodeId": {"type": "string"}, "input": {"type": "integer"},
        "code": {"type": "string"}, "message": {"type": "string"}, "traceId": {"type": "string"},
        "recoverable": {"type": "boolean"}, "tries": {"type": "integer"},
        "edited": {"type": "boolean"}, "row": {}}})"},
    Shape{"DeadLetters", R"({
      "type": "object", "required": ["letters"],
      "properties": {
        "letters": {"type": "array", "items": {"$ref": "#/components/schemas/DeadLetter"}},
        "next": {"type": "integer", "description": "What `after` of the next page is; absent at the end."}}})"},
    Shape{"AllDeadLetters", R"({
      "type": "object", "required": ["letters"],
      "properties": {
        "letters": {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/DeadLetter"}, {
          "type": "object", "required": ["run", "flow"],
          "properties": {"run": {"type": "string"}, "flow": {"type": "string"}}}]}},
        "next": {"type": "string", "description": "What `cursor` of the next page is; absent at the end."}}})"},
    Shape{"DeadLetterCounts", R"({
      "type": "object", "required": ["counts"],
      "properties": {
        "counts": {"type": "array", "items": {
          "type": "object", "required": ["flow", "folder", "letters", "edited", "runs"],
          "properties": {
            "flow": {"type": "string"}, "folder": {"type": "string"}, "run": {"type": "string"},
            "nodeId": {"type": "string"}, "code": {"type": "string"},
            "letters": {"type": "integer"}, "edited": {"type": "integer", "description": "Of them, those that were mended."},
            "runs": {"type": "integer", "description": "How many runs have them."},
            "firstAt": {"type": "integer", "description": "Milliseconds since 1970."}, "lastAt": {"type": "integer"}}}}}})"},
    Shape{"DiscardedOfAll", R"({
      "type": "object", "required": ["discarded", "runs", "more"],
      "properties": {
        "discarded": {"type": "integer"}, "runs": {"type": "integer", "description": "Whose letters were looked at."},
        "more": {"type": "boolean", "description": "There are more runs: ask again."}}})"},
    Shape{"EditedLetter", R"({
      "type": "object", "required": ["traceId", "row"],
      "properties": {"traceId": {"type": "string"}, "row": {"type": "object"}}})"},
    Shape{"Discarded", R"({
      "type": "object", "required": ["discarded"], "properties": {"discarded": {"type": "integer"}}})"},
};

}  // namespace

std::span<const Shape> letterShapes() { return kShapes; }

}  // namespace weir::api
