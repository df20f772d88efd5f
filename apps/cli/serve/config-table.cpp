// The settings, and the pages that are written from them.
#include "apps/cli/serve/config-table.h"

#include <array>

namespace weir::cli {
namespace {

using Kind = Setting::Kind;

constexpr std::array kSettings = {
    Setting{.group = "Start",
            .name = "data",
            .value = "DIR",
            .otherwise = "~/.local/share/weir",
            .help = "The data folder: the database, objects, and what runs keep; one server at a time has it",
            .kind = Kind::path},
    Setting{.group = "Start",
            .name = "project",
            .value = "DIR",
            .otherwise = "",
            .help = "Edit the *.flow.json files of a folder themselves: drafts are in DIR/.weir, Save writes the file",
            .kind = Kind::path},
    Setting{.group = "Start",
            .name = "stateless",
            .value = "",
            .otherwise = "false",
            .help = "Only execute flows that are sent (/execute, /health, /capabilities); no accounts, nothing on disk",
            .kind = Kind::flag},
    Setting{.group = "Start",
            .name = "token",
            .value = "TOKEN",
            .otherwise = "",
            .help = "With --stateless: what callers send as 'Authorization: Bearer TOKEN'; needed beyond this machine",
            .secret = true},
    Setting{
        .group = "Database",
        .name = "database-url",
        .value = "URL",
        .otherwise = "",
        .help =
            "PostgreSQL 15 or newer in place of the data folder's SQLite: postgresql://USER:PASSWORD@HOST:PORT/NAME; "
            "TLS with a verified certificate except on loopback",
        .aliases = "DATABASE_URL",
        .secret = true},
    Setting{.group = "Database",
            .name = "database-ca",
            .value = "FILE",
            .otherwise = "",
            .help = "Certificates that the database's may be signed by, in place of the system's",
            .kind = Kind::path},
    Setting{.group = "Encryption",
            .name = "master-key-file",
            .value = "FILE",
            .otherwise = "",
            .help =
                "The master key that wraps all other keys: 32 random bytes as base64 in a file of mode 0600 outside "
                "the data folder. Left out, it is ~/.config/weir/master.key, made at the first start",
            .kind = Kind::path},
    Setting{.group = "Encryption",
            .name = "master-key",
            .value = "KEY",
            .otherwise = "",
            .help = "The master key itself, in place of a file",
            .secret = true},
    Setting{.group = "Encryption",
            .name = "no-encryption",
            .value = "",
            .otherwise = "",
            .help = "A new data folder is not encrypted; one that is there stays as it is",
            .kind = Kind::flag},
    Setting{.group = "Vaults",
            .name = "vault-addr",
            .value = "URL",
            .otherwise = "",
            .help = "HashiCorp Vault, from which secrets and secret settings are read that say vault:MOUNT/PATH#FIELD",
            .aliases = "VAULT_ADDR"},
    Setting{.group = "Vaults",
            .name = "vault-token",
            .value = "TOKEN",
            .otherwise = "",
            .help = "A token for Vault",
            .aliases = "VAULT_TOKEN",
            .secret = true},
    Setting{.group = "Vaults",
            .name = "vault-role-id",
            .value = "ID",
            .otherwise = "",
            .help = "The role of an AppRole, in place of a token",
            .aliases = "VAULT_ROLE_ID"},
    Setting{.group = "Vaults",
            .name = "vault-secret-id",
            .value = "ID",
            .otherwise = "",
            .help = "The secret of that AppRole",
            .aliases = "VAULT_SECRET_ID",
            .secret = true},
    Setting{.group = "Vaults",
            .name = "vault-namespace",
            .value = "NAME",
            .otherwise = "",
            .help = "Vault's namespace",
            .aliases = "VAULT_NAMESPACE"},
    Setting{.group = "Vaults",
            .name = "vault-ca",
            .value = "FILE",
            .otherwise = "",
            .help = "Certificates that Vault's may be signed by, in place of the system's",
            .kind = Kind::path,
            .aliases = "VAULT_CACERT"},
    Setting{.group = "Vaults",
            .name = "vault-refresh",
            .value = "DURATION",
            .otherwise = "1m",
            .help = "After this a value is read again of which its vault says no lease",
            .kind = Kind::duration},
    Setting{.group = "Vaults",
            .name = "aws-region",
            .value = "REGION",
            .otherwise = "",
            .help = "The region of AWS Secrets Manager, for what says aws-sm:NAME#FIELD",
            .aliases = "AWS_REGION AWS_DEFAULT_REGION"},
    Setting{.group = "Vaults",
            .name = "aws-access-key-id",
            .value = "ID",
            .otherwise = "",
            .help = "The access key for AWS",
            .aliases = "AWS_ACCESS_KEY_ID"},
    Setting{.group = "Vaults",
            .name = "aws-secret-access-key",
            .value = "KEY",
            .otherwise = "",
            .help = "The secret of that access key",
            .aliases = "AWS_SECRET_ACCESS_KEY",
            .secret = true},
    Setting{.group = "Vaults",
            .name = "aws-session-token",
            .value = "TOKEN",
            .otherwise = "",
            .help = "The session of temporary credentials for AWS",
            .aliases = "AWS_SESSION_TOKEN",
            .secret = true},
    Setting{.group = "Vaults",
            .name = "aws-secrets-endpoint",
            .value = "URL",
            .otherwise = "",
            .help = "Where AWS Secrets Manager is, in place of the region's own address",
            .aliases = "AWS_ENDPOINT_URL_SECRETS_MANAGER AWS_ENDPOINT_URL"},
    Setting{.group = "Network",
            .name = "listen",
            .value = "ADDRESS:PORT",
            .otherwise = "127.0.0.1:8080",
            .help = "Where it answers; port 0 takes a free one"},
    Setting{.group = "Network",
            .name = "tls-cert",
            .value = "FILE",
            .otherwise = "",
            .help = "The certificate and those up to its authority, in PEM; read again when it changes and on SIGHUP",
            .kind = Kind::path},
    Setting{.group = "Network",
            .name = "tls-key",
            .value = "FILE",
            .otherwise = "",
            .help = "The key of the certificate, in PEM and without a password",
            .kind = Kind::path},
    Setting{.group = "Network",
            .name = "tls-self-signed",
            .value = "",
            .otherwise = "false",
            .help = "Make a certificate in the data folder; clients have to be told to trust it",
            .kind = Kind::flag},
    Setting{.group = "Network",
            .name = "behind-tls-proxy",
            .value = "",
            .otherwise = "false",
            .help = "A proxy before it does TLS, so plain HTTP may also be served to other machines",
            .kind = Kind::flag},
    Setting{.group = "Network",
            .name = "trusted-proxy",
            .value = "RANGE",
            .otherwise = "",
            .help = "Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto count, such as 10.0.0.0/8",
            .kind = Kind::list},
    Setting{.group = "Network",
            .name = "max-connections",
            .value = "COUNT",
            .otherwise = "16384",
            .help = "Connections at a time; further ones are answered 503",
            .kind = Kind::number,
            .least = 1,
            .most = 1'000'000},
    Setting{.group = "Network",
            .name = "drain-timeout",
            .value = "DURATION",
            .otherwise = "30s",
            .help = "For finishing what is under way when it is told to end",
            .kind = Kind::duration},
    Setting{.group = "Network",
            .name = "insecure-transport",
            .value = "",
            .otherwise = "false",
            .help = "Connections of the server itself to other machines may do without TLS and its verification",
            .kind = Kind::flag},
    Setting{.group = "Network",
            .name = "network-allow",
            .value = "ADDRESS",
            .otherwise = "",
            .help = "What flows of all folders may connect to beside addresses of the whole internet: HOST:PORT, or a "
                    "range such as 10.1.0.0/16",
            .kind = Kind::list},
    Setting{.group = "Network",
            .name = "public-url",
            .value = "URL",
            .otherwise = "",
            .help = "Where people reach it, such as https://weir.example.com; links are made of it"},
    Setting{.group = "Sign-in",
            .name = "oidc-issuer",
            .value = "URL",
            .otherwise = "",
            .help =
                "Identity provider (OpenID Connect) that people may sign in with, as it writes itself; it sends them "
                "back to --public-url with /api/v1/sign-in/provider/callback behind"},
    Setting{.group = "Sign-in",
            .name = "oidc-client-id",
            .value = "ID",
            .otherwise = "",
            .help = "What the provider calls this server"},
    Setting{.group = "Sign-in",
            .name = "oidc-client-secret",
            .value = "SECRET",
            .otherwise = "",
            .help = "The secret that the provider gave with it; left out for a client without one",
            .secret = true},
    Setting{.group = "Sign-in",
            .name = "oidc-label",
            .value = "TEXT",
            .otherwise = "the identity provider",
            .help = "What people call the provider: on the button for signing in"},
    Setting{.group = "Sign-in",
            .name = "oidc-scopes",
            .value = "SCOPES",
            .otherwise = "openid profile",
            .help = "What the provider is asked for, with spaces between"},
    Setting{.group = "Sign-in",
            .name = "oidc-claim",
            .value = "NAME",
            .otherwise = "",
            .help = "The claim of the ID token whose values are groups and roles; looked at anew at each sign-in"},
    Setting{.group = "Sign-in",
            .name = "oidc-role",
            .value = "VALUE=ROLE",
            .otherwise = "",
            .help = "Who has this value in the claim has a role: VALUE=ROLE, VALUE=ROLE:FOLDER, VALUE=server.admin",
            .kind = Kind::list},
    Setting{.group = "Sign-in",
            .name = "oidc-ca",
            .value = "FILE",
            .otherwise = "",
            .help = "Certificates that the provider's may be signed by, in place of the system's",
            .kind = Kind::path},
    Setting{.group = "Sign-in",
            .name = "local-passwords",
            .value = "WHETHER",
            .otherwise = "on",
            .help = "Whether people sign in with passwords that are kept here",
            .kind = Kind::choice,
            .choices = "on off"},
    Setting{.group = "Sign-in",
            .name = "break-glass-user",
            .value = "NAME",
            .otherwise = "",
            .help = "The one who still may when passwords are off, for when the provider is away"},
    Setting{.group = "Keeping",
            .name = "keep-runs",
            .value = "DURATION",
            .otherwise = "2160h",
            .help = "How long runs that have ended are kept, with their files; 0s: for ever",
            .kind = Kind::duration},
    Setting{.group = "Keeping",
            .name = "keep-runs-count",
            .value = "COUNT",
            .otherwise = "100000",
            .help = "How many runs that have ended are kept; 0: all",
            .kind = Kind::number,
            .most = 1'000'000'000},
    Setting{.group = "Keeping",
            .name = "keep-logs",
            .value = "DURATION",
            .otherwise = "720h",
            .help = "How long log lines of runs are kept; 0s: as long as their run",
            .kind = Kind::duration},
    Setting{.group = "Keeping",
            .name = "keep-logs-bytes",
            .value = "SIZE",
            .otherwise = "256MiB",
            .help = "How much of them is kept; 0B: all",
            .kind = Kind::size},
    Setting{.group = "Keeping",
            .name = "keep-dead-letters",
            .value = "DURATION",
            .otherwise = "720h",
            .help = "How long dead letters and recordings of runs that have ended are kept; 0s: as long as their run",
            .kind = Kind::duration},
    Setting{.group = "Keeping",
            .name = "keep-dead-letters-bytes",
            .value = "SIZE",
            .otherwise = "4GiB",
            .help = "How much of them is kept; 0B: all",
            .kind = Kind::size},
    Setting{.group = "Keeping",
            .name = "keep-bin",
            .value = "DURATION",
            .otherwise = "720h",
            .help = "How long flows stay in the bin; 0s: until somebody empties it",
            .kind = Kind::duration},
    Setting{.group = "Keeping",
            .name = "keeping-every",
            .value = "DURATION",
            .otherwise = "60s",
            .help = "How often what is kept no longer is removed",
            .kind = Kind::duration},
    Setting{.group = "Watching",
            .name = "log-format",
            .value = "FORMAT",
            .otherwise = "text",
            .help = "How lines of the log are written: for people, or as a JSON object each",
            .kind = Kind::choice,
            .aliases = "LOG_FORMAT",
            .choices = "text json"},
    Setting{.group = "Watching",
            .name = "log-level",
            .value = "LEVEL",
            .otherwise = "info",
            .help = "What is logged: this and what is worse",
            .kind = Kind::choice,
            .aliases = "LOG_LEVEL",
            .choices = "debug info warn error"},
    Setting{.group = "Watching",
            .name = "audit-file",
            .value = "FILE",
            .otherwise = "",
            .help = "File that entries of the audit log are also appended to, a JSON object a line",
            .kind = Kind::path},
    Setting{.group = "Watching",
            .name = "audit-syslog",
            .value = "",
            .otherwise = "false",
            .help = "Entries of the audit log also go to the machine's syslog (authpriv.notice)",
            .kind = Kind::flag},
    Setting{.group = "Watching",
            .name = "loki-url",
            .value = "URL",
            .otherwise = "",
            .help = "Grafana Loki that log lines are also sent to; nobody waits for it"},
    Setting{
        .group = "Watching",
        .name = "otlp-url",
        .value = "URL",
        .otherwise = "",
        .help = "An OpenTelemetry collector that traces, metrics and logs are also sent to, by HTTP with JSON; nobody "
                "waits for it",
        .aliases = "OTEL_EXPORTER_OTLP_ENDPOINT"},
    Setting{.group = "Watching",
            .name = "otlp-headers",
            .value = "NAME=VALUE",
            .otherwise = "",
            .help = "What the collector is sent as headers, such as authorization=Bearer%20KEY; several with commas",
            .aliases = "OTEL_EXPORTER_OTLP_HEADERS",
            .secret = true},
    Setting{.group = "Watching",
            .name = "otlp-service",
            .value = "NAME",
            .otherwise = "weir",
            .help = "The name of this service for the collector (service.name)",
            .aliases = "OTEL_SERVICE_NAME"},
    Setting{.group = "Watching",
            .name = "otlp-resource",
            .value = "NAME=VALUE",
            .otherwise = "",
            .help = "What else the collector is told of where it comes from; several with commas",
            .aliases = "OTEL_RESOURCE_ATTRIBUTES"},
    Setting{.group = "Watching",
            .name = "otlp-interval",
            .value = "DURATION",
            .otherwise = "60s",
            .help = "How often the collector is sent metrics",
            .kind = Kind::duration},
};

std::string withoutDashes(std::string_view name) {
  std::string out;
  for (const char c : name) out += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

/// Lines of a comment that end before `most`.
void appendWrapped(std::string& out, std::string_view text, std::size_t most) {
  while (text.size() > most) {
    const auto end = text.rfind(' ', most);
    if (end == std::string_view::npos || end == 0) break;
    out.append("# ").append(text.substr(0, end)).append("\n");
    text.remove_prefix(end + 1);
  }
  out.append("# ").append(text).append("\n");
}

std::string joined(std::string_view words, std::string_view between) {
  std::string out;
  for (auto rest = words; !rest.empty();) {
    const auto end = rest.find(' ');
    if (!out.empty()) out += between;
    out += rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return out;
}

}  // namespace

std::span<const Setting> serveSettings() { return kSettings; }

std::string variableOf(const Setting& setting) { return "WEIR_" + withoutDashes(setting.name); }

std::string_view formOf(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "a text";
    case Kind::path:
      return "a path";
    case Kind::number:
      return "a whole number";
    case Kind::flag:
      return "true or false";
    case Kind::duration:
      return "a duration such as 90s or 5m";
    case Kind::size:
      return "a size such as 64MiB";
    case Kind::choice:
      return "a choice";
    case Kind::list:
      return "a list";
  }
  return {};
}

std::string envExample(std::span<const Setting> settings) {
  std::string out =
      "# The settings of `weir serve` as variables; what is commented out is the default.\n"
      "# docs/reference/configuration.md says more. A flag goes before a variable, a variable before the config "
      "file.\n";
  std::string_view group;
  for (const auto& setting : settings) {
    if (setting.group != group) {
      group = setting.group;
      out.append("\n# ==== ").append(group).append("\n");
    }
    std::string text(setting.help);
    if (setting.kind == Kind::choice) {
      text += ": " + joined(setting.choices, ", ");
    } else if (setting.kind == Kind::list) {
      text += "; several with commas between";
    }
    text += ".";
    if (!setting.aliases.empty()) {
      text += " Also read: " + joined(setting.aliases, ", ") + ".";
    }
    appendWrapped(out, text, 116);
    out.append("#").append(variableOf(setting)).append("=").append(setting.otherwise).append("\n");
  }
  return out;
}

std::string configurationTables(std::span<const Setting> settings) {
  std::string out;
  std::string_view group;
  for (const auto& setting : settings) {
    if (setting.group != group) {
      group = setting.group;
      out.append(out.empty() ? "" : "\n").append("## ").append(group);
      out.append("\n\n| name | variable | value | default | what it does |\n|---|---|---|---|---|\n");
    }
    out.append("| `").append(setting.name).append("` | `").append(variableOf(setting)).append("`");
    if (!setting.aliases.empty()) out += ", `" + joined(setting.aliases, "`, `") + "`";
    out += " | ";
    if (setting.kind == Kind::choice) {
      out += "`" + joined(setting.choices, "`, `") + "`";
    } else {
      out += formOf(setting.kind);
    }
    out += " | ";
    out += setting.otherwise.empty() ? "-" : "`" + std::string(setting.otherwise) + "`";
    out.append(" | ").append(setting.help).append(setting.secret ? ". Secret: not as a flag" : "").append(" |\n");
  }
  return out;
}

}  // namespace weir::cli
