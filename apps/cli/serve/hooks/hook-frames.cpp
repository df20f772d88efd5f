// Routes, batches and replies as JSON; bytes as base64.
#include "apps/cli/serve/hooks/hook-frames.h"

#include <algorithm>
#include <array>

#include "engine/live/control.h"
#include "engine/text/base64.h"

namespace weir::cli::hooks {
namespace {

constexpr std::size_t kPieces = 9;

std::array<IngressPiece*, kPieces> piecesOf(IngressRequest& request) {
  return {&request.body,  &request.contentType, &request.traceparent, &request.method, &request.path,
          &request.query, &request.remote,      &request.parameters,  &request.headers};
}

void writeTexts(json::Writer& out, std::string_view key, const std::vector<std::string>& texts) {
  out.key(key).beginArray();
  for (const auto& text : texts) out.value(text);
  out.endArray();
}

Result<std::vector<std::string>> textsOf(const json::Value& value, std::string_view key) {
  std::vector<std::string> texts;
  const auto* list = value.find(key);
  if (list == nullptr || !list->isArray())
    return fail("engine.protocol", "a route has no list '" + std::string(key) + "'");
  for (const auto& one : *list->asArray()) {
    if (!one.isString()) return fail("engine.protocol", "'" + std::string(key) + "' of a route is a list of texts");
    texts.push_back(*one.asString());
  }
  return texts;
}

template <class Enum>
Result<Enum> choiceOf(const json::Value& value, std::string_view key, Enum last) {
  WEIR_ASSIGN(const auto number, live::intOf(value, key, 0));
  if (number < 0 || number > static_cast<std::int64_t>(last))
    return fail("engine.protocol", "'" + std::string(key) + "' of a route is none of its choices");
  return static_cast<Enum>(number);
}

template <class Enum>
void writeChoice(json::Writer& out, std::string_view key, Enum value) {
  out.key(key).value(static_cast<std::int64_t>(value));
}

}  // namespace

void writeRoute(json::Writer& out, const IngressRoute& route) {
  out.beginObject().key("node").value(route.node).key("path").value(route.path).key("user").value(route.user);
  writeTexts(out, "methods", route.methods);
  writeTexts(out, "secrets", route.secrets);
  writeTexts(out, "allowedRanges", route.allowedRanges);
  writeTexts(out, "contentTypes", route.contentTypes);
  writeTexts(out, "replyHeaders", route.replyHeaders);
  writeChoice(out, "auth", route.auth);
  const auto& signature = route.signature;
  out.key("signature").beginObject();
  writeChoice(out, "preset", signature.preset);
  writeChoice(out, "hash", signature.hash);
  writeChoice(out, "encoding", signature.encoding);
  out.key("header").value(signature.header).key("prefix").value(signature.prefix);
  out.key("signedText").value(signature.signedText).key("timestampHeader").value(signature.timestampHeader);
  out.key("idHeader").value(signature.idHeader).key("toleranceMs").value(signature.toleranceMs).endObject();
  out.key("idempotencyHeader").value(route.idempotencyHeader).key("maxBodyBytes").value(route.maxBodyBytes);
  out.key("maxWaiting").value(route.maxWaiting).key("replyTimeoutMs").value(route.replyTimeoutMs);
  out.key("acceptedStatus").value(std::int64_t{route.acceptedStatus}).key("wantsHead").value(route.wantsHead);
  out.endObject();
}

Result<IngressRoute> routeOf(const json::Value& value) {
  if (!value.isObject()) return fail("engine.protocol", "a route is an object");
  IngressRoute route;
  WEIR_ASSIGN(route.node, live::textOf(value, "node", ""));
  WEIR_ASSIGN(route.path, live::textOf(value, "path", ""));
  WEIR_ASSIGN(route.user, live::textOf(value, "user", ""));
  WEIR_ASSIGN(route.methods, textsOf(value, "methods"));
  WEIR_ASSIGN(route.secrets, textsOf(value, "secrets"));
  WEIR_ASSIGN(route.allowedRanges, textsOf(value, "allowedRanges"));
  WEIR_ASSIGN(route.contentTypes, textsOf(value, "contentTypes"));
  WEIR_ASSIGN(route.replyHeaders, textsOf(value, "replyHeaders"));
  WEIR_ASSIGN(route.auth, choiceOf(value, "auth", IngressAuth::hmac));
  if (const auto* given = value.find("signature")) {
    auto& signature = route.signature;
    WEIR_ASSIGN(signature.preset, choiceOf(*given, "preset", SignaturePreset::standardWebhooks));
    WEIR_ASSIGN(signature.hash, choiceOf(*given, "hash", SignatureHash::sha512));
    WEIR_ASSIGN(signature.encoding, choiceOf(*given, "encoding", SignatureEncoding::base64));
    WEIR_ASSIGN(signature.header, live::textOf(*given, "header", ""));
    WEIR_ASSIGN(signature.prefix, live::textOf(*given, "prefix", ""));
    WEIR_ASSIGN(signature.signedText, live::textOf(*given, "signedText", "{body}"));
    WEIR_ASSIGN(signature.timestampHeader, live::textOf(*given, "timestampHeader", ""));
    WEIR_ASSIGN(signature.idHeader, live::textOf(*given, "idHeader", ""));
    WEIR_ASSIGN(signature.toleranceMs, live::intOf(*given, "toleranceMs", 300'000));
  }
  WEIR_ASSIGN(route.idempotencyHeader, live::textOf(value, "idempotencyHeader", ""));
  WEIR_ASSIGN(route.maxBodyBytes, live::intOf(value, "maxBodyBytes", 0));
  WEIR_ASSIGN(route.maxWaiting, live::intOf(value, "maxWaiting", 1));
  WEIR_ASSIGN(route.replyTimeoutMs, live::intOf(value, "replyTimeoutMs", 30'000));
  WEIR_ASSIGN(const auto status, live::intOf(value, "acceptedStatus", 202));
  if (status < 200 || status > 299) return fail("engine.protocol", "'acceptedStatus' is a status of success");
  route.acceptedStatus = static_cast<int>(status);
  WEIR_ASSIGN(route.wantsHead, live::boolOf(value, "wantsHead", true));
  return route;
}

void writeBatch(json::Writer& out, const IngressBatch& batch) {
  out.key("text").value(encodeBase64(batch.text)).key("requests").beginArray();
  for (auto request : batch.requests) {
    out.beginArray().value(request.number).value(request.arrivedMicros);
    for (const auto* piece : piecesOf(request)) {
      out.value(std::int64_t{piece->at}).value(std::int64_t{piece->bytes});
    }
    out.endArray();
  }
  out.endArray();
}

Result<IngressBatch> batchOf(const json::Value& value) {
  IngressBatch batch;
  WEIR_ASSIGN(const auto text, live::textOf(value, "text", ""));
  WEIR_ASSIGN(batch.text, decodeBase64(text));
  const auto* requests = value.find("requests");
  if (requests == nullptr || !requests->isArray()) return fail("engine.protocol", "a batch has requests");
  for (const auto& one : *requests->asArray()) {
    const auto* numbers = one.asArray();
    if (numbers == nullptr || numbers->size() != 2 + 2 * kPieces)
      return fail("engine.protocol", "a request of a batch has 20 numbers");
    std::array<std::int64_t, 2 + 2 * kPieces> given{};
    for (std::size_t i = 0; i < given.size(); ++i) {
      if ((*numbers)[i].asInt64() == nullptr) return fail("engine.protocol", "a request of a batch has 20 numbers");
      given[i] = *(*numbers)[i].asInt64();
    }
    IngressRequest request;
    request.number = given[0];
    request.arrivedMicros = given[1];
    std::size_t next = 2;
    for (auto* piece : piecesOf(request)) {
      const auto at = given[next], bytes = given[next + 1];
      next += 2;
      if (at < 0 || bytes < 0 || at + bytes > std::ssize(batch.text))
        return fail("engine.protocol", "a request of a batch lies outside its text");
      *piece = {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(bytes)};
    }
    batch.requests.push_back(request);
  }
  return batch;
}

void writeReply(json::Writer& out, const IngressReply& reply) {
  out.beginObject().key("status").value(std::int64_t{reply.status}).key("contentType").value(reply.contentType);
  out.key("body").value(encodeBase64(reply.body)).key("headers").beginArray();
  for (const auto& [name, value] : reply.headers) out.beginArray().value(name).value(value).endArray();
  out.endArray().endObject();
}

Result<IngressReply> replyOf(const json::Value& value) {
  if (!value.isObject()) return fail("engine.protocol", "a reply is an object");
  IngressReply reply;
  WEIR_ASSIGN(const auto status, live::intOf(value, "status", 200));
  if (status < 200 || status > 599) return fail("engine.protocol", "the status of a reply is from 200 to 599");
  reply.status = static_cast<int>(status);
  WEIR_ASSIGN(reply.contentType, live::textOf(value, "contentType", ""));
  WEIR_ASSIGN(const auto body, live::textOf(value, "body", ""));
  WEIR_ASSIGN(reply.body, decodeBase64(body));
  const auto* headers = value.find("headers");
  if (headers == nullptr || !headers->isArray()) return reply;
  for (const auto& one : *headers->asArray()) {
    const auto* pair = one.asArray();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].isString() || !(*pair)[1].isString())
      return fail("engine.protocol", "a header of a reply is a name and a value");
    reply.headers.emplace_back(*(*pair)[0].asString(), *(*pair)[1].asString());
  }
  return reply;
}

}  // namespace weir::cli::hooks
