-- Where everything is, and what time it is. Stands in front of every script.
--
-- KEYS[1]   `{prefix}`: the hash that says whose the prefix is (see open.lua); every other key is
--           built from it here and nowhere else, so that all share one slot of a cluster
-- ARGV[1]   the clock: microseconds to add to the server's, or `=` and the instant itself
--
-- Instants are microseconds of Unix time. Lua's numbers are exact up to 2^53, the year 2255.

local P = KEYS[1]
local call = redis.call
local write, read = struct.pack, struct.unpack
local sub, byte, char = string.sub, string.byte, string.char
local floor, concat = math.floor, table.concat

local key = {
  -- Of one job, by its 16 bytes.
  job = P .. 'j',        -- string: the record, see record.lua
  arguments = P .. 'a',  -- string: arguments too large to be copied at each step
  extra = P .. 'e',      -- hash: what few jobs have, see record.lua
  history = P .. 'h',    -- list: steps that the record does not tell
  log = P .. 'l',        -- list
  children = P .. 'k',   -- sorted set: child and which of its parents this is, by child's number
  parents = P .. 'p',    -- hash: which of the parents → parent and condition

  -- Of a queue, or of `queue#name` for jobs that wait for a server that knows their name.
  lane = P .. ':lane:',          -- sorted set: jobs by place
  suspects = P .. ':suspects:',  -- the same, of those that were held by a server that crashed
  names = P .. ':names:',        -- set: which `#name` lanes a queue has

  -- Rows: jobs in the order in which they entered something, 64 to a chunk.
  chunk = P .. ':chunk:',   -- string: 64 ids; zeros where there is none (any more)
  chunks = P .. ':chunks:', -- sorted set: the chunks of a row
  filled = P .. ':filled:', -- hash: chunk → how many jobs are in it
  expiry = P .. ':expiry',  -- sorted set: chunks by the earliest expiry of a job in them

  timed = P .. ':timed',          -- sorted set: number and id of jobs, by the instant they fall due
  live = P .. ':live',            -- hash: queue, zero byte, state → jobs in it now
  running = P .. ':running',      -- hash: queue → jobs held
  lifetime = P .. ':lifetime',    -- hash: state → entries ever
  hours = P .. ':hours',          -- hash: hour, colon, state → entries
  keys = P .. ':keys',            -- hash: unique key → holder, kinds, end of the window
  windows = P .. ':windows',      -- sorted set: unique keys by the end of their window
  limits = P .. ':limits',        -- hash: a limit's key → how many jobs count
  line = P .. ':line:',           -- sorted set: jobs that stand in line for it, in their order
  sweeps = P .. ':sweeps',        -- sorted set: deleted batches, see batches.lua
  units = P .. ':units',          -- sorted set: units, and jobs removed early, by when to forget them
  existing = P .. ':existing',    -- hash: unit → creations left out of it and who held their keys
  queues = P .. ':queues',        -- hash: queue → its settings
  locks = P .. ':locks',          -- hash: name → fence, end, owner
  recurring = P .. ':recurring',            -- hash: id → template, see templates.lua
  recurring_ids = P .. ':recurring_ids',    -- sorted set: ids of templates, all with the same score
  recurring_due = P .. ':recurring_due:',   -- sorted set of a job's name: templates by when they fall due
  audit = P .. ':audit',          -- hash: number → entry, see audit.lua
  servers = P .. ':servers',      -- sorted set: servers in the order of their coming
  server = P .. ':server:',       -- hash, of one server
  handlers = P .. ':handlers:',   -- set: the names of jobs that it can run
  held = P .. ':held:',           -- hash: claim → ids taken; `n` and claim → how many are held
  stopping = P .. ':stopping:',   -- set: jobs taken from it whose handlers may still be running
}
local channel = P .. '/'  -- topics of wake-ups; `jobs` carries ids of jobs that have ended

local now
if sub(ARGV[1], 1, 1) == '=' then
  now = tonumber(sub(ARGV[1], 2))
else
  local time = call('TIME')
  now = time[1] * 1000000 + time[2] + tonumber(ARGV[1])
end

local HOUR = 3600000000
local LAST = 9223372036854774784  -- the last instant there is
local NO_ID = string.rep('\0', 16)

-- Redis looks whether there is memory before the first write of a script that may need some, and not
-- after any other. Everything but new jobs must go on when its memory is full: or what fills it would
-- never be run, and never expire.
local function write_although_full() call('DEL', P .. ':nothing') end

local function later(span)
  local at = now + span
  return at < LAST and at or LAST
end

local function number_bytes(number) return write('>I7', number) end

-- Calls a command with a list that may be long: a portion of `step` values after another.
local function spread(command, name, list)
  for first = 1, #list, 4000 do
    call(command, name, unpack(list, first, math.min(first + 3999, #list)))
  end
end

-- Sets keys: names and values in turn.
local function set_all(list)
  for first = 1, #list, 4000 do
    call('MSET', unpack(list, first, math.min(first + 3999, #list)))
  end
end

-- The values of many keys.
local function read_all(prefix, ids)
  local values = {}
  for first = 1, #ids, 4000 do
    local names = {}
    for i = first, math.min(first + 3999, #ids) do names[#names + 1] = prefix .. ids[i] end
    local found = call('MGET', unpack(names))
    for i = 1, #found do values[#values + 1] = found[i] end
  end
  return values
end

-- Adds to numbers of a hash; those that come down to nothing go.
local function add_numbers(name, deltas)
  for field, delta in pairs(deltas) do
    if delta ~= 0 and call('HINCRBY', name, field, delta) == 0 then call('HDEL', name, field) end
  end
end

local function tell(topic, message) call('PUBLISH', channel .. topic, message or '') end

local function id_text(id)
  local hex = string.gsub(id, '.', function(c) return string.format('%02x', byte(c)) end)
  return sub(hex, 1, 8) .. '-' .. sub(hex, 9, 12) .. '-' .. sub(hex, 13, 16) .. '-' ..
         sub(hex, 17, 20) .. '-' .. sub(hex, 21)
end

