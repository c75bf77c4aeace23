#include "storage/redis/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include <portfire/error.hpp>

namespace portfire::redis::settings_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Settings read(const std::string& url) { return settings_of(parse_storage_url(url)); }

std::string refusal(const std::string& url) {
  try {
    Settings settings = read(url);
    check(settings);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(RedisSettingsTest, AServer) {
  const Settings settings = read("redis://db.example:7000/3?prefix=mail");
  EXPECT_THAT(settings.endpoints, ElementsAre(Endpoint{"db.example", 7000}));
  EXPECT_EQ(settings.database, 3);
  EXPECT_EQ(settings.prefix, "mail");
  EXPECT_FALSE(settings.tls.enabled);
  EXPECT_EQ(settings.user + settings.password, "");
}

TEST(RedisSettingsTest, WhatMayBeLeftOut) {
  const Settings settings = read("redis://db.example");
  EXPECT_THAT(settings.endpoints, ElementsAre(Endpoint{"db.example", 6379}));
  EXPECT_EQ(settings.database, 0);
  EXPECT_EQ(settings.prefix, "portfire");
  EXPECT_EQ(settings.eviction, Eviction::refuse);
}

TEST(RedisSettingsTest, APasswordMayContainAnything) {
  const Settings settings = read("redis://ann:a%2Fb%40c%3Ad%3F%25@[::1]:7000/0");
  EXPECT_EQ(settings.user, "ann");
  EXPECT_EQ(settings.password, "a/b@c:d?%");
  EXPECT_THAT(settings.endpoints, ElementsAre(Endpoint{"::1", 7000}));
  EXPECT_EQ(read("redis://:secret@host").user, "");
  EXPECT_EQ(read("redis://:secret@host").password, "secret");
}

TEST(RedisSettingsTest, ASocket) {
  const Settings settings = read("redis+unix:///run/redis%20one/socket?db=2");
  EXPECT_EQ(settings.unix_socket, "/run/redis one/socket");
  EXPECT_EQ(settings.database, 2);
  EXPECT_EQ(read("redis+unix://ann:secret@/run/socket").user, "ann");
}

TEST(RedisSettingsTest, Tls) {
  const Settings settings =
      read("rediss://host/0?ca=/ca.pem&certificate=/c.pem&key=/k.pem&server_name=x&verify=off");
  EXPECT_TRUE(settings.tls.enabled);
  EXPECT_EQ(settings.tls.ca, "/ca.pem");
  EXPECT_EQ(settings.tls.certificate, "/c.pem");
  EXPECT_EQ(settings.tls.key, "/k.pem");
  EXPECT_EQ(settings.tls.server_name, "x");
  EXPECT_FALSE(settings.tls.verify);
}

TEST(RedisSettingsTest, Sentinels) {
  const Settings settings =
      read("redis+sentinel://ann:secret@a,b:7001/main/4?sentinel_password=other&tls=on");
  EXPECT_THAT(settings.sentinels, ElementsAre(Endpoint{"a", 26379}, Endpoint{"b", 7001}));
  EXPECT_EQ(settings.sentinel_master, "main");
  EXPECT_EQ(settings.database, 4);
  EXPECT_EQ(settings.password, "secret");
  EXPECT_EQ(settings.sentinel_password, "other");
  EXPECT_TRUE(settings.tls.enabled);
}

TEST(RedisSettingsTest, Nodes) {
  const Settings settings = read("redis+cluster://a:7000,b?prefix=mail");
  EXPECT_TRUE(settings.cluster);
  EXPECT_THAT(settings.endpoints, ElementsAre(Endpoint{"a", 7000}, Endpoint{"b", 6379}));
}

TEST(RedisSettingsTest, Options) {
  const Settings settings = read(
      "redis://host?max_connections=7&connect_timeout=250ms&answer_timeout=3s&"
      "wait_replicas=2&wait_timeout=2s&eviction=warn&wakeup=poll&poll_interval=50ms");
  EXPECT_EQ(settings.max_connections, 7);
  EXPECT_EQ(settings.connect_timeout, 250ms);
  EXPECT_EQ(settings.answer_timeout, 3s);
  EXPECT_EQ(settings.wait_replicas, 2);
  EXPECT_EQ(settings.wait_timeout, 2s);
  EXPECT_EQ(settings.eviction, Eviction::warn);
  EXPECT_FALSE(settings.listen);
  EXPECT_EQ(settings.poll_interval, 50ms);
}

TEST(RedisSettingsTest, PlacesAreShownWithoutSecrets) {
  for (const std::string url :
       {"redis://db.example:7000/3?prefix=mail", "rediss://[::1]:7000/0?prefix=mail",
        "redis+unix:///run/socket?db=0&prefix=mail", "redis+sentinel://a:1,b:2/main/0?prefix=mail",
        "redis+cluster://a:1,b:2?prefix=mail"}) {
    EXPECT_EQ(place(read(url)), url);
  }
  EXPECT_EQ(place(read("redis://ann:secret@host")), "redis://host:6379/0?prefix=portfire");
}

TEST(RedisSettingsTest, WhatIsWrongIsNamedWithItsCure) {
  const std::pair<const char*, const char*> refusals[] = {
      {"redis:host", "two slashes are missing"},
      {"redis:///0", "a host is missing"},
      {"redis://host:port", "port \"port\" is not a number"},
      {"redis://host:70000", "the port of host:70000 is \"70000\""},
      {"redis://[::1", "a closing bracket is missing"},
      {"redis://ann@host", "\"ann\" has no password"},
      {"redis://a,b", "several hosts are given"},
      {"redis://host/one", "database \"one\" is not a number"},
      {"redis://host/0/1", "\"/1\" follows the number"},
      {"redis://host?prefix=", "prefix is ''"},
      {"redis://host?prefix=a%7Bb", "letters, digits"},
      {"redis://host?colour=red", "unknown option \"colour\""},
      {"redis://host?ca=/ca.pem", "unknown option \"ca\""},
      {"redis://host?answer_timeout=10", "must be like 250ms or 10s"},
      {"redis://host?answer_timeout=1ms", "answer_timeout"},
      {"rediss://host?key=/k.pem", "the certificate is missing"},
      {"redis+unix://run/socket", "the path of the socket is missing or not absolute"},
      {"redis+unix:///", "the path of the socket is missing"},
      {"redis+sentinel://host", "name under which the sentinels know the master is missing"},
      {"redis+cluster://host/1", "a cluster has database 0 only"},
  };
  for (const auto& [url, words] : refusals) EXPECT_THAT(refusal(url), HasSubstr(words)) << url;
  EXPECT_THAT(refusal("redis+unix:///" + std::string(108, 'x')), HasSubstr("at most 107"));
  EXPECT_THAT(refusal("redis://ann:secret@host/x"), Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace portfire::redis::settings_test
