// Shapes of alerts, rules and channels.
#include <array>

#include "service/resources/openapi/shapes.h"

namespace weir::api {
namespace {

constexpr std::array kShapes = {
    Shape{"Alert", R"({
      "type": "object", "required": ["number", "state", "name", "severity", "message", "folder", "flow", "raisedAt"],
      "properties": {
        "number": {"type": "integer"}, "state": {"enum": ["raised", "cleared"]},
        "name": {"type": "string"}, "severity": {"enum": ["info", "warning", "critical"]},
        "message": {"type": "string"}, "value": {"type": "number"},
        "folder": {"type": "string"}, "flow": {"type": "string"},
        "rule": {"type": "string", "description": "Absent for an alert of a flow's own."},
        "key": {"type": "string", "description": "The same each time that the same thing is raised."},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "raisedAt": {"type": "integer", "description": "Milliseconds since 1970."}, "clearedAt": {"type": "integer"},
        "acknowledgedAt": {"type": "integer"}, "acknowledgedBy": {"type": "string"},
        "silencedUntil": {"type": "integer"}}})"},
    Shape{"AlertPage", R"({
      "type": "object", "required": ["alerts"],
      "properties": {
        "alerts": {"type": "array", "items": {"$ref": "#/components/schemas/Alert"}},
        "next": {"type": "integer", "description": "`before` of the next page; absent: there is none."}}})"},
    Shape{"AlertSilence", R"({
      "type": "object", "required": ["forMs"], "additionalProperties": false,
      "properties": {"forMs": {"type": "integer", "minimum": 0, "maximum": 31622400000,
                               "description": "0 ends the silence."}}})"},
    Shape{"AlertRule", R"({
      "type": "object", "required": ["metric"],
      "properties": {
        "id": {"type": "string"}, "name": {"type": "string"},
        "folder": {"type": "string", "description": "Flows of it and below."},
        "metric": {"type": "string", "description": "A gauge as it is, a counter by its growth a second."},
        "of": {"type": "string", "description": "Another counter; what counts is the share of its growth."},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "over": {"type": ["number", "null"]}, "under": {"type": ["number", "null"]},
        "windowMs": {"type": "integer", "minimum": 1000, "maximum": 86400000},
        "forMs": {"type": "integer", "minimum": 0, "maximum": 86400000},
        "severity": {"enum": ["info", "warning", "critical"]}}})"},
    Shape{"AlertRules", R"({
      "type": "object", "required": ["rules"],
      "properties": {"rules": {"type": "array", "items": {"$ref": "#/components/schemas/AlertRule"}},
                     "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
    Shape{"Channel", R"({
      "type": "object", "required": ["kind"],
      "properties": {
        "id": {"type": "string"}, "kind": {"enum": ["mail", "webhook", "slack"]},
        "folder": {"type": "string"}, "severity": {"enum": ["info", "warning", "critical"]},
        "enabled": {"type": "boolean"},
        "server": {"type": "string", "description": "HOST:PORT of an SMTP server."},
        "security": {"enum": ["automatic", "tls", "startTls", "none"]},
        "user": {"type": "string"}, "password": {"type": "string", "description": "${secret:NAME}"},
        "from": {"type": "string"}, "to": {"type": "array", "items": {"type": "string"}},
        "url": {"type": "string"}, "path": {"type": "string", "description": "${secret:NAME}, put behind url."},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}}}})"},
    Shape{"Channels", R"({
      "type": "object", "required": ["channels"],
      "properties": {"channels": {"type": "array", "items": {
        "type": "object", "required": ["channel", "problem"],
        "properties": {"channel": {"$ref": "#/components/schemas/Channel"},
                       "problem": {"type": "string", "description": "Why the last notice failed; empty: it did not."}}}},
        "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
    Shape{"ChannelTest", R"({
      "type": "object", "required": ["sent"],
      "properties": {"sent": {"type": "boolean"}, "code": {"type": "string"}, "message": {"type": "string"}}})"},
};

}  // namespace

std::span<const Shape> alertShapes() { return kShapes; }

}  // namespace weir::api
