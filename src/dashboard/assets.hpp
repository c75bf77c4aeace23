#pragma once

// The files of the user interface, embedded when the program was built.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <portfire/http.hpp>

namespace portfire::dashboard {

struct Asset {
  std::string_view path;      // `assets/app-5c1f.js`
  std::string_view encoding;  // `br`, `gzip`, or empty
  std::span<const std::uint8_t> bytes;
};

// All files; those that are worth it once more in each encoding.
std::span<const Asset> assets();

// The file, in the best encoding that the request accepts. Status 404 when there is none. Those in
// `assets/` have their digest in their name, and are kept by browsers for good.
HttpResponse asset_response(const HttpRequest& request, std::string_view path);

// The one page, which finds everything else below `prefix`.
HttpResponse index_response(std::string_view prefix);

}  // namespace portfire::dashboard
