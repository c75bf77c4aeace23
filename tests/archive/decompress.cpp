#include "archive/decompress.hpp"

#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include <zstd.h>

namespace archive::testing {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

std::optional<std::string> decompress(const std::filesystem::path& path) {
  const std::string compressed = read_file(path);
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(),
                                                                     &ZSTD_freeDCtx};
  ZSTD_inBuffer input{compressed.data(), compressed.size(), 0};
  std::vector<char> buffer(ZSTD_DStreamOutSize());
  std::string content;
  std::size_t left = 1;
  while (left != 0) {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    const std::size_t before = input.pos;
    left = ZSTD_decompressStream(context.get(), &output, &input);
    const bool stuck = input.pos == before && output.pos == 0;
    if (ZSTD_isError(left) != 0 || (left != 0 && stuck)) return std::nullopt;
    content.append(buffer.data(), output.pos);
  }
  if (input.pos != input.size) return std::nullopt;
  return content;
}

}  // namespace archive::testing
