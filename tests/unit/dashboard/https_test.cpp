// The same over TLS.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dashboard/server/http_server.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_directory.hpp"

namespace portfire::dashboard {
namespace {

// Writes a key and a certificate that it has signed itself.
void write_certificate(const std::string& certificate_path, const std::string& key_path) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> first{
      std::fopen(certificate_path.c_str(), "w"), std::fclose};
  PEM_write_X509(first.get(), certificate.get());
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> second{std::fopen(key_path.c_str(), "w"),
                                                                  std::fclose};
  PEM_write_PrivateKey(second.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

std::string answer_over_tls(std::uint16_t port, int version) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free};
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  const std::string address = "127.0.0.1:" + std::to_string(port);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> connection{BIO_new_ssl_connect(context.get()),
                                                                 BIO_free_all};
  BIO_set_conn_hostname(connection.get(), address.c_str());
  if (BIO_do_handshake(connection.get()) != 1) return "no handshake";
  BIO_puts(connection.get(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string text;
  char buffer[1024];
  for (int count = 0; (count = BIO_read(connection.get(), buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

TEST(HttpsServer, SpeaksTlsOfTodayAlone) {
  const TemporaryDirectory directory;
  const std::string certificate = directory.path() / "certificate.pem";
  const std::string key = directory.path() / "key.pem";
  write_certificate(certificate, key);
  HttpServer server{{.port = 0, .certificate_file = certificate, .private_key_file = key},
                    "/ops",
                    silent_sink(),
                    [](const HttpRequest&) { return HttpResponse{.body = "secret"}; }};
  const std::string url = server.url();
  EXPECT_THAT(url, ::testing::MatchesRegex("https://127\\.0\\.0\\.1:[0-9]+/ops/"));
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.find("0.0.1:") + 6)));
  EXPECT_THAT(answer_over_tls(port, TLS1_3_VERSION), ::testing::EndsWith("secret"));
  EXPECT_THAT(answer_over_tls(port, TLS1_2_VERSION), ::testing::EndsWith("secret"));
  EXPECT_EQ(answer_over_tls(port, TLS1_1_VERSION), "no handshake");
  RawClient plain{port};
  plain.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(plain.hear_all(), Not(::testing::HasSubstr("secret")));
}

}  // namespace
}  // namespace portfire::dashboard
