// hiredis, used for its reader and its formatter alone: the socket is ours.
#include "adapters/redis/protocol.h"

#include <hiredis/hiredis.h>

#include <utility>

namespace weir::redis {
namespace {

Reply replyOf(const redisReply& from) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      reply.kind = Reply::Kind::text;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ERROR:
      reply.kind = Reply::Kind::error;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::number;
      reply.number = from.integer;
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::list;
      for (std::size_t i = 0; i < from.elements; ++i) reply.items.push_back(replyOf(*from.element[i]));
      break;
    default:
      break;
  }
  return reply;
}

/// The reader makes room for a list when it has read no more of it than its length.
constexpr int kMostItems = 1 << 20;

redisReplyObjectFunctions& libraryFunctions() {
  static redisReplyObjectFunctions functions{};
  return functions;
}

void* boundedList(const redisReadTask* task, int count) {
  return count > kMostItems ? nullptr : libraryFunctions().createArray(task, count);
}

redisReplyObjectFunctions* boundedFunctions(const redisReplyObjectFunctions& library) {
  static redisReplyObjectFunctions bounded = [&library] {
    libraryFunctions() = library;
    auto functions = library;
    functions.createArray = &boundedList;
    return functions;
  }();
  return &bounded;
}

}  // namespace

struct Replies::Impl {
  redisReader* reader = redisReaderCreate();
};

Replies::Replies() : impl_(std::make_unique<Impl>()) { impl_->reader->fn = boundedFunctions(*impl_->reader->fn); }
Replies::~Replies() { redisReaderFree(impl_->reader); }

void Replies::feed(std::string_view bytes) {
  static_cast<void>(redisReaderFeed(impl_->reader, bytes.data(), bytes.size()));
}

Result<std::optional<Reply>> Replies::next() {
  void* found = nullptr;
  if (redisReaderGetReply(impl_->reader, &found) != REDIS_OK) {
    if (impl_->reader->err == REDIS_ERR_OOM) {
      return fail("broker.limit", "the server's answer says that it has more than " + std::to_string(kMostItems) +
                                      " parts, or more than there is memory for");
    }
    return fail("broker.protocol", std::string("the server does not speak Redis' protocol: ") + impl_->reader->errstr);
  }
  if (found == nullptr) return std::nullopt;
  auto* raw = static_cast<redisReply*>(found);
  auto reply = replyOf(*raw);
  freeReplyObject(raw);
  return reply;
}

void appendCommand(std::string& to, std::span<const std::string_view> arguments) {
  to += '*';
  to += std::to_string(arguments.size());
  to += "\r\n";
  for (const auto argument : arguments) {
    to += '$';
    to += std::to_string(argument.size());
    to += "\r\n";
    to += argument;
    to += "\r\n";
  }
}

}  // namespace weir::redis
