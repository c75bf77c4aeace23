#include "dashboard/assets.hpp"

#include <array>

#include "dashboard/refusal.hpp"

namespace portfire::dashboard {

namespace {

constexpr std::string_view index_path = "index.html";

std::string_view type_of(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> types = {
      {{".html", "text/html; charset=utf-8"},
       {".js", "text/javascript; charset=utf-8"},
       {".css", "text/css; charset=utf-8"},
       {".svg", "image/svg+xml"},
       {".json", "application/json"},
       {".png", "image/png"},
       {".ico", "image/x-icon"}}};
  for (const auto& [ending, type] : types) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

const Asset* find_asset(std::string_view path, std::string_view encoding) {
  for (const Asset& asset : assets()) {
    if (asset.path == path && asset.encoding == encoding) return &asset;
  }
  return nullptr;
}

// Whether a list such as `gzip, deflate, br;q=0.9` has it. One that is refused by `q=0` is rare
// enough to be taken at its word.
bool accepts(std::string_view list, std::string_view encoding) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    const std::string_view name = item.substr(0, item.find(';'));
    const bool is_refused = item.ends_with("q=0") || item.ends_with("q=0.0");
    if (name == encoding) return !is_refused;
  }
  return false;
}

std::string text_of(const Asset& asset) { return {asset.bytes.begin(), asset.bytes.end()}; }

// Inside an attribute.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '"': result += "&quot;"; break;
      case '<': result += "&lt;"; break;
      default: result += c;
    }
  }
  return result;
}

}  // namespace

HttpResponse asset_response(const HttpRequest& request, std::string_view path) {
  const Asset* chosen = nullptr;
  for (const std::string_view encoding : {std::string_view{"br"}, std::string_view{"gzip"}}) {
    if (chosen == nullptr && accepts(request.header("Accept-Encoding"), encoding)) {
      chosen = find_asset(path, encoding);
    }
  }
  if (chosen == nullptr) chosen = find_asset(path, "");
  if (chosen == nullptr) return problem(404, "There is no such file");
  const bool is_named_by_digest = path.starts_with("assets/");
  HttpResponse response{
      .status = 200,
      .headers = {{"Content-Type", std::string{type_of(path)}},
                  {"Vary", "Accept-Encoding"},
                  {"Cache-Control", is_named_by_digest ? "public, max-age=31536000, immutable"
                                                       : "public, max-age=3600"}},
      .body = text_of(*chosen)};
  if (!chosen->encoding.empty()) {
    response.headers.emplace_back("Content-Encoding", std::string{chosen->encoding});
  }
  return response;
}

HttpResponse index_response(std::string_view prefix) {
  const Asset* index = find_asset(index_path, "");
  std::string text =
      index == nullptr
          ? "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><base href=\"/\">"
            "<title>Portfire</title></head><body><h1>Portfire</h1><p>This program was built "
            "without "
            "the user interface (PORTFIRE_DASHBOARD_UI=OFF). The API is there: "
            "<a href=\"api/v1/overview\">api/v1/overview</a>.</p></body></html>"
          : text_of(*index);
  constexpr std::string_view base = "<base href=\"/\"";
  const std::size_t at = text.find(base);
  if (at != std::string::npos) {
    text.replace(at, base.size(), "<base href=\"" + escaped(prefix) + "/\"");
  }
  return {.status = 200,
          .headers = {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-cache"}},
          .body = std::move(text)};
}

}  // namespace portfire::dashboard
