// Shapes of people, grants, tokens and the audit log. Times are milliseconds since 1970.
#include <array>

#include "service/resources/openapi/shapes.h"

namespace weir::api {
namespace {

constexpr std::array kShapes = {
    Shape{"Setup", R"({"type": "object", "required": ["needed"], "properties": {"needed": {"type": "boolean"}}})"},
    Shape{"NewAccount", R"({
      "type": "object", "required": ["code", "name", "password"], "additionalProperties": false,
      "properties": {"code": {"type": "string", "description": "Of the setup link."}, "name": {"type": "string"},
                     "fullName": {"type": "string"}, "password": {"type": "string", "minLength": 12}}})"},
    Shape{"SignIn", R"({
      "type": "object", "required": ["name", "password"], "additionalProperties": false,
      "properties": {"name": {"type": "string"}, "password": {"type": "string"}}})"},
    Shape{"Password", R"({
      "type": "object", "required": ["password"], "additionalProperties": false,
      "properties": {"password": {"type": "string"}}})"},
    Shape{"PasswordChange", R"({
      "type": "object", "required": ["current", "password"], "additionalProperties": false,
      "properties": {"current": {"type": "string"}, "password": {"type": "string", "minLength": 12}}})"},
    Shape{"SignInWays", R"({
      "type": "object", "required": ["passwords"],
      "properties": {"passwords": {"type": "boolean"},
        "provider": {"type": "string", "description": "What people call it; absent: there is none."}}})"},
    Shape{"ProviderAsk", R"({
      "type": "object", "additionalProperties": false,
      "properties": {"return": {"type": "string", "description": "A path of ours to go on at."}}})"},
    Shape{"ProviderLocation", R"({
      "type": "object", "required": ["location"], "properties": {"location": {"type": "string"}}})"},
    Shape{"LogoutForm", R"({
      "type": "object", "required": ["logout_token"], "properties": {"logout_token": {"type": "string"}}})"},
    Shape{"User", R"({
      "type": "object",
      "required": ["id", "name", "fullName", "disabled", "administersServer", "service", "hasPassword", "createdAt"],
      "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "fullName": {"type": "string"},
        "disabled": {"type": "boolean"}, "administersServer": {"type": "boolean"},
        "service": {"type": "boolean", "description": "A program: it has tokens and no password."},
        "hasPassword": {"type": "boolean"}, "createdAt": {"type": "integer"},
        "providers": {"type": "array", "items": {"type": "string"}}}})"},
    Shape{"Session", R"({
      "type": "object", "required": ["user", "csrf", "createdAt", "expiresAt", "confirmedUntil"],
      "properties": {"user": {"$ref": "#/components/schemas/User"},
        "csrf": {"type": "string", "description": "For X-Weir-Csrf, where a client sends no Origin."},
        "createdAt": {"type": "integer"}, "expiresAt": {"type": "integer"},
        "confirmedUntil": {"type": "integer", "description": "Until then the password is not asked for again."}}})"},
    Shape{"Me", R"({
      "type": "object", "required": ["user", "groups", "grants", "permissions", "places"],
      "properties": {"user": {"$ref": "#/components/schemas/User"}, "groups": {"type": "array", "items": {"type": "object"}},
        "grants": {"type": "array", "items": {"$ref": "#/components/schemas/Grant"}},
        "permissions": {"type": "array", "items": {"type": "string"}, "description": "Those held at the root."},
        "places": {"type": "array", "description": "Where something is granted, and what is held there, and below it, in all.",
          "items": {"type": "object", "required": ["folder", "permissions"], "properties": {
            "folder": {"type": "string"}, "flow": {"type": "string", "description": "Of a grant for one flow."},
            "permissions": {"type": "array", "items": {"type": "string"}}}}}}})"},
    Shape{"Sessions", R"({
      "type": "object", "required": ["sessions"], "properties": {"sessions": {"type": "array", "items": {
        "type": "object", "required": ["id", "current", "createdAt", "seenAt", "address", "client"],
        "properties": {"id": {"type": "string"}, "current": {"type": "boolean"}, "createdAt": {"type": "integer"},
          "seenAt": {"type": "integer"}, "address": {"type": "string"}, "client": {"type": "string"}}}},
        "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
    Shape{"Users", R"({
      "type": "object", "required": ["users"],
      "properties": {"users": {"type": "array", "items": {"$ref": "#/components/schemas/User"}},
                     "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
    Shape{"NewUser", R"({
      "type": "object", "required": ["name"], "additionalProperties": false,
      "properties": {"name": {"type": "string"}, "fullName": {"type": "string"},
        "password": {"type": "string", "minLength": 12}, "administersServer": {"type": "boolean"},
        "service": {"type": "boolean"}}})"},
    Shape{"UserChange", R"({
      "type": "object", "additionalProperties": false,
      "properties": {"fullName": {"type": "string"}, "password": {"type": "string", "minLength": 12},
        "administersServer": {"type": "boolean"}, "disabled": {"type": "boolean"}}})"},
    Shape{"Group", R"({
      "type": "object", "required": ["id", "name", "members", "claim"],
      "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "claim": {"type": "string"},
        "members": {"type": "array", "items": {"type": "string"}, "description": "Ids of users."}}})"},
    Shape{"Groups", R"({
      "type": "object", "required": ["groups"],
      "properties": {"groups": {"type": "array", "items": {"$ref": "#/components/schemas/Group"}},
                     "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
    Shape{"NewGroup", R"({
      "type": "object", "required": ["name"], "additionalProperties": false,
      "properties": {"name": {"type": "string"}, "members": {"type": "array", "items": {"type": "string"}},
        "claim": {"type": "string", "description": "Members come and go with this value of a provider's claim."}}})"},
    Shape{"Roles", R"({
      "type": "object", "required": ["roles"], "properties": {"roles": {"type": "array", "items": {
        "type": "object", "required": ["name", "permissions"],
        "properties": {"name": {"type": "string"}, "permissions": {"type": "array", "items": {"type": "string"}}}}}}})"},
    Shape{"Grant", R"({
      "type": "object", "required": ["id", "name", "role", "folder", "by", "createdAt"],
      "properties": {"id": {"type": "string"}, "user": {"type": "string"}, "group": {"type": "string"},
        "name": {"type": "string"}, "role": {"type": "string"}, "folder": {"type": "string"},
        "flow": {"type": "string"}, "by": {"type": "string"}, "createdAt": {"type": "integer"}}})"},
    Shape{"Grants", R"({
      "type": "object", "required": ["grants"],
      "properties": {"grants": {"type": "array", "items": {"$ref": "#/components/schemas/Grant"}},
                     "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
    Shape{"NewGrant", R"({
      "type": "object", "required": ["role"], "additionalProperties": false,
      "properties": {"user": {"type": "string", "description": "The id of one, or of a group."},
        "group": {"type": "string"}, "role": {"enum": ["viewer", "operator", "editor", "developer", "admin"]},
        "folder": {"type": "string", "description": "And all below it; the root if it is empty. It or 'flow' must be there."},
        "flow": {"type": "string", "description": "Only this flow, wherever it lies; 'folder' is left out, or its own."}}})"},
    Shape{"Token", R"({
      "type": "object", "required": ["id", "user", "name", "permissions", "folders", "createdAt", "expiresAt", "usedAt"],
      "properties": {"id": {"type": "string"}, "user": {"type": "string"}, "name": {"type": "string"},
        "permissions": {"type": "array", "items": {"type": "string"}},
        "folders": {"type": "array", "items": {"type": "string"}}, "createdAt": {"type": "integer"},
        "expiresAt": {"type": "integer"}, "usedAt": {"type": "integer", "description": "Within five minutes; 0: never."}}})"},
    Shape{"Tokens", R"({
      "type": "object", "required": ["tokens"],
      "properties": {"tokens": {"type": "array", "items": {"$ref": "#/components/schemas/Token"}},
                     "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
    Shape{"NewToken", R"({
      "type": "object", "required": ["name", "permissions"], "additionalProperties": false,
      "properties": {"name": {"type": "string"},
        "permissions": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "folders": {"type": "array", "items": {"type": "string"}, "description": "And all below; everywhere if there are none."},
        "days": {"type": "integer", "minimum": 1, "maximum": 366, "default": 90}}})"},
    Shape{"MadeToken", R"({
      "type": "object", "required": ["token", "about"],
      "properties": {"token": {"type": "string", "description": "weir_pat_ID_SECRET; shown only now."},
        "about": {"$ref": "#/components/schemas/Token"}}})"},
    Shape{"AuditEntries", R"({
      "type": "object", "required": ["entries"], "properties": {"entries": {"type": "array", "items": {
        "type": "object",
        "required": ["number", "at", "actor", "credential", "address", "request", "action", "object", "folder", "hash"],
        "properties": {"number": {"type": "integer"}, "at": {"type": "integer"}, "actor": {"type": "string"},
          "credential": {"type": "string"}, "address": {"type": "string"}, "request": {"type": "string"},
          "action": {"type": "string"}, "object": {"type": "string"}, "folder": {"type": "string"},
          "detail": {"type": "object"}, "hash": {"type": "string"}}}}}})"},
};

}  // namespace

std::span<const Shape> identityShapes() { return kShapes; }

}  // namespace weir::api
