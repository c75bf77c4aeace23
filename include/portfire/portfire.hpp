#pragma once

/// Everything but the drivers: jobs, client, handlers, server. Add the driver that you use, such as
/// `<portfire/sqlite.hpp>`.

#include <portfire/batch.hpp>
#include <portfire/client.hpp>
#include <portfire/cron.hpp>
#include <portfire/display.hpp>
#include <portfire/handlers.hpp>
#include <portfire/isolation.hpp>
#include <portfire/job.hpp>
#include <portfire/outcome.hpp>
#include <portfire/recurring.hpp>
#include <portfire/server.hpp>
#include <portfire/workflow.hpp>
