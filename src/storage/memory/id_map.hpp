#pragma once

// A hash table from ids to small values, in one block of memory: looked up, never walked, so that
// the order of its buckets shows nowhere.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <portfire/id.hpp>

namespace portfire::memory {

// Linear probing; the nil id marks a free bucket and cannot be a key. Pointers to values are good
// until the next insertion or removal. Not synchronised.
template <class IdType, class Value>
class IdMap {
 public:
  [[nodiscard]] const Value* find(IdType id) const {
    if (size_ == 0) return nullptr;
    const Bucket& bucket = buckets_[place_of(id)];
    return bucket.id ? &bucket.value : nullptr;
  }

  // Adds the id. Leaves everything as it is and returns false when it is there, or nil.
  bool insert(IdType id, Value value) {
    if (!id) return false;
    if ((size_ + 1) * 3 > buckets_.size() * 2) grow();
    Bucket& bucket = buckets_[place_of(id)];
    if (bucket.id) return false;
    bucket = {id, value};
    ++size_;
    return true;
  }

  void erase(IdType id) {
    if (size_ == 0) return;
    std::size_t free = place_of(id);
    if (!buckets_[free].id) return;
    --size_;
    // Moves up whatever could no longer be reached across the gap; no tombstones are left.
    for (std::size_t next = following(free); buckets_[next].id; next = following(next)) {
      const std::size_t distance = (next - home_of(buckets_[next].id)) & mask();
      if (distance >= ((next - free) & mask())) {
        buckets_[free] = buckets_[next];
        free = next;
      }
    }
    buckets_[free] = {};
  }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Bucket {
    IdType id;
    Value value{};
  };

  [[nodiscard]] std::size_t mask() const { return buckets_.size() - 1; }
  [[nodiscard]] std::size_t following(std::size_t place) const { return (place + 1) & mask(); }

  [[nodiscard]] std::size_t home_of(IdType id) const {
    // Ids may be random or mere counts; the high half of a product mixes both well.
    std::uint64_t bits = (id.low() ^ (id.high() * 0x9E3779B97F4A7C15ULL)) * 0xD6E8FEB86659FD93ULL;
    bits ^= bits >> 32U;
    return static_cast<std::size_t>(bits) & mask();
  }

  // Where the id is, or the free bucket where it belongs.
  [[nodiscard]] std::size_t place_of(IdType id) const {
    std::size_t place = home_of(id);
    while (buckets_[place].id && buckets_[place].id != id) place = following(place);
    return place;
  }

  void grow() {
    constexpr std::size_t smallest = 64;
    std::vector<Bucket> old(buckets_.empty() ? smallest : buckets_.size() * 2);
    old.swap(buckets_);
    for (const Bucket& bucket : old) {
      if (bucket.id) buckets_[place_of(bucket.id)] = bucket;
    }
  }

  std::vector<Bucket> buckets_;  // a power of two
  std::size_t size_ = 0;
};

}  // namespace portfire::memory
