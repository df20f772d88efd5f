// Answers are compressed where that is worth it and the client can read them.
#include "hosts/native/server/answer-encoding.h"

#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

using namespace weir::native;

namespace {

HttpAnswer answerOf(std::size_t bytes, std::string type = "application/json; charset=utf-8") {
  HttpAnswer answer;
  answer.body.assign(bytes, 'a');
  answer.headers = {{"content-type", std::move(type)}, {"content-length", std::to_string(bytes)}};
  return answer;
}

std::string valueOf(const HttpAnswer& answer, std::string_view name) {
  const auto found = std::ranges::find(answer.headers, name, &std::pair<std::string, std::string>::first);
  return found == answer.headers.end() ? "" : found->second;
}

}  // namespace

TEST_CASE("the client says what it can read") {
  CHECK(encodingFor("") == Encoding::none);
  CHECK(encodingFor("gzip, deflate, br, zstd") == Encoding::zstd);
  CHECK(encodingFor("gzip, deflate") == Encoding::gzip);
  CHECK(encodingFor("GZIP;q=0.5") == Encoding::gzip);
  CHECK(encodingFor("zstd;q=0, gzip;q=1.0") == Encoding::gzip);
  CHECK(encodingFor("gzip; q=0.000") == Encoding::none);
  CHECK(encodingFor("identity, br") == Encoding::none);
  CHECK(encodingFor(",;,gzip;q") == Encoding::gzip);
}

TEST_CASE("what is compressed reads as before, and its length is that of the compressed") {
  AnswerEncoder encoder;
  for (int again = 0; again < 3; ++again) {
    auto zstd = answerOf(5000);
    encoder.encode(zstd, Encoding::zstd);
    CHECK(valueOf(zstd, "content-encoding") == "zstd");
    CHECK(valueOf(zstd, "content-length") == std::to_string(zstd.body.size()));
    std::string plain(5000, '\0');
    CHECK(::ZSTD_decompress(plain.data(), plain.size(), zstd.body.data(), zstd.body.size()) == 5000);
    CHECK(plain == std::string(5000, 'a'));

    auto gzip = answerOf(5000);
    encoder.encode(gzip, Encoding::gzip);
    CHECK(valueOf(gzip, "content-encoding") == "gzip");
    CHECK(valueOf(gzip, "vary") == "accept-encoding");
    z_stream stream{};
    REQUIRE(::inflateInit2(&stream, 15 + 16) == Z_OK);
    plain.assign(5000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(gzip.body.data());
    stream.avail_in = static_cast<uInt>(gzip.body.size());
    stream.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_out = 5000;
    CHECK(::inflate(&stream, Z_FINISH) == Z_STREAM_END);
    ::inflateEnd(&stream);
    CHECK(plain == std::string(5000, 'a'));
  }
}

TEST_CASE("what is small, huge, no text, encoded already or sets a cookie stays as it is") {
  AnswerEncoder encoder;
  const auto stays = [&](HttpAnswer answer) {
    const auto before = answer.body;
    encoder.encode(answer, Encoding::gzip);
    return answer.body == before;
  };
  CHECK(stays(answerOf(1000)));
  CHECK(stays(answerOf(2'000'000)));
  CHECK(stays(answerOf(5000, "application/octet-stream")));
  CHECK(!stays(answerOf(5000, "text/html")));
  auto cookie = answerOf(5000);
  cookie.headers.emplace_back("set-cookie", "a=b");
  CHECK(stays(std::move(cookie)));
  auto encoded = answerOf(5000);
  encoded.headers.emplace_back("content-encoding", "gzip");
  CHECK(stays(std::move(encoded)));
}

TEST_CASE("what is kept as gzip is unpacked for who cannot read it, and says that it depends on the client") {
  const std::string text(20'000, 'a');
  HttpAnswer packed;
  packed.headers = {{"content-type", "text/css"}};
  packed.body = text;
  AnswerEncoder().encode(packed, Encoding::gzip);
  REQUIRE(packed.body.size() < text.size());
  std::erase_if(packed.headers, [](const auto& header) { return header.first == "vary"; });
  packed.headers.emplace_back("content-length", std::to_string(packed.body.size()));
  const auto copy = [&packed] {
    HttpAnswer answer;
    answer.headers = packed.headers;
    answer.body = packed.body;
    return answer;
  };
  const auto has = [](const HttpAnswer& answer, std::string_view name, std::string_view value) {
    return std::ranges::any_of(answer.headers,
                               [&](const auto& header) { return header.first == name && header.second == value; });
  };
  auto kept = copy();
  AnswerEncoder::suit(kept, true);
  CHECK(kept.body == packed.body);
  CHECK(has(kept, "vary", "accept-encoding"));
  auto plain = copy();
  AnswerEncoder::suit(plain, false);
  CHECK(plain.body == text);
  CHECK(has(plain, "vary", "accept-encoding"));
  CHECK(has(plain, "content-length", "20000"));
  CHECK_FALSE(has(plain, "content-encoding", "gzip"));
  auto damaged = copy();
  damaged.body.resize(damaged.body.size() / 2);
  const auto half = damaged.body;
  AnswerEncoder::suit(damaged, false);
  CHECK(damaged.body == half);
  CHECK(takesGzip("br, gzip;q=0.5"));
  CHECK(takesGzip("*"));
  CHECK_FALSE(takesGzip("gzip;q=0, *;q=0"));
  CHECK_FALSE(takesGzip("identity"));
  CHECK_FALSE(takesGzip(""));
}
