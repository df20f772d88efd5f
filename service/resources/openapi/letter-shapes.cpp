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
    Shape{"EditedLetter", R"({
      "type": "object", "required": ["traceId", "row"],
      "properties": {"traceId": {"type": "string"}, "row": {"type": "object"}}})"},
    Shape{"Discarded", R"({
      "type": "object", "required": ["discarded"], "properties": {"discarded": {"type": "integer"}}})"},
};

}  // namespace

std::span<const Shape> letterShapes() { return kShapes; }

}  // namespace weir::api
