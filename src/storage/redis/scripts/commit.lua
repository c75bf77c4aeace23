-- Applies units: `JobStore::commit`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2…]          sections, in the order of the units:
--   'C' jobs, queue, priority, marks, state, then per job: id, rest of the record from its priority
--       on, arguments (of jobs whose mark says that they stand apart)
--         plain creations: ready, nothing special, all alike. All or, where one exists, none
--   'F' ends, state (packed), then per end: id, epoch, delay and duration as in a record, result
--         plain ends of executions, one to a unit, all into the same state
--   'U' unit, looks back (1), jobs, changes, then the jobs and the changes, see `next_job` and
--       `next_change`
-- Returns           per section:
--   C  1, or 0: nothing was done of it or of what follows it, which then has no answer
--   F  pairs: which end (from 1), answer as for U; those that were applied are left out
--   U  0 for applied, or {status, why, job, holder, creations left out and who held their keys}

local APPLIED, ALREADY, CONFLICT, REJECTED = 0, 1, 3, 4
local NOT_FOUND, WRONG_STATE, WRONG_EPOCH = 1, 2, 3
local KEY_HELD, PARENT_MISSING = 1, 2

local at = 1
local function next_word()
  at = at + 1
  return ARGV[at]
end

local function next_states(number)
  if number == 0 then return nil end
  local all = {}
  for i = 1, number do all[i] = read_state(next_word()) end
  return all
end

local function next_job()
  local job = {}
  local away
  job.id, job.priority, job.on_duplicate, job.held_while, job.window, job.marks, away, job.waits =
    read('>c16bBBi8HHB', next_word())
  job.name, job.queue, job.parameters, job.arguments, job.apart, job.unique =
    next_word(), next_word(), next_word(), next_word(), next_word(), next_word()
  job.state = read_state(next_word())
  if job.waits == 1 then
    job.parents, job.when_met, job.when_unmet = next_word(), next_word(), next_word()
  end
  job.away = next_states(away)
  return job
end

local function next_change()
  local change = {}
  local flags, away
  change.id, flags, change.epoch, change.attempt, change.priority, change.release, change.delay,
  change.duration, away = read('>c16BI6I3bBI7I7H', next_word())
  if flags % 2 == 0 then change.epoch = nil end
  if floor(flags / 2) % 2 == 0 then change.attempt = nil end
  if floor(flags / 8) % 2 == 0 then change.priority = nil end
  change.expected, change.queue, change.result, change.parameters =
    next_word(), next_word(), next_word(), next_word()
  if floor(flags / 4) % 2 == 0 then change.queue = nil end
  change.state = read_state(next_word())
  change.away = next_states(away)
  return change
end

-- General units.

local function present_holder(name)
  local holder = holder_of(name)
  if not holder then return nil end
  if holder[3] > 0 then return now < holder[3] and holder[1] or nil end
  local job = get(holder[1])
  return job and floor(holder[2] / 2 ^ job.kind) % 2 == 1 and holder[1] or nil
end

local function wait_for_parents(job, new)
  local unmet, waits = false, false
  job.parents, job.parents0 = {}, {}
  local index = 0
  for from = 1, #new.parents, 17 do
    local parent, condition = get(sub(new.parents, from, from + 15)), byte(new.parents, from + 16)
    local met = verdict(condition, ending_of(parent))
    if met == false then unmet = true end
    if met == nil then
      waits = true
      job.parents[index] = {parent.id, condition}
      add_edge(parent, job, index)
    end
    index = index + 1
  end
  local x = extra(job)
  x.m, x.u = new.when_met, new.when_unmet
  if unmet or not waits then
    local state = read_state(unmet and new.when_unmet or new.when_met)
    leave(job)
    arrive(job, state)
  end
end

local function new_record(new)
  numbers = numbers + 1
  return {
    id = new.id, kind = new.state.kind, ending = 0, marks = new.marks, epoch = 0, since = now, due = 0,
    step = 0, server = NO_ID, claimed = 0, delay = 0, duration = 0, state = '', result = '',
    created = now, number = numbers, place = 0, ready = now, priority = new.priority, attempt = 0,
    queue = new.queue, name = new.name, parameters = new.parameters, arguments = new.arguments,
    apart = new.apart ~= '' and new.apart or nil,
  }
end

local function create(new, existing)
  if new.unique ~= '' then
    local holder = present_holder(new.unique)
    if holder then
      if new.on_duplicate == 0 then return {REJECTED, KEY_HELD, new.id, holder, ''} end
      existing[#existing + 1] = new.id .. holder
      return nil
    end
  end
  if new.waits == 1 then
    for from = 1, #new.parents, 17 do
      local parent = sub(new.parents, from, from + 15)
      if not get(parent) then return {REJECTED, PARENT_MISSING, new.id, parent, ''} end
    end
  end
  if get(new.id) then return {ALREADY, 0, '', '', ''} end
  local job = new_record(new)
  jobs[new.id] = job
  if unit then unit.created[#unit.created + 1] = job end
  touch(job)
  if new.unique ~= '' then
    local ends = new.window > 0 and later(new.window) or 0
    set_holder(new.unique, {new.id, new.held_while, ends})
    extra(job).k = new.unique
  end
  count('Created')
  arrive(job, new.state, new.away)
  if new.waits == 1 then wait_for_parents(job, new) end
  return nil
end

local function check(change, job)
  if not job then return {CONFLICT, NOT_FOUND, change.id, '', ''} end
  if change.epoch and not (job.kind == RUNNING and job.epoch == change.epoch) then
    -- Only the holder can have ended it under this epoch: every other way out raises the epoch.
    if job.epoch == change.epoch then return {ALREADY, 0, '', '', ''} end
    return {CONFLICT, WRONG_EPOCH, change.id, '', ''}
  end
  if change.expected ~= '' and change.expected ~= state_of(job) then
    return {CONFLICT, WRONG_STATE, change.id, '', ''}
  end
  return nil
end

local function take_from_holder(job)
  local server, epoch = job.server, job.epoch
  local x = extra(job)
  x.o = server .. write('>I6', epoch)
  later_call('SADD', key.stopping .. server, job.id)
  news.servers[server] = true
  job.epoch = epoch + 1
end

local function end_run(job, change)
  job.result, job.delay, job.duration = change.result, change.delay + 1, change.duration + 1
  clear(job, SUSPECT)
  if may_have_extra(job) then extra(job).c = nil end
end

local function apply(change)
  local job = get(change.id)
  local refusal = check(change, job)
  if refusal then return refusal end
  touch(job)
  if not change.epoch and job.kind == RUNNING then take_from_holder(job) end
  leave(job)
  if change.epoch then end_run(job, change) end
  change_parameters(job, change.parameters)
  job.attempt = change.attempt or job.attempt
  job.queue = change.queue or job.queue
  job.priority = change.priority or job.priority
  arrive(job, change.state, change.away)
  settle(job, change.state.ending, change.release)
  return nil
end

local function was_applied(id, new_jobs, looks_back)
  for _, new in ipairs(new_jobs) do
    if get(new.id) then return true end
  end
  if known_units[id] then return true end
  if not looks_back then return false end
  if id ~= NO_ID and call('ZSCORE', key.units, 'u' .. id) then return true end
  for _, new in ipairs(new_jobs) do
    if call('ZSCORE', key.units, 'j' .. new.id) then return true end
  end
  return false
end

local function remember(id, existing)
  if id == NO_ID then return end
  known_units[id] = true
  later_call('ZADD', key.units, now, 'u' .. id)
  if #existing > 0 then later_call('HSET', key.existing, id, concat(existing)) end
end

local function run_steps(new_jobs, changes, existing)
  for _, new in ipairs(new_jobs) do
    local refusal = create(new, existing)
    if refusal then return refusal end
  end
  for _, change in ipairs(changes) do
    local refusal = apply(change)
    if refusal then return refusal end
  end
  return nil
end

local function run_unit(id, new_jobs, changes, looks_back)
  local takes = false
  for _, change in ipairs(changes) do takes = takes or not change.epoch end
  if (takes or #new_jobs > 0) and was_applied(id, new_jobs, looks_back) then
    local existing = known_units[id]
    if type(existing) ~= 'string' then existing = call('HGET', key.existing, id) or '' end
    return {ALREADY, 0, '', '', existing}
  end
  local existing = {}
  begin_unit()
  local refusal = run_steps(new_jobs, changes, existing)
  if refusal then
    take_back()
    for _, change in ipairs(changes) do
      local job = change.epoch and get(change.id)
      if job then clear_stopping(job, change.epoch) end
    end
    return refusal
  end
  unit = nil
  if takes or #existing > 0 then
    remember(id, existing)
    known_units[id] = concat(existing)
  end
  if #existing > 0 then return {APPLIED, 0, '', '', concat(existing)} end
  return APPLIED
end

local function general()
  local id, looks_back, job_count, change_count =
    next_word(), next_word() == '1', tonumber(next_word()), tonumber(next_word())
  local new_jobs, changes = {}, {}
  for i = 1, job_count do new_jobs[i] = next_job() end
  for i = 1, change_count do changes[i] = next_change() end
  return run_unit(id, new_jobs, changes, looks_back)
end

-- Plain creations: one command for all records, one for all places.

local function plain_creations()
  local number, queue, priority = tonumber(next_word()), next_word(), tonumber(next_word())
  local marks, state = tonumber(next_word()), next_word()
  local last = call('HMGET', P, 'number', 'step')
  local job_number, position = tonumber(last[1]) or 0, tonumber(last[2]) or 0
  local code = STATE_CODES[state] or 0
  local name = code == 0 and state or ''
  local head = write('>BBHI6I7i8I7', READY, 0, marks, 0, now, 0, 0) .. NO_ID ..
               string.rep('\0', 21) .. char(code) .. number_bytes(now)
  local tail = char(#name) .. name .. '\0\0\0\0'
  local base = place_of(priority, position)
  local ready = number_bytes(now)
  local job_key = key.job
  local records, places, ids, apart = {}, {}, {}, {}
  local has_apart = marks == APART
  for i = 1, number do
    local id = next_word()
    ids[i] = id
    records[2 * i - 1] = job_key .. id
    records[2 * i] = head .. write('>I7I7', job_number + i, base + i) .. ready .. next_word() .. tail
    places[2 * i - 1] = base + i
    places[2 * i] = id
    if has_apart then push(apart, key.arguments .. id, next_word()) end
  end
  if number <= 2000 then
    if call('MSETNX', unpack(records)) == 0 then return 0 end
  else
    for first = 1, #records, 2000 do
      local names = {}
      for i = first, math.min(first + 1999, #records), 2 do names[#names + 1] = records[i] end
      if call('EXISTS', unpack(names)) > 0 then return 0 end
    end
    set_all(records)
  end
  set_all(apart)
  call('HSET', P, 'number', job_number + number, 'step', position + number)
  spread('ZADD', key.lane .. queue, places)
  fill_row('all', job_number + 1, ids)
  call('HINCRBY', key.live, queue .. '\0' .. state, number)
  write_entries({Created = number})
  tell('queue/' .. queue)
  return 1
end

-- Plain ends: first run, nothing special, *Enqueued* before. The others go the general way.

local PLAIN_RUN = char(RUNNING, 0, 0, WAITED + RAN)
local PLAIN_REST = string.rep('\0', 7) .. char(STATE_CODES.Enqueued)

local function plain_ends()
  local number = tonumber(next_word())
  local state = read_state(next_word())
  local ids, epochs, tails, results = {}, {}, {}, {}
  for i = 1, number do
    ids[i], epochs[i], tails[i], results[i] = next_word(), next_word(), next_word(), next_word()
  end
  local texts = read_all(key.job, ids)
  local due = state.retention and later(state.retention) or 0
  if due == LAST then due = 0 end
  local row = (state.kind == PARKED and 'p:' or 'f:') .. state.name
  local code = STATE_CODES[state.name]
  local heads, ended, live, running = {}, {}, {}, {}
  local plain, which, others = {}, {}, {}
  for i = 1, number do
    local text = texts[i]
    if code and text and sub(text, 1, 4) == PLAIN_RUN and sub(text, 5, 10) == epochs[i] and
       sub(text, 63, 70) == PLAIN_REST then
      local claim = sub(text, 26, 48)
      ended[claim] = (ended[claim] or 0) + 1
      local queue = sub(text, 104, 103 + byte(text, 103))
      running[queue] = (running[queue] or 0) - 1
      plain[#plain + 1] = ids[i]
      which[#which + 1] = i
    else
      others[#others + 1] = i
    end
  end
  if #plain > 0 then
    local first = call('HINCRBY', P, 'row ' .. row, #plain) - #plain
    local end_code = char(code)
    local entering = write('>I7i8', now, due)
    for n, i in ipairs(which) do
      local text = texts[i]
      local head = heads[epochs[i]]
      if not head then
        head = write('>BBH', state.kind, state.ending, WAITED + RAN + PENDING) .. epochs[i] .. entering
        heads[epochs[i]] = head
      end
      head = head .. number_bytes(first + n - 1) .. sub(text, 33, 55) .. tails[i] .. end_code
      if results[i] == '' then
        call('SETRANGE', key.job .. ids[i], 0, head)
      else
        call('SET', key.job .. ids[i], head .. sub(text, HEAD + 1, -5) .. write('>I4', #results[i]) .. results[i])
      end
    end
    fill_row(row, first, plain, due > 0 and due or nil)
    end_claims(ended)
    for queue, delta in pairs(running) do
      live[queue .. '\0Processing'] = delta
      live[queue .. '\0' .. state.name] = -delta
    end
    add_numbers(key.running, running)
    add_numbers(key.live, live)
    write_entries({[state.name] = #plain})
    tell('jobs', concat(plain))
  end
  local answers = {}
  if #others == 0 then return answers end
  begin_work()
  for _, i in ipairs(others) do
    local delay, duration = read('>I7I7', tails[i])
    local change = {id = ids[i], epoch = read('>I6', epochs[i]), expected = '', result = results[i],
                    parameters = '', state = state, release = 0, delay = delay - 1,
                    duration = duration - 1}
    local answer = run_unit(NO_ID, {}, {change}, false)
    if answer ~= APPLIED then push(answers, i, answer) end
  end
  flush()
  return answers
end

local answers = {}
local open = false  -- whether a session holds changes that are not written yet
while at < #ARGV do
  local section = next_word()
  if section == 'U' then
    if not open then begin_work() end
    open = true
    answers[#answers + 1] = general()
  else
    if open then flush() end
    open = false
    local answer
    if section == 'C' then answer = plain_creations() else answer = plain_ends() end
    answers[#answers + 1] = answer
    if answer == 0 then break end
  end
end
if open then flush() end
return answers
