// What users, groups, grants and tokens look like in answers, and the rules for names and passwords.
#pragma once

#include <string>
#include <string_view>

#include "engine/json/writer.h"
#include "service/api/refusal.h"
#include "service/auth/directory.h"

namespace weir::api {

void writeUser(json::Writer& out, const auth::User& user);
void writeGroup(json::Writer& out, const auth::Group& group);
void writeGrant(json::Writer& out, const auth::KeptGrant& kept, const auth::Directory& directory);
void writeToken(json::Writer& out, const auth::Token& token);

/// `auth.name`: 1 to 100 letters, digits, . - _ @ of ASCII.
[[nodiscard]] Expected<void> checkName(std::string_view name);
/// `auth.password`: 12 to 1000 bytes, not the name, not one that everybody takes.
[[nodiscard]] Expected<void> checkPassword(std::string_view password, std::string_view name);

/// `{"name": …}` for the audit log.
[[nodiscard]] std::string named(std::string_view name);
/// As writeUser writes it.
[[nodiscard]] std::string userText(const auth::User& user);

}  // namespace weir::api
