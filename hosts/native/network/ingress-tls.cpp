// TLS of the listener, on OpenSSL, over sockets that do not block.
#include "hosts/native/network/ingress-tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

namespace weir::native {
namespace {

std::string reason() {
  const auto code = ::ERR_peek_last_error();
  ::ERR_clear_error();
  const char* text = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  return text == nullptr ? "unknown reason" : text;
}

Result<Unit> checkReadable(const std::string& path, std::string_view option) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) {
    return fail("ingress.tls", std::string(option) + " '" + path + "' cannot be read: " + std::strerror(errno));
  }
  std::fclose(file);
  return Unit{};
}

/// `Nov 21 10:00:00 2026 GMT`
std::string textOf(const ASN1_TIME* time) {
  const std::unique_ptr<BIO, decltype(&::BIO_free)> out(::BIO_new(::BIO_s_mem()), &::BIO_free);
  if (!out || ::ASN1_TIME_print(out.get(), time) != 1) return "an unknown time";
  char* data = nullptr;
  const auto bytes = ::BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(bytes)};
}

Result<Unit> checkTimes(const SSL_CTX* context, const std::string& path) {
  const X509* certificate = ::SSL_CTX_get0_certificate(context);
  const auto* from = ::X509_get0_notBefore(certificate);
  const auto* until = ::X509_get0_notAfter(certificate);
  if (::X509_cmp_current_time(until) < 0) {
    return fail("ingress.tls", "the certificate in '" + path + "' was valid until " + textOf(until) +
                                   ", so every client would refuse it; give one that is valid with --tls-cert");
  }
  if (::X509_cmp_current_time(from) > 0) {
    return fail("ingress.tls", "the certificate in '" + path + "' is valid from " + textOf(from) +
                                   " on, so every client would refuse it; check this machine's clock");
  }
  return Unit{};
}

/// A key with a password would ask for it at the terminal.
int noPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<Unit> useFiles(SSL_CTX* context, const std::string& certificateFile, const std::string& keyFile) {
  WEIR_TRY(checkReadable(certificateFile, "--tls-cert"));
  WEIR_TRY(checkReadable(keyFile, "--tls-key"));
  bool asked = false;
  ::SSL_CTX_set_default_passwd_cb(context, &noPassword);
  ::SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
  if (::SSL_CTX_use_certificate_chain_file(context, certificateFile.c_str()) != 1) {
    return fail("ingress.tls", "--tls-cert '" + certificateFile + "' is no certificate in PEM: " + reason());
  }
  WEIR_TRY(checkTimes(context, certificateFile));
  if (::SSL_CTX_use_PrivateKey_file(context, keyFile.c_str(), SSL_FILETYPE_PEM) != 1) {
    const auto why = reason();
    if (asked) {
      return fail("ingress.tls", "--tls-key '" + keyFile +
                                     "' has a password; give a key without one that only you can read, such as by "
                                     "'openssl pkey -in KEY -out PLAIN'");
    }
    if (why.contains("mismatch")) {
      return fail("ingress.tls",
                  "--tls-key '" + keyFile + "' is not the key of the certificate in '" + certificateFile + "'");
    }
    return fail("ingress.tls", "--tls-key '" + keyFile + "' is no key in PEM: " + why);
  }
  ::SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (::SSL_CTX_check_private_key(context) != 1) {
    ::ERR_clear_error();
    return fail("ingress.tls",
                "--tls-key '" + keyFile + "' is not the key of the certificate in '" + certificateFile + "'");
  }
  return Unit{};
}

int lengthOf(std::size_t bytes) { return static_cast<int>(std::min<std::size_t>(bytes, INT_MAX)); }

}  // namespace

struct TlsServer::Private {};

Result<std::unique_ptr<TlsServer>> TlsServer::load(const std::string& certificateFile, const std::string& keyFile) {
  ::ERR_clear_error();
  SSL_CTX* context = ::SSL_CTX_new(::TLS_server_method());
  if (context == nullptr) return fail("ingress.tls", "TLS cannot be used: " + reason());
  auto server = std::make_unique<TlsServer>(Private{}, context);
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // What is left of a buffer is written again with more behind it, from wherever it is then.
  ::SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  WEIR_TRY(useFiles(context, certificateFile, keyFile));
  return server;
}

TlsServer::~TlsServer() { ::SSL_CTX_free(context_); }

std::unique_ptr<TlsSession> TlsServer::accept(int socket) const {
  SSL* session = ::SSL_new(context_);
  if (session == nullptr || ::SSL_set_fd(session, socket) != 1) {
    ::SSL_free(session);
    ::ERR_clear_error();
    return nullptr;
  }
  ::SSL_set_accept_state(session);
  return std::make_unique<TlsSession>(session);
}

TlsSession::~TlsSession() { ::SSL_free(session_); }

Moved TlsSession::moved(int result, std::size_t bytes) {
  if (result > 0) return {Moved::How::some, bytes};
  const int error = ::SSL_get_error(session_, result);
  const auto code = ::ERR_peek_error();
  ::ERR_clear_error();
  switch (error) {
    case SSL_ERROR_WANT_READ:
      return {Moved::How::mustRead};
    case SSL_ERROR_WANT_WRITE:
      return {Moved::How::mustWrite};
    case SSL_ERROR_ZERO_RETURN:
      return {Moved::How::ended};
    default:
      break;
  }
  if (error == SSL_ERROR_SSL && ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST) return {Moved::How::plain};
  return {Moved::How::broken};
}

Moved TlsSession::read(std::span<char> into) {
  const int got = ::SSL_read(session_, into.data(), lengthOf(into.size()));
  return moved(got, static_cast<std::size_t>(std::max(got, 0)));
}

Moved TlsSession::write(std::string_view bytes) {
  const int put = ::SSL_write(session_, bytes.data(), lengthOf(bytes.size()));
  return moved(put, static_cast<std::size_t>(std::max(put, 0)));
}

bool TlsSession::agreed() const { return ::SSL_is_init_finished(session_) == 1; }

void TlsSession::end() {
  if (agreed()) ::SSL_shutdown(session_);
  ::ERR_clear_error();
}

}  // namespace weir::native
