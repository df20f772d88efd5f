// Builds OpenSSL's keys from their numbers and asks it.
#include "adapters/openssl/signature.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <memory>

namespace weir::openssl {
namespace {

template <auto end>
struct Freed {
  template <class T>
  void operator()(T* held) const {
    end(held);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

constexpr int kLeastRsaBits = 2048, kMostRsaBits = 8192;
constexpr std::size_t kPointBytes = 32;

const unsigned char* bytesOf(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Number numberOf(std::string_view bytes) {
  return Number(BN_bin2bn(bytesOf(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key built(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Key(made);
}

Key rsaKey(const JsonWebKey& key) {
  if (key.n.size() > kMostRsaBits / 8 + 1 || key.e.size() > 8) return nullptr;
  const auto n = numberOf(key.n);
  const auto e = numberOf(key.e);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || BN_num_bits(n.get()) < kLeastRsaBits) return nullptr;
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return built("RSA", builder.get());
}

Key ecKey(const JsonWebKey& key) {
  if (key.curve != "P-256" || key.x.size() != kPointBytes || key.y.size() != kPointBytes) return nullptr;
  const auto point = "\x04" + key.x + key.y;
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return nullptr;
  }
  return built("EC", builder.get());
}

Key edKey(const JsonWebKey& key) {
  if (key.curve != "Ed25519" || key.x.size() != kPointBytes) return nullptr;
  return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytesOf(key.x), key.x.size()));
}

/// ES256's two numbers as OpenSSL wants them; empty: they are none.
std::string derOf(std::string_view signature) {
  if (signature.size() != 2 * kPointBytes) return {};
  auto r = numberOf(signature.substr(0, kPointBytes));
  auto s = numberOf(signature.substr(kPointBytes));
  const EcSignature made(ECDSA_SIG_new());
  if (!r || !s || !made || ECDSA_SIG_set0(made.get(), r.release(), s.release()) != 1) return {};
  unsigned char* text = nullptr;
  const int size = i2d_ECDSA_SIG(made.get(), &text);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return der;
}

bool verified(EVP_PKEY* key, const EVP_MD* hash, bool pss, std::string_view text, std::string_view signature) {
  const Digest digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* context = nullptr;
  if (key == nullptr || !digest || EVP_DigestVerifyInit(digest.get(), &context, hash, nullptr, key) != 1) return false;
  if (pss && (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1 ||
              EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(digest.get(), bytesOf(signature), signature.size(), bytesOf(text), text.size()) == 1;
}

}  // namespace

bool signedBy(const JsonWebKey& key, std::string_view algorithm, std::string_view text, std::string_view signature) {
  if (key.type == "RSA" && (algorithm == "RS256" || algorithm == "PS256")) {
    return verified(rsaKey(key).get(), EVP_sha256(), algorithm == "PS256", text, signature);
  }
  if (key.type == "EC" && algorithm == "ES256") {
    const auto der = derOf(signature);
    return !der.empty() && verified(ecKey(key).get(), EVP_sha256(), false, text, der);
  }
  if (key.type == "OKP" && algorithm == "EdDSA") return verified(edKey(key).get(), nullptr, false, text, signature);
  return false;
}

}  // namespace weir::openssl
