-- Jobs as tables: records that are taken apart, and put together again.

local function has(job, mark) return floor(job.marks / mark) % 2 == 1 end
local function set(job, mark) if not has(job, mark) then job.marks = job.marks + mark end end
local function clear(job, mark) if has(job, mark) then job.marks = job.marks - mark end end

local function decode(id, text)
  local j = {id = id}
  local code
  j.kind, j.ending, j.marks, j.epoch, j.since, j.due, j.step, j.server, j.claimed, j.delay,
  j.duration, code, j.created, j.number, j.place, j.ready, j.priority, j.attempt, j.queue, j.name,
  j.parameters, j.arguments, j.state, j.result = read(FORMAT, text)
  if code > 0 then j.state = STATES[code] end
  if has(j, MEMBER) then j.batch, j.member = read('>c16I7', text, #text - 22) end
  return j
end

local function encode(j)
  local code = STATE_CODES[j.state] or 0
  local name = code == 0 and j.state or ''
  local text = write(FORMAT, j.kind, j.ending, j.marks, j.epoch, j.since, j.due, j.step, j.server,
                     j.claimed, j.delay, j.duration, code, j.created, j.number, j.place, j.ready,
                     j.priority, j.attempt, #j.queue, j.queue, #j.name, j.name, #j.parameters,
                     j.parameters, #j.arguments, j.arguments, #name, name, #j.result, j.result)
  return j.batch and text .. write('>c16I7', j.batch, j.member) or text
end

local function enqueued(reason)
  return {kind = READY, ending = 0, due_in = 0, name = 'Enqueued', reason = reason, data = ''}
end

-- Names of states as people see them: a claim gives its own.
local function state_of(job) return job.kind == RUNNING and 'Processing' or job.state end
local function ending_of(job) return job.kind == RUNNING and 0 or job.ending end

local function history_entry(kind, elected_away, at, server, name, reason, data)
  return write('>BBI7c16Bc0I4c0I4c0', kind, elected_away, at, server, #name, name, #reason, reason,
               #data, data)
end
