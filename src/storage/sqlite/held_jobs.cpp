#include "storage/sqlite/held_jobs.hpp"

#include "storage/sqlite/database.hpp"

namespace portfire::sqlite {

std::size_t HeldTable::home(std::int64_t key) const {
  // Fibonacci hashing: neighbouring keys spread over the table.
  return static_cast<std::size_t>((static_cast<std::uint64_t>(key) * 0x9E3779B97F4A7C15ULL) >> 20) &
         (slots_.size() - 1);
}

HeldJob* HeldTable::find(std::int64_t key) {
  if (slots_.empty()) return nullptr;
  for (std::size_t i = home(key); slots_[i].key != 0; i = (i + 1) & (slots_.size() - 1)) {
    if (slots_[i].key == key) return &slots_[i];
  }
  return nullptr;
}

void HeldTable::reserve(std::size_t more) {
  while (2 * (size_ + more) > slots_.size()) grow();
}

void HeldTable::insert(const HeldJob& job) {
  if (HeldJob* known = find(job.key)) {
    *known = job;
    return;
  }
  reserve(1);
  std::size_t i = home(job.key);
  while (slots_[i].key != 0) i = (i + 1) & (slots_.size() - 1);
  slots_[i] = job;
  ++size_;
}

void HeldTable::erase(std::int64_t key) {
  HeldJob* const found = find(key);
  if (found == nullptr) return;
  const std::size_t mask = slots_.size() - 1;
  auto hole = static_cast<std::size_t>(found - slots_.data());
  // Those behind the hole move up, unless they are already as near to their home as they may be.
  for (std::size_t i = (hole + 1) & mask; slots_[i].key != 0; i = (i + 1) & mask) {
    const std::size_t distance_of_hole = (hole - home(slots_[i].key)) & mask;
    const std::size_t distance = (i - home(slots_[i].key)) & mask;
    if (distance_of_hole > distance) continue;
    slots_[hole] = slots_[i];
    hole = i;
  }
  slots_[hole].key = 0;
  --size_;
}

void HeldTable::grow() {
  std::vector<HeldJob> old(slots_.empty() ? 64 : 2 * slots_.size());
  old.swap(slots_);
  size_ = 0;
  for (const HeldJob& job : old) {
    if (job.key != 0) insert(job);
  }
}

void HeldJobs::claimed(const HeldJob& job) {
  ended(job.key);  // if it is still known from a claim that somebody else has ended
  claimed_.push_back(job);
}

void HeldJobs::ended(std::int64_t key) {
  if (HeldJob* const job = table_.find(key)) ended(*job);
}

void HeldJobs::ended(HeldJob& job) {
  if (job.ended) return;
  ended_.push_back({job.key, {job.server, job.token}});
  job.ended = true;
}

void HeldJobs::flush(Database& database) {
  std::map<ClaimKey, std::size_t> ended_of;
  auto last = ended_of.end();  // jobs of one claim tend to end together
  for (const Ended& ended : ended_) {
    if (last == ended_of.end() || last->first != ended.claim) {
      last = ended_of.try_emplace(ended.claim, 0).first;
    }
    ++last->second;
  }
  for (const auto& [claim, count] : ended_of) {
    const auto open = open_claims_.find(claim);
    if (open == open_claims_.end() || open->second > count) continue;
    database.run(Query::remove_claim, claim.first, claim.second);
  }
  // What has been committed must not fail any more.
  table_.reserve(claimed_.size());
  for (const HeldJob& job : claimed_) open_claims_.try_emplace({job.server, job.token}, 0);
}

void HeldJobs::committed() noexcept {
  for (const Ended& ended : ended_) {
    const auto open = open_claims_.find(ended.claim);
    if (open != open_claims_.end() && --open->second == 0) open_claims_.erase(open);
    table_.erase(ended.key);
  }
  ended_.clear();
  for (const HeldJob& job : claimed_) {
    table_.insert(job);
    ++open_claims_[{job.server, job.token}];
  }
  claimed_.clear();
}

void HeldJobs::rolled_back() {
  restore(0);
  claimed_.clear();
}

void HeldJobs::restore(std::size_t mark) {
  for (; ended_.size() > mark; ended_.pop_back()) {
    if (HeldJob* job = table_.find(ended_.back().key)) job->ended = false;
  }
}

void HeldJobs::forget_server(std::int64_t server) {
  table_.erase_if([&](const HeldJob& job) { return job.server == server; });
  std::erase_if(open_claims_, [&](const auto& open) { return open.first.first == server; });
}

}  // namespace portfire::sqlite
