#pragma once

// Each file of tests defines one empty function, so that linkers keep the file: nothing else refers
// to a test in a static library.

namespace portfire::conformance {

void keep_units();
void keep_transitions();
void keep_claiming();
void keep_leases();
void keep_poison();
void keep_continuations();
void keep_continuation_table();
void keep_batches();
void keep_promotion();
void keep_retention();
void keep_unique_keys();
void keep_replacing();
void keep_limits();
void keep_recurring();
void keep_reports();
void keep_histories();
void keep_lists();
void keep_searches();
void keep_numbers();
void keep_servers();
void keep_locks();
void keep_audit();
void keep_sizes();
void keep_queues();
void keep_wakeups();
void keep_lost_replies();
void keep_durability();
void keep_concurrency();

}  // namespace portfire::conformance
