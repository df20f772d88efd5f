// Mails as text: addresses, headers, parts.
#include "hosts/native/mail/mail-text.h"

#include <doctest/doctest.h>

#include <string>

#include "engine/text/base64.h"

using namespace weir;
using namespace weir::native;

TEST_CASE("An address is taken out of a mailbox; what is none is refused in words") {
  CHECK(addressIn("ada@example.com") == "ada@example.com");
  CHECK(addressIn(" Ada Lovelace <ada@example.com> ") == "ada@example.com");
  for (const auto* bad : {"", "ada", "@example.com", "ada@", "Ada <ada@example.com", "a@b>\r\nRCPT TO:<c@d", "a b@c.d",
                          "a@b,c@d", "ä@example.com", "<a@b> <c@d>x"}) {
    CAPTURE(bad);
    const auto found = addressIn(bad);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == "mail.address");
  }
}

TEST_CASE("A mail has its headers, and its body as base64") {
  const auto text = mailText({.from = "Wéir <weir@example.com>",
                              .to = {"ops@example.com", "Ada \"A\" <ada@example.com>"},
                              .subject = "Größe überschritten: 10 € zu viel, und noch einiges mehr",
                              .text = "a\nb\r\n.\nc"},
                             "Sat, 21 Nov 2026 10:00:00 +0000", "1.1@example.com");
  REQUIRE(text.has_value());
  CHECK(
      text->starts_with("Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nFrom: =?utf-8?B?V8OpaXI=?= <weir@example.com>\r\n"));
  CHECK(text->contains("To: ops@example.com,\r\n \"Ada \\\"A\\\"\" <ada@example.com>\r\n"));
  CHECK(text->contains("Subject: =?utf-8?B?"));
  CHECK(text->contains("\r\n\r\n" + encodeBase64("a\r\nb\r\n.\r\nc") + "\r\n"));
  CHECK_FALSE(text->contains("ö"));
  for (std::size_t at = 0; at < text->size();) {
    const auto end = std::min(text->find("\r\n", at), text->size());
    CHECK(end - at <= 100);
    at = end + 2;
  }
  const auto both =
      mailText({.from = "a@b.c", .to = {"d@e.f"}, .subject = "x", .text = "t", .html = "<p>t"}, "", "1@b.c");
  REQUIRE(both.has_value());
  CHECK(both->contains("multipart/alternative; boundary=\"weir-part\""));
  CHECK(both->contains(encodeBase64("<p>t")));
  CHECK(both->ends_with("--weir-part--\r\n"));
}

TEST_CASE("S12: nothing in a mail's headers begins another header") {
  const MailMessage good{.from = "a@b.c", .to = {"d@e.f"}, .subject = "x", .text = "t"};
  auto message = good;
  message.subject = "x\r\nBcc: evil@example.com";
  CHECK(mailText(message, "", "1@b.c").error().code == "mail.header");
  message = good;
  message.from = "A\r\nBcc: evil@example.com <a@b.c>";
  CHECK(mailText(message, "", "1@b.c").error().code == "mail.header");
  message = good;
  message.to = {"d@e.f\r\nBcc: evil@example.com"};
  CHECK(mailText(message, "", "1@b.c").error().code == "mail.address");
}
