// Requests and answers as wires.
#include "hosts/browser/browser-http.h"

#include <utility>

namespace weir::browser {

void writeHeaders(WireWriter& writer, const std::vector<HttpHeader>& headers) {
  writer.word(static_cast<std::uint32_t>(headers.size()));
  for (const auto& header : headers) writer.text(header.name).text(header.value);
}

std::vector<HttpHeader> readHeaders(WireReader& reader) {
  std::vector<HttpHeader> headers;
  const auto count = reader.word();
  for (std::uint32_t i = 0; i < count && reader.intact(); ++i) {
    HttpHeader header;
    header.name = reader.text();
    header.value = reader.text();
    headers.push_back(std::move(header));
  }
  return headers;
}

Operation<HttpResponse> BrowserHttp::send(HttpRequest request, Waker waker) {
  WireWriter arguments;
  arguments.text(request.method).text(request.url);
  writeHeaders(arguments, request.headers);
  arguments.text(request.body).text(request.user).text(request.password);
  arguments.number(request.timeoutMs).number(request.maxResponseBytes).number(request.maxRedirects);
  return calls_.begin<HttpResponse>(CallKind::httpSend, arguments, std::move(waker),
                                    [](WireReader& reader) -> Result<HttpResponse> {
                                      HttpResponse response;
                                      response.status = static_cast<int>(reader.word());
                                      response.headers = readHeaders(reader);
                                      response.body = reader.text();
                                      response.url = reader.text();
                                      return response;
                                    });
}

}  // namespace weir::browser
