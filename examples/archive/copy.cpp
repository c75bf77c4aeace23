#include "copy.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <zstd.h>

#include "sha256.hpp"

namespace archive {

namespace {

class Source {
 public:
  explicit Source(const std::filesystem::path& path) try
      // Neither through a link nor waiting for somebody to fill a pipe.
      : descriptor_{path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK} {
    if (fstat(descriptor_.get(), &status_) != 0) throw_errno("cannot read", path);
    if (!S_ISREG(status_.st_mode)) throw Unreadable{"is not a file any more"};
  } catch (const std::system_error& error) {
    // Too many open files is this moment's trouble, not the file's.
    if (error.code() == std::errc::too_many_files_open ||
        error.code() == std::errc::too_many_files_open_in_system) {
      throw;
    }
    throw Unreadable{error.code().message()};
  }

  // The next piece; empty at the end.
  std::string_view read() {
    ssize_t count = 0;
    do {
      count = ::read(descriptor_.get(), buffer_.data(), buffer_.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0) throw Unreadable{std::generic_category().message(errno)};
    return {buffer_.data(), static_cast<std::size_t>(count)};
  }

  [[nodiscard]] const timespec& modified() const { return status_.st_mtim; }

 private:
  static constexpr std::size_t piece = 256 * 1024;

  const Descriptor descriptor_;
  struct stat status_{};
  std::vector<char> buffer_ = std::vector<char>(piece);
};

class Compressor {
 public:
  explicit Compressor(AtomicFile& output) : output_{output} {
    // The checksum lets `zstd --test` prove a copy good without its original.
    check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1));
  }

  void add(std::string_view bytes) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    while (input.pos < input.size) run(input, ZSTD_e_continue);
  }

  // Returns the size of the whole.
  std::uint64_t finish() {
    ZSTD_inBuffer nothing{nullptr, 0, 0};
    while (run(nothing, ZSTD_e_end) != 0) continue;
    return size_;
  }

 private:
  static std::size_t check(std::size_t answer) {
    if (ZSTD_isError(answer) != 0) throw std::runtime_error{ZSTD_getErrorName(answer)};
    return answer;
  }

  std::size_t run(ZSTD_inBuffer& input, ZSTD_EndDirective directive) {
    ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
    const std::size_t left = check(ZSTD_compressStream2(context_.get(), &out, &input, directive));
    output_.write({buffer_.data(), out.pos});
    size_ += out.pos;
    return left;
  }

  AtomicFile& output_;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context_{ZSTD_createCCtx(), &ZSTD_freeCCtx};
  std::vector<char> buffer_ = std::vector<char>(ZSTD_CStreamOutSize());
  std::uint64_t size_ = 0;
};

}  // namespace

Archived copy_file(const std::filesystem::path& source, AtomicFile& copy,
                   const std::function<void(std::uint64_t bytes)>& on_bytes) {
  Source input{source};
  Sha256 hash;
  Compressor compressor{copy};
  Archived archived;
  for (std::string_view piece = input.read(); !piece.empty(); piece = input.read()) {
    hash.add(piece);
    compressor.add(piece);
    archived.size += piece.size();
    on_bytes(piece.size());
  }
  archived.compressed_size = compressor.finish();
  archived.sha256 = hash.finish();
  // The date from before the first byte was read: should the file change meanwhile, the next run
  // sees that the copy is of another day.
  copy.set_modified(input.modified());
  return archived;
}

}  // namespace archive
