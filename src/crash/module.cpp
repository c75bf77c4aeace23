#include "crash/module.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <cstring>
#include <mutex>

#include "crash/names.hpp"

namespace portfire::crash {

namespace {

// Of the program itself the loader knows no name.
std::array<char, 4096> program_path{};
std::once_flag program_path_is_known;

std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

std::span<const unsigned char> build_id_in(std::span<const unsigned char> notes) {
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) head;
    std::memcpy(&head, notes.data(), sizeof head);
    const std::size_t name_size = padded(head.n_namesz);
    const std::size_t size = sizeof head + name_size + padded(head.n_descsz);
    if (size > notes.size()) return {};
    const unsigned char* name = notes.data() + sizeof head;
    if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
      return {name + name_size, head.n_descsz};
    }
    notes = notes.subspan(size);
  }
  return {};
}

// The file's beginning is mapped where the module begins.
std::span<const unsigned char> build_id_of(const void* start, std::uintptr_t bias) {
  const auto* const bytes = static_cast<const unsigned char*>(start);
  ElfW(Ehdr) head;
  std::memcpy(&head, bytes, sizeof head);
  if (std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) return {};
  for (std::size_t i = 0; i < head.e_phnum; ++i) {
    ElfW(Phdr) part;
    std::memcpy(&part, bytes + head.e_phoff + i * sizeof part, sizeof part);
    if (part.p_type != PT_NOTE) continue;
    const auto* const notes =
        reinterpret_cast<const unsigned char*>(bias + part.p_vaddr);  // NOLINT: it is mapped there
    const auto found = build_id_in({notes, part.p_memsz});
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace

void prepare_modules() {
  std::call_once(program_path_is_known, [] {
    const auto size = readlink("/proc/self/exe", program_path.data(), program_path.size() - 1);
    program_path[size > 0 ? static_cast<std::size_t>(size) : 0] = '\0';
  });
}

// Unlike dladdr, this takes no lock, which the thread that crashed might hold.
std::optional<Module> module_of(std::uintptr_t address) {
  dl_find_object found{};
  void* const place = reinterpret_cast<void*>(address);  // NOLINT: an address is a number
  if (_dl_find_object(place, &found) != 0) return std::nullopt;
  const char* path = found.dlfo_link_map == nullptr ? "" : found.dlfo_link_map->l_name;
  if (path == nullptr || *path == '\0') path = program_path.data();
  const std::uintptr_t bias = found.dlfo_link_map == nullptr ? 0 : found.dlfo_link_map->l_addr;
  return Module{.path = path, .bias = bias, .build_id = build_id_of(found.dlfo_map_start, bias)};
}

CodeLocation location_of(std::uintptr_t address) {
  prepare_modules();
  const auto module = module_of(address);
  if (!module) return {.offset = address};
  return {.module = module->path,
          .offset = address - module->bias,
          .build_id = hexadecimal(module->build_id)};
}

}  // namespace portfire::crash
