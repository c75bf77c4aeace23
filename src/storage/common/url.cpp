#include <algorithm>
#include <charconv>

#include <portfire/error.hpp>
#include <portfire/open.hpp>

namespace portfire {

namespace {

constexpr std::string_view scheme_characters = "abcdefghijklmnopqrstuvwxyz0123456789+.-";
constexpr const char* any_example = "sqlite:jobs.db";

int hex_digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  return -1;
}

std::string percent_decoded(const StorageUrl& url, std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      refuse_url(url,
                 "\"" + std::string{text.substr(i, 3)} +
                     "\" is not a percent sign and two hexadecimal digits; a percent sign itself "
                     "is written %25",
                 any_example);
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (decoded.find('\0') != std::string::npos) {
    refuse_url(url, "\"" + std::string{text} + "\" contains a zero byte", any_example);
  }
  return decoded;
}

void read_options(StorageUrl& url, std::string_view text) {
  while (true) {
    const auto end = std::min(text.find('&'), text.size());
    const auto item = text.substr(0, end);
    const auto equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      refuse_url(url, "option \"" + std::string{item} + "\" is not of the form name=value",
                 "sqlite:jobs.db?durability=normal");
    }
    std::string name{item.substr(0, equals)};
    const bool is_repeated =
        std::ranges::any_of(url.options, [&](const auto& option) { return option.first == name; });
    if (is_repeated) {
      refuse_url(url, "option \"" + name + "\" is given twice; once is enough", any_example);
    }
    url.options.emplace_back(std::move(name), percent_decoded(url, item.substr(equals + 1)));
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
  }
}

std::string joined(const std::vector<std::string>& items, std::string_view separator) {
  std::string text;
  for (const std::string& item : items) {
    if (!text.empty()) text += separator;
    text += item;
  }
  return text;
}

}  // namespace

std::string without_password(const StorageUrl& url) {
  static constexpr std::string_view option = "password=";
  std::string text = url.text;
  // All of them: also where the second one is what is refused.
  for (auto at = text.find(option); at != std::string::npos; at = text.find(option, at)) {
    at += option.size();
    text.replace(at, std::min(text.find('&', at), text.size()) - at, "***");
  }
  const auto slashes = text.find("://");
  if (slashes == std::string::npos) return text;
  // Of user:password@host; a password may hold what ends the host in a URL that is well formed.
  const auto at = text.rfind('@', text.find('?'));
  const auto colon = text.find(':', slashes + 3);
  if (at != std::string::npos && colon < at) text.replace(colon + 1, at - colon - 1, "***");
  return text;
}

void refuse_url(const StorageUrl& url, const std::string& what, const std::string& example) {
  throw UsageError{"storage URL \"" + without_password(url) + "\": " + what + "; for example " +
                   example};
}

StorageUrl parse_storage_url(std::string_view text) {
  StorageUrl url{.text = std::string{text}};
  if (text.empty()) refuse_url(url, "it is empty; write scheme:place", any_example);
  const auto colon = text.find(':');
  const bool has_scheme =
      colon != std::string_view::npos && colon > 0 && text[0] >= 'a' && text[0] <= 'z' &&
      text.substr(0, colon).find_first_not_of(scheme_characters) == std::string_view::npos;
  if (!has_scheme) {
    refuse_url(url, "it does not begin with a scheme (lower case) and a colon", any_example);
  }
  url.scheme = text.substr(0, colon);
  text.remove_prefix(colon + 1);
  const auto question_mark = std::min(text.find('?'), text.size());
  url.rest = percent_decoded(url, text.substr(0, question_mark));
  if (question_mark < text.size()) read_options(url, text.substr(question_mark + 1));
  return url;
}

const Driver& driver_for(const StorageUrl& url, const Drivers& drivers) {
  std::vector<std::string> schemes;
  std::vector<std::string> examples;
  for (const Driver& driver : drivers) {
    if (driver.scheme == url.scheme) return driver;
    schemes.push_back(driver.scheme);
    examples.push_back(driver.example);
  }
  refuse_url(url,
             "there is no storage of scheme \"" + url.scheme +
                 "\"; known schemes: " + joined(schemes, ", "),
             joined(examples, " or "));
}

std::shared_ptr<Storage> open(std::string_view url, const Drivers& drivers, SchemaPolicy schema) {
  const StorageUrl parsed = parse_storage_url(url);
  return driver_for(parsed, drivers).open(parsed, schema);
}

const std::string* UrlOptions::find(const std::string& name) const {
  for (const auto& [option, value] : url_.options) {
    if (option == name) return &value;
  }
  return nullptr;
}

void UrlOptions::know(const std::string& name, const std::string& values) {
  known_.emplace_back(name, name + "=" + values);
}

std::size_t UrlOptions::choice(const std::string& name, const std::vector<std::string>& choices) {
  know(name, joined(choices, "|"));
  const std::string* value = find(name);
  if (value == nullptr) return 0;
  const auto found = std::ranges::find(choices, *value);
  if (found == choices.end()) {
    refuse_url(
        url_,
        "option " + name + " is \"" + *value + "\"; it must be one of " + joined(choices, ", "),
        example_);
  }
  return static_cast<std::size_t>(found - choices.begin());
}

std::string UrlOptions::text(const std::string& name, const std::string& otherwise) {
  know(name, "…");
  const std::string* value = find(name);
  return value == nullptr ? otherwise : *value;
}

int UrlOptions::number(const std::string& name, int otherwise, int lowest, int highest) {
  know(name, std::to_string(lowest) + "…" + std::to_string(highest));
  const std::string* value = find(name);
  if (value == nullptr) return otherwise;
  int read = 0;
  const char* end = value->data() + value->size();
  const auto [stopped, error] = std::from_chars(value->data(), end, read);
  if (error != std::errc{} || stopped != end || read < lowest || read > highest) {
    refuse_url(url_,
               "option " + name + " is \"" + *value + "\"; it must be a whole number from " +
                   std::to_string(lowest) + " to " + std::to_string(highest),
               example_);
  }
  return read;
}

Duration UrlOptions::span(const std::string& name, Duration otherwise, Duration shortest,
                          Duration longest) {
  know(name, to_string(shortest) + "…" + to_string(longest));
  const std::string* value = find(name);
  if (value == nullptr) return otherwise;
  const std::optional<Duration> read = parse_duration(*value);
  if (!read || *read < shortest || *read > longest) {
    refuse_url(url_,
               "option " + name + " is \"" + *value + "\"; it must be a span from " +
                   to_string(shortest) + " to " + to_string(longest),
               example_);
  }
  return *read;
}

void UrlOptions::finish() const {
  for (const auto& [option, value] : url_.options) {
    const bool is_known =
        std::ranges::any_of(known_, [&](const auto& known) { return known.first == option; });
    if (is_known) continue;
    std::vector<std::string> words;
    for (const auto& known : known_) words.push_back(known.second);
    const std::string cure = words.empty() ? url_.scheme + " storages have no options"
                                           : "known options: " + joined(words, ", ");
    refuse_url(url_, "unknown option \"" + option + "\"; " + cure, example_);
  }
}

}  // namespace portfire
