// Makes a certificate with OpenSSL, and keeps it until it nears its end.
#include "hosts/native/server/self-signed.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

#include "hosts/native/network/address.h"

namespace weir::native {
namespace {

constexpr long kDay = 86'400, kValidDays = 397, kLeastDays = 30;

template <class T, void (*kFree)(T*)>
struct Freed {
  void operator()(T* thing) const { kFree(thing); }
};
using Certificate = std::unique_ptr<X509, Freed<X509, ::X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, ::EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, decltype([](BIO* bio) { ::BIO_free(bio); })>;

std::unexpected<Error> failed(std::string_view what) {
  return fail("server.tls", "no certificate of its own can be made: " + std::string(what));
}

std::string machineName() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

std::string alternativeNames(const std::string& host) {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  const auto machine = machineName();
  if (!machine.empty() && machine.find_first_of(",:\n") == std::string::npos) names += ",DNS:" + machine;
  if (const auto address = parseAddress(host)) {
    const auto text = addressText(*address);
    if (text != "0.0.0.0" && text != "::") names += ",IP:" + text;
  }
  return names;
}

bool extend(X509* certificate, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  ::X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION, ::X509_EXTENSION_free>> extension(
      ::X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
  return extension && ::X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key, const std::string& host) {
  std::uint64_t serial = 0;
  if (::RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  ::X509_set_version(certificate, 2);
  ::ASN1_INTEGER_set_uint64(::X509_get_serialNumber(certificate), serial >> 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate), -kDay);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate), kValidDays * kDay);
  ::X509_set_pubkey(certificate, key);
  auto* name = ::X509_get_subject_name(certificate);
  ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Weir, self-signed"),
                               -1, -1, 0);
  ::X509_set_issuer_name(certificate, name);
  return extend(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         extend(certificate, NID_key_usage, "critical,digitalSignature") &&
         extend(certificate, NID_ext_key_usage, "serverAuth") &&
         extend(certificate, NID_subject_alt_name, alternativeNames(host)) &&
         ::X509_sign(certificate, key, ::EVP_sha256()) > 0;
}

std::string contentOf(BIO* bio) {
  char* data = nullptr;
  const auto bytes = ::BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(bytes)};
}

bool stillGood(const std::string& path, const std::string& host) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return false;
  const Certificate certificate(::PEM_read_X509(file, nullptr, nullptr, nullptr));
  std::fclose(file);
  if (!certificate) return false;
  std::time_t later = std::time(nullptr) + kLeastDays * kDay;
  if (::X509_cmp_time(::X509_get0_notAfter(certificate.get()), &later) < 0) return false;
  const auto address = parseAddress(host);
  if (!address) return true;
  const auto text = addressText(*address);
  return text == "0.0.0.0" || text == "::" || ::X509_check_ip_asc(certificate.get(), text.c_str(), 0) == 1;
}

/// The file is there whole or not at all.
bool writeWhole(const std::string& path, const std::string& content) {
  const auto part = path + ".weir-part";
  {
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    ::chmod(part.c_str(), 0600);
    file << content;
    if (!file.flush()) return false;
  }
  return std::rename(part.c_str(), path.c_str()) == 0;
}

}  // namespace

Result<Unit> makeSelfSigned(const std::string& folder, const std::string& host) {
  const auto certificateFile = folder + "/self-signed.crt", keyFile = folder + "/self-signed.key";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed(folder + ": " + std::strerror(errno));
  if (::access(keyFile.c_str(), R_OK) == 0 && stillGood(certificateFile, host)) return Unit{};
  const Key key(::EVP_EC_gen("P-256"));
  const Certificate certificate(::X509_new());
  if (!key || !certificate || !fill(certificate.get(), key.get(), host)) return failed("OpenSSL refuses");
  const Memory keyText(::BIO_new(::BIO_s_mem())), certificateText(::BIO_new(::BIO_s_mem()));
  if (::PEM_write_bio_PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      ::PEM_write_bio_X509(certificateText.get(), certificate.get()) != 1)
    return failed("OpenSSL refuses");
  if (!writeWhole(keyFile, contentOf(keyText.get())) || !writeWhole(certificateFile, contentOf(certificateText.get())))
    return failed(folder + ": " + std::strerror(errno));
  return Unit{};
}

}  // namespace weir::native
