#include "stack_traces/symboliser.hpp"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "crash/names.hpp"

namespace portfire::tracing {

namespace {

struct Freed {
  void operator()(void* memory) const { std::free(memory); }
};

const Dwfl_Callbacks callbacks{.find_elf = dwfl_build_id_find_elf,
                               .find_debuginfo = dwfl_standard_find_debuginfo,
                               .section_address = dwfl_offline_section_address,
                               .debuginfo_path = nullptr};

std::string line_text(const char* file, int line) {
  if (file == nullptr) return {};
  return std::string{" at "} + file + (line > 0 ? ":" + std::to_string(line) : "");
}

// Names of C functions could be read as those of types.
std::string readable(const char* name) {
  return std::string_view{name}.starts_with("_Z") ? crash::demangled(name) : name;
}

std::string name_of(Dwarf_Die& die, unsigned kind) {
  Dwarf_Attribute attribute;
  if (dwarf_attr_integrate(&die, kind, &attribute) == nullptr) return {};
  const char* const name = dwarf_formstring(&attribute);
  return name == nullptr ? std::string{} : readable(name);
}

// Where the function that this one was inlined into has called it.
std::string call_of(Dwarf_Die& inlined, Dwarf_Die& unit) {
  Dwarf_Attribute attribute;
  Dwarf_Word file = 0;
  Dwarf_Word line = 0;
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (dwarf_formudata(dwarf_attr(&inlined, DW_AT_call_file, &attribute), &file) != 0 ||
      dwarf_getsrcfiles(&unit, &files, &count) != 0 || file >= count) {
    return {};
  }
  dwarf_formudata(dwarf_attr(&inlined, DW_AT_call_line, &attribute), &line);
  return line_text(dwarf_filesrc(files, file, nullptr, nullptr), static_cast<int>(line));
}

// The functions around the address, the innermost first, each within the next.
std::vector<Dwarf_Die> functions_at(Dwfl_Module* module, Dwarf_Addr address) {
  std::vector<Dwarf_Die> functions;
  Dwarf_Addr bias = 0;
  Dwarf_Die* const unit = dwfl_module_addrdie(module, address, &bias);
  Dwarf_Die* found = nullptr;
  if (unit == nullptr || dwarf_getscopes(unit, address - bias, &found) <= 0) return functions;
  const std::unique_ptr<Dwarf_Die, Freed> innermost{found};
  // The scopes of the address follow the source; those of the entry follow the calls.
  Dwarf_Die* parents = nullptr;
  const int count = dwarf_getscopes_die(innermost.get(), &parents);
  const std::unique_ptr<Dwarf_Die, Freed> owned{parents};
  for (int i = 0; i < count; ++i) {
    const int tag = dwarf_tag(&parents[i]);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram) continue;
    functions.push_back(parents[i]);
    if (tag == DW_TAG_subprogram) break;
  }
  return functions;
}

}  // namespace

class Symboliser::Module {
 public:
  explicit Module(const CodeLocation& location) : session_{dwfl_begin(&callbacks), &dwfl_end} {
    if (session_ == nullptr || location.module.empty()) return;
    dwfl_report_begin(session_.get());
    Dwfl_Module* const module =
        dwfl_report_offline(session_.get(), location.module.c_str(), location.module.c_str(), -1);
    dwfl_report_end(session_.get(), nullptr, nullptr);
    if (module == nullptr || dwfl_module_getelf(module, &bias_) == nullptr) return;
    // A file that has been replaced since would give wrong names.
    if (build_id_of(module) == location.build_id) module_ = module;
  }

  std::vector<std::string> frames_at(const CodeLocation& location) {
    if (module_ == nullptr) return {crash::plain_frame(location)};
    const Dwarf_Addr address = location.offset + bias_;
    std::vector<Dwarf_Die> functions = functions_at(module_, address);
    const std::string symbol = symbol_at(address);
    std::string line = line_at(address);
    if (functions.empty()) {
      if (symbol.empty()) return {crash::plain_frame(location)};
      return {symbol + (line.empty() ? " in " + crash::file_name(location.module) : line)};
    }
    std::vector<std::string> frames;
    Dwarf_Addr bias = 0;
    Dwarf_Die* const unit = dwfl_module_addrdie(module_, address, &bias);
    for (Dwarf_Die& function : functions) {
      frames.push_back(name_of_function(function, symbol, location) + line);
      line = call_of(function, *unit);
    }
    return frames;
  }

 private:
  static std::string build_id_of(Dwfl_Module* module) {
    const unsigned char* bytes = nullptr;
    GElf_Addr address = 0;
    const int size = dwfl_module_build_id(module, &bytes, &address);
    return crash::hexadecimal({bytes, static_cast<std::size_t>(std::max(size, 0))});
  }

  [[nodiscard]] std::string line_at(Dwarf_Addr address) const {
    Dwfl_Line* const line = dwfl_module_getsrc(module_, address);
    int number = 0;
    const char* file = line == nullptr
                           ? nullptr
                           : dwfl_lineinfo(line, nullptr, &number, nullptr, nullptr, nullptr);
    return line_text(file, number);
  }

  // Functions that other files do not see have short names only, but for the symbol table.
  static std::string name_of_function(Dwarf_Die& function, const std::string& symbol,
                                      const CodeLocation& location) {
    std::string name = name_of(function, DW_AT_linkage_name);
    if (name.empty() && dwarf_tag(&function) == DW_TAG_subprogram) name = symbol;
    if (name.empty()) name = name_of(function, DW_AT_name);
    return name.empty() ? crash::plain_frame(location) : name;
  }

  [[nodiscard]] std::string symbol_at(Dwarf_Addr address) const {
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char* const name =
        dwfl_module_addrinfo(module_, address, &offset, &symbol, nullptr, nullptr, nullptr);
    return name == nullptr ? std::string{} : readable(name);
  }

  std::unique_ptr<Dwfl, decltype(&dwfl_end)> session_;
  Dwfl_Module* module_ = nullptr;  // null when the file is not there, or another one
  Dwarf_Addr bias_ = 0;
};

Symboliser::Symboliser() = default;
Symboliser::~Symboliser() = default;

Symboliser::Module& Symboliser::module_of(const CodeLocation& location) {
  auto& module = modules_[{location.module, location.build_id}];
  if (module == nullptr) module = std::make_unique<Module>(location);
  return *module;
}

const std::vector<std::string>& Symboliser::frames_at(const CodeLocation& location) {
  constexpr std::size_t most_known = 10'000;
  if (known_.size() >= most_known) known_.clear();
  auto& frames = known_[{location.module, location.offset, location.build_id}];
  if (frames.empty()) frames = module_of(location).frames_at(location);
  return frames;
}

std::vector<std::string> Symboliser::describe(std::span<const CodeLocation> locations) {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> all;
  for (const CodeLocation& location : locations) {
    const auto& frames = frames_at(location);
    all.insert(all.end(), frames.begin(), frames.end());
  }
  return all;
}

}  // namespace portfire::tracing
