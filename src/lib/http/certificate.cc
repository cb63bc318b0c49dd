// Certificates as files: one of our own making, and what is told of one.
#include "lib/http/certificate.h"

#include "lib/io/file.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace http {
namespace {

constexpr long kDay = 24 * 60 * 60;
constexpr long kGoodFor = 397 * kDay;  // what browsers and phones take at most
constexpr long kRenewedBefore = 30 * kDay;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* what) const { Free(what); }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

bool is_address(const std::string& name) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, name.c_str(), bytes) == 1 || inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

/// All of a PEM file; none when it isn't there or is something else.
std::vector<Certificate> read_chain(const std::string& path) {
  std::vector<Certificate> chain;
  const Bio file(BIO_new_file(path.c_str(), "r"));
  while (file) {
    Certificate next(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    chain.push_back(std::move(next));
  }
  ERR_clear_error();
  return chain;
}

Key read_key(const std::string& path) {
  const Bio file(BIO_new_file(path.c_str(), "r"));
  Key key(file ? PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  return key;
}

bool is_for(X509* certificate, const std::string& name) {
  return is_address(name) ? X509_check_ip_asc(certificate, name.c_str(), 0) == 1
                          : X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1;
}

bool is_good(const CertificateFiles& files, const std::vector<std::string>& names) {
  const auto chain = read_chain(files.certificate);
  const Key key = read_key(files.key);
  if (chain.empty() || !key || X509_check_private_key(chain[0].get(), key.get()) != 1) return false;
  ERR_clear_error();
  time_t soon = ::time(nullptr) + kRenewedBefore;
  if (X509_cmp_time(X509_get0_notAfter(chain[0].get()), &soon) <= 0) return false;
  return std::ranges::all_of(names, [&](const std::string& name) { return is_for(chain[0].get(), name); });
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) throw std::runtime_error(fmt::format("a certificate can't be made for {}", value));
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string subject_names(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) {
    all += fmt::format("{}{}:{}", all.empty() ? "" : ",", is_address(name) ? "IP" : "DNS", name);
  }
  return all;
}

Certificate sign(EVP_PKEY* key, const std::vector<std::string>& names) {
  Certificate made(X509_new());
  X509* const certificate = made.get();
  X509_set_version(certificate, X509_VERSION_3);
  // By the clock of those who look at it, and a little before: theirs may be late.
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kGoodFor - kDay);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  X509_set_pubkey(certificate, key);
  X509_NAME* const name = X509_get_subject_name(certificate);
  // A name of its own: of two trusted ones of the same name, clients look at the first alone.
  const std::string own = fmt::format("MLOps Beer {:x}", serial >> 1);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(own.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  // It vouches for nobody else: who trusts it trusts this engine.
  add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, NID_ext_key_usage, "serverAuth");
  add_extension(certificate, NID_subject_key_identifier, "hash");
  add_extension(certificate, NID_subject_alt_name, subject_names(names));
  if (X509_sign(certificate, key, EVP_sha256()) == 0) throw std::runtime_error("a certificate can't be signed");
  return made;
}

template <class Write>
std::string pem(Write write) {
  const Bio memory(BIO_new(BIO_s_mem()));
  write(memory.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

bool make_certificate(const CertificateFiles& files, const std::vector<std::string>& names) {
  if (is_good(files, names)) return false;
  const Key key(EVP_EC_gen("P-256"));
  if (!key) throw std::runtime_error("a key can't be made");
  const Certificate made = sign(key.get(), names);
  for (const std::string& file : {files.key, files.certificate}) {
    std::filesystem::create_directories(io::parent_folder(file));
  }
  io::write_file_atomically(files.key, pem([&](BIO* out) {
                              PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
                            }), 0600);
  io::write_file_atomically(files.certificate, pem([&](BIO* out) { PEM_write_bio_X509(out, made.get()); }));
  return true;
}

bool is_certificate_for(const std::string& certificate, const std::string& name) {
  const auto chain = read_chain(certificate);
  return !chain.empty() && is_for(chain[0].get(), name);
}

std::string certificate_name(const std::string& certificate) {
  const auto chain = read_chain(certificate);
  if (chain.empty()) return {};
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(chain[0].get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const ASN1_STRING* const text = name->d.dNSName;
    const std::string found(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                            static_cast<std::size_t>(ASN1_STRING_length(text)));
    if (!found.starts_with('*')) return found;
  }
  return {};
}

bool vouches_for_itself(const std::string& certificate) {
  const auto chain = read_chain(certificate);
  return !chain.empty() && X509_self_signed(chain.back().get(), 0) == 1;
}

}  // namespace http
