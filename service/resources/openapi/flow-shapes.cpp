// Shapes of flows and their versions.
#include <array>

#include "service/resources/openapi/shapes.h"

namespace weir::api {
namespace {

constexpr std::array kShapes = {
    Shape{"FlowDocument", R"({
      "type": "object", "description": "A flow: nodes with settings, and the edges between them.",
      "required": ["id", "version", "nodes", "edges"],
      "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Letters, digits, - _ . only"},
        "version": {"type": "string", "description": "Of the form of documents, such as 1.0.0."},
        "metadata": {"type": "object", "properties": {
          "version": {"type": "string", "description": "The flow's own."}, "author": {"type": "string"},
          "description": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}}},
        "config": {"type": "object"},
        "parameters": {"type": "array", "items": {"type": "object"}},
        "nodes": {"type": "array", "items": {"type": "object", "required": ["id", "typeId", "version"],
          "properties": {"id": {"type": "string"}, "typeId": {"type": "string"}, "version": {"type": "string"},
                         "settings": {"type": "object"}}}},
        "edges": {"type": "array", "items": {"type": "object", "required": ["id", "source", "target"],
          "properties": {"id": {"type": "string"},
            "source": {"type": "object", "properties": {"node": {"type": "string"}, "port": {"type": "string"}}},
            "target": {"type": "object", "properties": {"node": {"type": "string"}, "port": {"type": "string"}}}}}}}})"},
    Shape{"FlowHead", R"({
      "type": "object", "description": "What is known of a flow without its document. Times are milliseconds since 1970.",
      "required": ["id", "folder", "name", "description", "tags", "revision", "createdAt", "changedAt", "bytes", "latestVersion",
                   "publishedVersion"],
      "properties": {
        "id": {"type": "string"}, "folder": {"type": "string", "description": "Such as team/reports; empty: the root."},
        "name": {"type": "string"}, "description": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "revision": {"type": "integer", "description": "Another one after each change; the ETag names it."},
        "createdAt": {"type": "integer"}, "changedAt": {"type": "integer"},
        "binnedAt": {"type": "integer", "description": "It is in the bin since then."}, "bytes": {"type": "integer"},
        "latestVersion": {"type": "integer", "description": "0: none"},
        "publishedVersion": {"type": "integer", "description": "0: none"}}})"},
    Shape{"Flow", R"({
      "allOf": [{"$ref": "#/components/schemas/FlowHead"}], "required": ["document"],
      "properties": {"document": {"$ref": "#/components/schemas/FlowDocument"}}})"},
    Shape{"FlowPage", R"({
      "type": "object", "required": ["flows"],
      "properties": {"flows": {"type": "array", "items": {"$ref": "#/components/schemas/FlowHead"}},
                     "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
    Shape{"Validation", R"({
      "type": "object", "required": ["valid", "problems"],
      "properties": {
        "valid": {"type": "boolean"},
        "problems": {"type": "array", "items": {"$ref": "#/components/schemas/DocumentProblem"}},
        "deterministic": {"type": "boolean"},
        "whyNotDeterministic": {"type": "array", "items": {"type": "string"}},
        "elsewhere": {"type": "array", "description": "Nodes that this place cannot run.", "items": {"type": "object",
          "properties": {"node": {"type": "string"}, "typeId": {"type": "string"},
                         "hosts": {"type": "array", "items": {"type": "string"}}}}}}})"},
    Shape{"DocumentOrText", R"({"anyOf": [{"$ref": "#/components/schemas/FlowDocument"}, {"type": "string"}]})"},
    Shape{"FlowPair", R"({
      "type": "object", "required": ["before", "after"], "additionalProperties": false,
      "properties": {
        "before": {"$ref": "#/components/schemas/DocumentOrText"}, "after": {"$ref": "#/components/schemas/DocumentOrText"},
        "all": {"type": "boolean", "description": "Positions and the order of lists too."},
        "format": {"enum": ["text", "markdown"], "description": "Adds the difference in words."}}})"},
    Shape{"FlowDiff", R"({
      "type": "object", "required": ["same", "summary", "parts"],
      "properties": {
        "flow": {"type": "string"}, "same": {"type": "boolean"}, "summary": {"type": "string"},
        "text": {"type": "string", "description": "If a format was asked for."},
        "parts": {"type": "array", "items": {"type": "object", "required": ["part", "change", "differences"],
          "properties": {"part": {"type": "string"}, "change": {"enum": ["added", "removed", "changed"]},
            "id": {"type": "string"}, "formerId": {"type": "string"}, "about": {"type": "string"},
            "pointer": {"type": "string"}, "differences": {"type": "array", "items": {"type": "object"}}}}}}})"},
    Shape{"Formula", R"({
      "type": "object", "required": ["text"], "additionalProperties": false,
      "properties": {
        "text": {"type": "string", "description": "CEL, such as row.price * 2.0"},
        "fields": {"type": ["array", "null"], "description": "Of the rows; without them a row may have any.", "items": {
          "type": "object", "required": ["name", "type"],
          "properties": {"name": {"type": "string"}, "type": {"type": "string", "description": "int, list<string> …"}}}},
        "expects": {"type": "string", "description": "The type that the result must have."},
        "params": {"type": "object", "description": "Values of the flow's parameters."},
        "rows": {"type": ["array", "null"], "maxItems": 10000, "items": {"type": "object"}}}})"},
    Shape{"FormulaCheck", R"({
      "type": "object", "required": ["type", "problems"],
      "properties": {
        "type": {"type": "string", "description": "Empty if there are problems."},
        "problems": {"type": "array", "items": {"type": "object", "required": ["code", "message", "offset", "length"],
          "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "suggestion": {"type": "string"},
                         "offset": {"type": "integer", "description": "Bytes of UTF-8."}, "length": {"type": "integer"}}}},
        "results": {"type": "array", "description": "Of each row, if the formula has no problems.", "items": {
          "type": "object", "properties": {"value": {}, "error": {"type": "string"}}}}}})"},
    Shape{"FormulaFunctions", R"({
      "type": "object", "required": ["functions"],
      "properties": {"functions": {"type": "array", "items": {"type": "object", "required": ["name", "signature"],
        "properties": {"name": {"type": "string"},
          "signature": {"type": "string", "description": "(int, int): int, or string.(int): string of a member."}}}}}})"},
    Shape{"FlowVersions", R"({
      "type": "object", "required": ["ours", "theirs"], "additionalProperties": false,
      "properties": {
        "base": {"anyOf": [{"$ref": "#/components/schemas/DocumentOrText"}, {"type": "null"}]},
        "ours": {"$ref": "#/components/schemas/DocumentOrText"},
        "theirs": {"$ref": "#/components/schemas/DocumentOrText"}}})"},
    Shape{"FlowMerge", R"({
      "type": "object", "required": ["text", "conflicts"],
      "properties": {
        "text": {"type": "string", "description": "The merged document; where the two conflict, what ours says."},
        "theirs": {"type": "string"}, "conflicts": {"type": "array", "items": {"type": "object"}},
        "notes": {"type": "array", "items": {"type": "string"}}}})"},
    Shape{"Move", R"({
      "type": "object", "required": ["folder"], "additionalProperties": false,
      "properties": {"folder": {"type": "string", "description": "Such as team/reports; empty: the root."}}})"},
    Shape{"NewVersion", R"({
      "type": "object", "additionalProperties": false,
      "properties": {
        "label": {"type": "string", "maxLength": 200, "description": "The flow's own version unless said."}, "message": {"type": "string"},
        "publish": {"type": "boolean", "description": "What is published must be able to run."}}})"},
    Shape{"VersionHead", R"({
      "type": "object", "required": ["number", "label", "message", "published", "createdAt", "bytes"],
      "properties": {
        "number": {"type": "integer", "minimum": 1}, "label": {"type": "string"}, "message": {"type": "string"},
        "published": {"type": "boolean"}, "createdAt": {"type": "integer"}, "bytes": {"type": "integer"}}})"},
    Shape{"Version", R"({
      "allOf": [{"$ref": "#/components/schemas/VersionHead"}], "required": ["document"],
      "properties": {"document": {"$ref": "#/components/schemas/FlowDocument"}}})"},
    Shape{"VersionPage", R"({
      "type": "object", "required": ["versions"],
      "properties": {
        "versions": {"type": "array", "items": {"$ref": "#/components/schemas/VersionHead"}},
        "next": {"type": "integer", "description": "`before` of the page behind; missing: there is none."}}})"},
    Shape{"Apply", R"({
      "type": "object", "additionalProperties": false, "description": "Flows that are to be so, all of them or none.",
      "properties": {
        "folder": {"type": "string", "description": "Of flows that do not say theirs; the root unless said."},
        "publish": {"type": "boolean", "description": "true unless said: what is published must be able to run."},
        "message": {"type": "string", "description": "What is said of the versions."},
        "flows": {"type": "array", "maxItems": 1000, "items": {
          "type": "object", "required": ["document"], "additionalProperties": false,
          "properties": {"document": {"$ref": "#/components/schemas/DocumentOrText"}, "folder": {"type": "string"},
                         "ifMatch": {"$ref": "#/components/schemas/Belief"}}}},
        "remove": {"type": "array", "items": {
          "type": "object", "required": ["id"], "additionalProperties": false,
          "properties": {"id": {"type": "string", "minLength": 1}, "ifMatch": {"$ref": "#/components/schemas/Belief"}}}}}})"},
    Shape{"Belief", R"({
      "type": ["string", "null"],
      "description": "The ETag of the state that is changed, with its quotes; null: there is none yet; missing or *: any."})"},
    Shape{"Applied", R"({
      "type": "object", "required": ["flows"],
      "properties": {"flows": {"type": "array", "items": {
        "type": "object", "required": ["id", "change", "folder", "revision", "version"],
        "properties": {
          "id": {"type": "string"}, "folder": {"type": "string"}, "revision": {"type": "integer"},
          "change": {"enum": ["created", "restored", "changed", "moved", "published", "unchanged", "removed"]},
          "version": {"type": "integer", "description": "That is published; 0: none."}}}}}})"},
    Shape{"FlowFile", R"({
      "type": "object", "required": ["path", "conflicts", "problem"],
      "properties": {
        "path": {"type": "string", "description": "Below the folder of the project; empty: the flow has no file yet."},
        "conflicts": {"type": "array", "items": {"type": "string"},
          "description": "What was changed in the file and in the draft, which says what it said: Save asks. Also that the flow was moved or is in the bin: Save moves or removes the file."},
        "problem": {"type": "string", "description": "Why the file cannot be read as it is now."}}})"},
    Shape{"Saved", R"({
      "type": "object", "required": ["path", "changed"],
      "properties": {"path": {"type": "string", "description": "Below the project's folder."},
                     "changed": {"type": "boolean", "description": "The file was another before."}}})"},
};

}  // namespace

std::span<const Shape> flowShapes() { return kShapes; }

}  // namespace weir::api
