// Channels.
#include "engine/json/writer.h"
#include "service/api/auditor.h"
#include "service/api/folder-name.h"
#include "service/resources/alerts/alert-answers.h"
#include "service/resources/paging.h"

namespace weir::api {
namespace {

Expected<const alerts::Channel*> channelIn(const Call& call) {
  auto book = bookOf(call);
  if (!book) return std::unexpected(std::move(book.error()));
  const auto& id = call.parameters.front();
  const auto found = (*book)->channels().find(id);
  if (found == (*book)->channels().end()) return refuse(404, "api.not_found", "there is no channel '" + id + "'");
  return &found->second;
}

}  // namespace

Job<Response> listChannels(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  auto asked = pageAsked(call.query, "channels");
  if (!asked) co_return toResponse(asked.error());
  const auto folder = call.query.text("folder");
  PageOf<alerts::Channel> page(std::move(*asked));
  for (const auto& [id, channel] : (*book)->channels()) {
    if (auth::covers(folder, channel.folder)) page.add(id, channel);
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("channels").beginArray();
  page.write(out, "channels", [&out, &notifier = (*book)->notifier()](const alerts::Channel& channel) {
    out.beginObject().key("channel").raw(alerts::jsonOf(alerts::shownOf(channel)));
    out.key("problem").value(notifier.problemOf(channel.id)).endObject();
  });
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> putChannel(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  const auto document = objectIn(call);
  if (!document) co_return toResponse(document.error());
  const auto& id = call.parameters.front();
  auto channel = alerts::channelOf(id, document->root());
  if (!channel) co_return toResponse({422, "alert.channel", channel.error().message});
  if (const auto good = alerts::checkAddresses(*channel); !good)
    co_return toResponse({422, "alert.channel", good.error().message});
  if (const auto good = checkFolder(channel->folder); !good) co_return toResponse(good.error());
  if (!(*book)->channels().contains(id) && (*book)->channels().size() >= alerts::AlertBook::kMostChannels) {
    co_return toResponse({422, "alert.channel",
                          "there are " + std::to_string(alerts::AlertBook::kMostChannels) +
                              " channels, which is the limit; delete some"});
  }
  std::string was;
  if (const auto before = (*book)->channels().find(id); before != (*book)->channels().end()) {
    was = alerts::jsonOf(alerts::shownOf(before->second));
    *channel = alerts::unmasked(std::move(*channel), before->second);
  }
  if (const auto may = (*book)->notifier().check(*channel); !may)
    co_return toResponse({422, may.error().code, may.error().message});
  auto body = alerts::jsonOf(alerts::shownOf(*channel));
  noteChange(call, {}, was);
  auto operation = (*book)->putChannel(std::move(*channel), call.waker());
  co_return keptAnswer(co_await call.of(std::move(operation)), std::move(body));
}

Job<Response> deleteChannel(Call& call) {
  const auto channel = channelIn(call);
  if (!channel) co_return toResponse(channel.error());
  noteChange(call, {}, alerts::jsonOf(alerts::shownOf(**channel)));
  auto operation = call.services.server->alerts->removeChannel(call.parameters.front(), call.waker());
  if (const auto kept = co_await call.of(std::move(operation)); !kept) co_return toResponse(refusalOf(kept.error()));
  co_return Response{.status = 204};
}

Job<Response> testChannel(Call& call) {
  const auto channel = channelIn(call);
  if (!channel) co_return toResponse(channel.error());
  auto& book = *call.services.server->alerts;
  if (auto* secrets = book.secrets(); secrets != nullptr) {
    const auto named = **channel;
    for (const auto& key : alerts::ChannelSecrets::namedBy(named)) {
      auto found = co_await call.of(secrets->ask(key, call.waker()));
      if (found) {
        if (auto given = secrets->follow(*found, call.waker()); given.active()) {
          auto value = co_await call.of(std::move(given));
          found = alerts::ChannelSecrets::filled(std::move(*found), std::move(value));
        }
      }
      secrets->keep(key, std::move(found));
    }
  }
  // It may have been deleted meanwhile.
  const auto still = channelIn(call);
  if (!still) co_return toResponse(still.error());
  const auto example = book.example(**still);
  auto trial = book.notifier().begin(**still, example, book.linkOf(example), call.waker());
  Result<Unit> sent = Unit{};
  if (trial.sent.active()) {
    sent = co_await call.of(std::move(trial.sent));
  } else {
    auto answer = co_await call.of(std::move(trial.answer));
    alerts::Notifier::Trial done;
    done.answer = Operation<HttpResponse>::finished(std::move(answer));
    sent = done.take();
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("sent").value(sent.has_value());
  if (!sent) out.key("code").value(sent.error().code).key("message").value(sent.error().message);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

}  // namespace weir::api
