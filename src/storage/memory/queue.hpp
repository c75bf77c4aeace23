#pragma once

// Where ready jobs wait.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <portfire/storage/coordination.hpp>

#include "storage/memory/line.hpp"

namespace portfire::memory {

// A place in the order of claiming: higher priority first, then the older position.
struct Turn {
  int priority = 0;
  std::uint64_t position = 0;

  [[nodiscard]] bool before(const Turn& other) const {
    return priority != other.priority ? priority > other.priority : position < other.position;
  }
};

// Ready jobs in order of their turns. Not synchronised.
class PriorityLine {
 public:
  void insert(Turn turn, Slot slot) { lines_[turn.priority].insert(turn.position, slot); }
  void remove(Turn turn);
  [[nodiscard]] bool empty() const;

  // Walks in the order of claiming, from the start or from behind a turn. Good until a change.
  class Reader {
   public:
    explicit Reader(const PriorityLine& line, const std::optional<Turn>& after = std::nullopt);
    [[nodiscard]] bool done() const { return level_ == end_; }
    [[nodiscard]] Turn turn() const { return {level_->first, reader_->entry().order}; }
    [[nodiscard]] Slot slot() const { return reader_->entry().slot; }
    void next();

   private:
    using Level = std::map<int, Line, std::greater<>>::const_iterator;
    void find_occupied();
    Level level_;
    Level end_;
    std::optional<Line::Reader> reader_;  // absent at the end
  };

 private:
  std::map<int, Line, std::greater<>> lines_;  // by priority, those of the past included
};

// Several rows read as one, in order of their turns.
class MergedReader {
 public:
  void add(const PriorityLine& line, const std::optional<Turn>& after = std::nullopt);
  [[nodiscard]] bool done() const { return readers_.empty(); }
  [[nodiscard]] Slot slot() const { return readers_[best_].slot(); }
  void next();

 private:
  void choose();
  std::vector<PriorityLine::Reader> readers_;  // none of them done
  std::size_t best_ = 0;
};

// One lane; suspects apart, because they are claimed singly.
struct Lane {
  PriorityLine calm;
  PriorityLine suspect;

  PriorityLine& line(bool is_suspect) { return is_suspect ? suspect : calm; }
  [[nodiscard]] bool empty() const { return calm.empty() && suspect.empty(); }
};

struct Queue {
  explicit Queue(std::string its_name) : name{std::move(its_name)} { settings.name = name; }

  const std::string name;
  QueueSettings settings;
  Lane plain;
  std::map<std::string, Lane, std::less<>> named;  // by job name; none is empty
  std::vector<std::uint64_t> live;                 // jobs now, by index of the state's name
  std::uint64_t ready = 0;
  std::uint64_t no_handler = 0;  // of the ready ones
  std::uint64_t running = 0;

  void join(Turn turn, Slot slot, bool suspect, const std::string* job_name);
  void leave(Turn turn, bool suspect, const std::string* job_name);

  // All ready jobs in order of their turns, whatever their lane.
  [[nodiscard]] MergedReader read(const std::optional<Turn>& after = std::nullopt) const;
};

}  // namespace portfire::memory
