#pragma once

// Jobs that would wait for themselves.

#include <span>

#include <portfire/storage/monitoring.hpp>

#include "client/creation.hpp"

namespace portfire {

// Throws UsageError where a job is to become a member of a batch for which, by way of others, it is
// to wait: neither would ever end. Jobs wait for jobs that were there before them, so this is the
// only way to a ring. Looks at the storage only for members that have parents.
void refuse_rings(std::span<const PreparedJob> prepared, Monitoring& monitoring);

}  // namespace portfire
